"""Kill a toy campaign everywhere and see what is lost: ``python -m tests.crash``.

Two campaigns of seconds, one that a policy runs and one that a scripted person decides, are traced once, then
killed at every passing of every named crash point (up to the third), then at random times, the whole process
group and the runner alone. Each is started again and goes on to its end. The decisions that were acknowledged
and written down outside, the lines of the reference calculator, the results in the job folders and the course
of the undisturbed campaign must agree with its log. Exit code 1 if they do not; those campaigns are kept.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.crash.harness import rounds


def times(done):
    """Seconds from the restart to the end, of the rounds that had one."""
    return [one.seconds for one in done if one.seconds is not None] or [float("nan")]


FIGURES = {
    "kills": len,
    "hit": lambda done: sum(one.hit for one in done),
    "decisions acknowledged": lambda done: sum(one.verdict.acknowledged for one in done),
    "calculations started": lambda done: sum(one.verdict.started for one in done),
    "calculations completed": lambda done: sum(one.verdict.completed for one in done),
    "completed twice*": lambda done: sum(one.verdict.repeated for one in done),
    "labels": lambda done: sum(one.verdict.labels for one in done),
    "s from restart to end, median": lambda done: f"{median(times(done)):.1f}",
    "slowest": lambda done: f"{max(times(done)):.1f}",
    "broken": lambda done: sum(len(one.verdict.broken) for one in done),
}


def group_of(done):
    """The column that a round is counted in."""
    if done.kill.point:
        return "named points"
    return "random: group" if done.kill.whole_group else "random: runner"


def table(done):
    """Figures of all rounds; `hit` are those that were killed before they had ended."""
    groups = sorted({group_of(one) for one in done})
    columns = [*([one for one in done if group_of(one) == group] for group in groups), done]
    shown = Table("", *groups, "all")
    for name, figure in FIGURES.items():
        shown.add_row(name, *(str(figure(column)) for column in columns))
    shown.caption = "* their job was killed with the result in memory: nobody can know of it"
    return shown


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--points", type=int, help="kills at named points, taken by chance; default: all")
    parser.add_argument("--random", type=int, default=200, help="kills at random times; default: 200")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--match", default="", help="only named points with this in them: ReferenceSubmitted:2"
    )
    parser.add_argument("--jobs", type=int, default=1, help="rounds at the same time; default: 1")
    said = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="deltadesk-crash-")) / "rounds"
    started = time.monotonic()
    count, results = rounds(
        folder, said.points, said.random, seed=said.seed, match=said.match, jobs=said.jobs
    )
    console = Console(stderr=True)
    done = list(track(results, "killing", count, console=console, disable=not console.is_terminal))
    if done:
        Console().print(table(done))
    broken = [words for one in done for words in one.verdict.broken]
    for words in broken:
        print(words)
    verdict = f"{len(broken)} broken" if broken else "nothing lost, nothing done twice"
    print(f"seed {said.seed}, {count} kills in {time.monotonic() - started:.0f} s: {verdict}")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()

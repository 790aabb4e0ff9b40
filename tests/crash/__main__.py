"""Kill a toy campaign everywhere and see what is lost: ``python -m tests.crash``.

Two campaigns of seconds, one that a policy runs and one that a scripted person decides, are traced once, then
killed at every passing of every named crash point (up to the third), then at random times, the whole process
group and the runner alone. Each is started again and goes on to its end. The decisions that were acknowledged
and written down outside, the lines of the reference calculator, the results in the job folders and the course
of the undisturbed campaign must agree with its log. Exit code 1 if they do not, if a named kill did not hit,
or if there is a point that neither campaign passes and no other test does; campaigns that broke are kept.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.crash.harness import at_points, at_random, rounds, traced
from tests.crash.points import unpassed


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
        "--match", nargs="+", default=[""], help="only named points with one of these in them: Submitted:2"
    )
    parser.add_argument("--jobs", type=int, default=1, help="rounds at the same time; default: 1")
    said = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="deltadesk-crash-")) / "rounds"
    started = time.monotonic()
    known, rng = traced(folder), random.Random(said.seed)
    named = [kill for kill in at_points(known) if any(part in kill.words for part in said.match)]
    if said.points is not None and said.points < len(named):
        named = rng.sample(named, said.points)
    kills = named + at_random(known, said.random, rng)
    results = rounds(folder, known, kills, jobs=said.jobs)
    console = Console(stderr=True)
    done = list(track(results, "killing", len(kills), console=console, disable=not console.is_terminal))
    if done:
        Console().print(table(done))
    broken = [f"{point}: no campaign comes there" for point in sorted(unpassed(known))]
    broken += [words for one in done for words in one.verdict.broken]
    for words in broken:
        print(words)
    verdict = f"{len(broken)} broken" if broken else "nothing lost, nothing done twice"
    print(f"seed {said.seed}, {len(kills)} kills in {time.monotonic() - started:.0f} s: {verdict}")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()

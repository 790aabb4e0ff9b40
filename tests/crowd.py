"""A crowd decides at once, in real sessions: ``python -m tests.crowd [--people 20] [--candidates 1000]``.

Every person signs in on the sign-in page, opens Review and decides a list of candidates one after the other.
Every candidate is on the lists of two people or more, who look at it, wait for one another and press at the
same moment, often for opposite decisions. Then the log and what each page was told are held against what was
pressed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.core import CandidateApproved, CandidateVetoed, CommandRefused
from engine.store import Store
from tests.support import history, large
from tests.support.desk_client import DeskClient, sign_in
from tests.support.serving import deltadesk_serve

NAME = "crowd"
LOOK = 0.002  # s between two looks of the witness at the log
QUIET = 60.0  # s within which the last one is told
PATIENCE = 600.0  # s, for a page on a machine that does other work as well


@dataclass(frozen=True)
class Press:
    """What one person does with one candidate: ``a`` approves, a digit vetoes with that reason."""

    candidate: str
    key: str

    @property
    def kind(self) -> str:
        """The command it makes."""
        return "ApproveCandidate" if self.key == "a" else "VetoCandidate"


@dataclass
class Person:
    """One of the crowd: the plan, when each key was pressed and answered (s since 1970), the toasts."""

    name: str
    plan: list[Press] = field(default_factory=list)
    pressed: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


def crowd(n_people: int, candidates: list[str], rng: np.random.Generator) -> list[Person]:
    """People whose lists overlap: two, three or four for each candidate, half of them against it."""
    people = [Person(f"person-{k:02d}") for k in range(n_people)]
    for candidate in candidates:
        several = min(n_people, int(rng.choice([2, 3, 4], p=[0.7, 0.2, 0.1])))
        for k in rng.choice(n_people, several, replace=False):
            key = "a" if rng.random() < 0.5 else str(rng.integers(1, 6))
            people[k].plan.append(Press(candidate, key))
    return people


class Witness(threading.Thread):
    """Another reader of the log: when it first saw each answer, by (person, candidate)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self._store = Store(folder)
        self._ended = threading.Event()
        self.seen: dict[tuple[str, str], float] = {}
        self._last = self._store.events()[-1].seq

    def run(self) -> None:
        """Look until `close`."""
        while not self._ended.wait(LOOK):
            news = self._store.events(after=self._last)
            now = time.time()
            for item in news:
                if isinstance(item.event, CandidateApproved | CandidateVetoed | CommandRefused):
                    self.seen[item.event.by, str(item.event.candidate)] = now
            self._last = news[-1].seq if news else self._last

    def close(self) -> None:
        """End it."""
        self._ended.set()
        self.join()
        self._store.close()


async def decide(tab: DeskClient, person: Person, together: dict[str, asyncio.Barrier]) -> None:
    """Go through the plan as a person does: look at the card, press, wait until the page has taken it.

    The lists are in one order, so that nobody waits for ever.
    """
    for press in person.plan:
        looks = f"<b>{press.candidate}</b>"
        await tab.set("QueueList", selected=press.candidate)
        await tab.until(lambda look=looks: look in tab.text("dd-why"), f"the card of {press}", PATIENCE)
        await together[press.candidate].wait()
        person.pressed[press.candidate] = time.time()
        for key in ["a"] if press.key == "a" else ["x", press.key]:
            await tab.key(key)
        await tab.until(
            lambda c=press.candidate, look=looks: (
                look not in tab.text("dd-why") or any(c in t for t in tab.told)
            ),
            f"an answer to {press}",
            PATIENCE,
        )
        person.answered[press.candidate] = time.time()


async def meet(url: str, people: list[Person], passwords: dict[str, str], folder: Path) -> float:
    """Everybody signs in and opens the page; then they decide at once. Return the seconds it took."""
    tabs = {}
    for person in people:
        cookie = await sign_in(url, person.name, passwords[person.name])
        assert cookie, f"{person.name} cannot sign in"
        tabs[person.name] = await DeskClient.open(url, cookie, campaign=NAME, page="review")
    for tab in tabs.values():
        await tab.until(lambda tab=tab: "QueueList" in tab.models and tab.queue(), "the queue", PATIENCE)
    count = Counter(press.candidate for person in people for press in person.plan)
    together = {candidate: asyncio.Barrier(n) for candidate, n in count.items()}
    started = time.monotonic()
    await asyncio.gather(*(decide(tabs[person.name], person, together) for person in people))
    await _all_answered(folder)
    seconds = time.monotonic() - started
    owed = losers(folder)
    for person in people:
        tab = tabs[person.name]
        with suppress(AssertionError):  # `problems` says who was not told
            await tab.until(
                lambda tab=tab, owed=owed[person.name]: all(
                    any(_says(t, *o) for t in tab.told) for o in owed
                ),
                f"what {person.name} lost",
                patience=QUIET,
            )
        person.told = list(tab.told)
        await tab.close()
    return seconds


async def _all_answered(folder: Path) -> None:
    store = Store(folder)
    with suppress(TimeoutError):  # `problems` says which are in no log
        async with asyncio.timeout(QUIET):
            while store.pending():
                await asyncio.sleep(0.01)
    store.close()


def losers(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """(candidate, winner) of every decision that does not hold, by whom it belonged to."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    holds: dict[str, str] = {}
    for item in history.events(folder):
        event = item.event
        if isinstance(event, CandidateApproved | CandidateVetoed):
            if event.candidate in holds:
                found[holds[event.candidate]].append((event.candidate, event.by))
            holds[event.candidate] = event.by
        elif isinstance(event, CommandRefused) and event.candidate:
            found[event.by].append((event.candidate, holds[event.candidate]))
    return found


def problems(folder: Path, people: list[Person]) -> list[str]:
    """What is wrong, one line each; nothing if every promise was kept."""
    said = []
    answers: dict[tuple[str, str], list[str]] = defaultdict(list)
    order: dict[str, list[str]] = defaultdict(list)
    for item in history.events(folder):
        event = item.event
        if isinstance(event, CandidateApproved | CandidateVetoed | CommandRefused) and event.by.startswith(
            "person"
        ):
            answers[event.by, str(event.candidate)].append(event.kind)
            order[event.by].append(str(event.candidate))
    lost = losers(folder)
    for person in people:
        for press in person.plan:
            found = answers[person.name, press.candidate]
            at_once = any(_says(text, press.candidate, "person-") for text in person.told)
            if len(found) > 1:
                said.append(f"{person.name}: {press} was answered {len(found)} times")
            if not found and not at_once:
                said.append(f"{person.name}: {press} was taken by the page and is in no log")
        sent = [press.candidate for press in person.plan if answers[person.name, press.candidate]]
        if order[person.name] != sent:
            said.append(f"{person.name}: decisions stand in another order than they were pressed")
        for candidate, winner in lost[person.name]:
            if not any(_says(text, candidate, winner) for text in person.told):
                said.append(f"{person.name} lost {candidate} to {winner} and was not told")
    decided = Counter(c for (_, c), kinds in answers.items() if set(kinds) - {"CommandRefused"})
    wanted = {press.candidate for person in people for press in person.plan}
    said += [f"{candidate} is still undecided" for candidate in sorted(wanted - set(decided))]
    return said


def _says(text: str, candidate: str, winner: str) -> bool:
    return candidate in text and winner in text and " ago" in text


def figures(people: list[Person], seen: dict[tuple[str, str], float], seconds: float) -> str:
    """Decisions a second, and the times from a key to the log and to the page."""
    durable = [
        1000 * (seen[p.name, c] - at) for p in people for c, at in p.pressed.items() if (p.name, c) in seen
    ]
    page = [1000 * (p.answered[c] - at) for p in people for c, at in p.pressed.items()]
    pressed = len(page)
    return (
        f"{pressed} decisions of {len(people)} people in {seconds:.1f} s: {pressed / seconds:.0f} a second\n"
        f"key → durable in the log: {_spread(durable)}\nkey → taken by the page: {_spread(page)}"
    )


def _spread(values: list[float]) -> str:
    p95 = sorted(values)[int(0.95 * (len(values) - 1))]
    return f"median {statistics.median(values):.0f} ms, p95 {p95:.0f} ms"


def run(root: Path, n_people: int, n_candidates: int, seed: int = 0) -> tuple[str, list[str]]:
    """Let a crowd loose on a fresh campaign under `root`; return the figures and what is wrong."""
    budget = n_candidates + 1
    folder = large.make(
        root / "home" / NAME, n_candidates, paused=True, budget=budget, curation={"hold": 3600.0}
    )
    ids = [c.event.candidate for c in history.events(folder) if c.event.kind == "CandidateSelected"]
    people = crowd(n_people, ids, np.random.default_rng(seed))
    passwords = {person.name: f"the password of {person.name}" for person in people}
    table = root / "passwords.json"
    table.write_text(json.dumps(passwords))
    table.chmod(0o600)
    roles = "".join(f'{person.name} = "curate"\n' for person in people)
    (root / "home" / "people.toml").write_text(f"[people]\n{roles}")
    env = {"DELTADESK_HOME": str(root / "home")}
    server = deltadesk_serve(root / "log.txt", "--password-file", table, env=env)
    witness = Witness(folder)
    witness.start()
    try:
        seconds = asyncio.run(meet(server.url, people, passwords, folder))
    finally:
        witness.close()
        server.stop()
    lost = sum(map(len, losers(folder).values()))
    told_at_once = sum(len(p.plan) for p in people) - len(witness.seen)
    said = f"{lost} lost in the log, {told_at_once} told before they were sent"
    return f"{figures(people, witness.seen, seconds)}\n{said}", problems(folder, people)


def main() -> int:
    """Print the figures; exit status 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--candidates", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        said, wrong = run(Path(root), given.people, given.candidates, given.seed)
    print(said)
    for line in wrong:
        print(f"WRONG: {line}")
    print(
        "every decision is in the log once, in its order, and every loser was told" if not wrong else "failed"
    )
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

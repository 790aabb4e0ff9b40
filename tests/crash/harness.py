"""Which kills there are, and one round for each of them."""

import shutil
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.crash import toys
from tests.crash.rounds import JOB, Kill, play, undisturbed

CAP = 3
"""Passings of one point at which it is killed: later ones differ in nothing but numbers."""

BY_CHANCE = ("before-kill", "after-kill")
"""Points that are passed again until the process is gone, which takes one passing or more."""


def at_points(traced):
    """A kill at each of the first passings of each point that a campaign passes.

    A job that is killed has failed, like one that ran out of memory: what follows wants a person.
    """
    return [
        Kill(kind, point, nth)
        for kind, known in traced.items()
        for point, passings in sorted(known.points.items())
        for nth in range(1, min(passings, 1 if point in BY_CHANCE else CAP) + 1)
        if kind == "person" or not point.startswith(JOB)
    ]


def at_random(traced, count, rng):
    """Kills at times that are uniform in a campaign's length; both campaigns and both victims in turn."""
    kinds = [list(traced)[k // 2 % len(traced)] for k in range(count)]
    return [
        Kill(kind, after=rng.uniform(0.05, traced[kind].seconds), whole_group=k % 2 == 0)
        for k, kind in enumerate(kinds)
    ]


def traced(folder):
    """Both campaigns, undisturbed, in a folder that is made anew."""
    folder.mkdir(parents=True)
    return {kind: undisturbed(folder / kind, kind) for kind in toys.KINDS}


def rounds(folder, known, kills, *, jobs=1):
    """Iterator over what came of each of these kills.

    Parameters
    ----------
    folder : that of `traced`; campaigns that broke something are left in it
    known : the undisturbed campaigns
    jobs : rounds at the same time
    """
    wanted = [
        (folder / f"round-{number:04d}", kill, known[kill.kind].course) for number, kill in enumerate(kills)
    ]
    return _played(wanted, jobs)


def _played(wanted, jobs):
    if jobs == 1:
        yield from (_round(*one) for one in wanted)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        for future in as_completed([pool.submit(_round, *one) for one in wanted]):
            yield future.result()


def _round(folder, kill, course):
    done = play(folder, kill, course)
    if done.verdict.broken:
        done.verdict.broken = [f"{kill.words}: {words} ({folder})" for words in done.verdict.broken]
    else:
        shutil.rmtree(folder)
    return done

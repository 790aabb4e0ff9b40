"""Two searches in one campaign: shares, names and duplicates, as the log and the store tell them."""

from collections import Counter
from dataclasses import replace

import ase.io
import numpy as np
import pytest
from ase import Atoms

from engine.campaigns import start_structure
from engine.config import load
from engine.core import CandidateSelected
from engine.loop.messages import Explore, Select
from engine.loop.tasks import archive_of, explore, select
from engine.potentials.relax import relax
from engine.potentials.saved import make_base
from engine.protocols import Flag
from engine.store import Store
from tests.support import history, toy


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A toy campaign in which basin hopping takes three steps of four."""
    folder = toy.make(tmp_path_factory.mktemp("searches") / "toy")
    path = folder / "campaign.toml"
    path.write_text(path.read_text().replace('"basin-hopping"', '"basin-hopping"\nshare = 3'))
    done = toy.run(folder, "run", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_steps_are_taken_by_shares(finished):
    store = Store(finished)
    taken = Counter()
    for chain, steps in store.count_steps(0).items():
        taken[chain.split("/")[0]] += steps
    assert store.count_steps(store.events()[-1].seq + 1) == {}
    store.close()
    n = sum(taken.values())
    assert n >= 2
    assert abs(taken["basin-hopping"] - 0.75 * n) < 1


def test_a_candidate_names_the_search_that_found_it(finished):
    store = Store(finished)
    selected = [i.event for i in history.events(finished) if isinstance(i.event, CandidateSelected)]
    rows = store.proposals([event.candidate for event in selected])
    store.close()
    assert {event.generator for event in selected} == {"basin-hopping", "random-search"}
    assert [event.generator for event in selected] == [row.generator.split("/")[0] for row in rows]


def test_a_frame_of_a_trajectory_says_why_it_was_taken(finished):
    store, settings = Store(finished), load(finished)
    row = store.proposals(["c-000001"])[0]
    (structure,) = store.structures(["c-000001"])
    structure.calc = None
    structure.info = {"kind": "md", "terms": {"u-max": 0.25, "P_U": 0.5, "P_E": 0.9, "draw": 0.125}}
    about = {"generator": "random-search/0", "step": 98, "parent": None, "flags": []}
    about |= {"base_energy": row.base_energy, "features": row.features}
    with store.transaction(len(store.events()), 1.0) as tx:
        frame, later = (tx.propose(structure, model_id=m, **about) for m in ("m-0000", "m-0001"))
        tx.label(later, 1.0, np.zeros((len(structure), 3)))
    (said,) = store.structures([frame])
    store.close()
    assert said.info["terms"] == structure.info["terms"]
    (chosen,) = select(Select(finished, settings, "m-0000", (frame,), (), (), ())).chosen
    assert chosen.why.endswith(
        "A frame of molecular dynamics: largest spread of forces 0.250 eV/Å, P = 0.500 for its uncertainty × "
        "0.900 for its energy, 0.125 was drawn."
    )
    request = Explore(finished, settings, "m-0001", "md/0", 1, None, (frame, later))
    bare, fitted = (one.info for one in archive_of(request).labelled())
    assert "terms" not in bare, "the zero of the bare potential's energies is its own"
    assert fitted["terms"] == structure.info["terms"]


def test_a_chain_is_told_what_others_of_its_search_proposed(finished):
    store = Store(finished)
    rows = store.proposals(store.pool(1000))
    assert {row.generator for row in rows} == {"basin-hopping/0", "random-search/0"}
    of_search = store.of_chain("basin-hopping/0")
    expected = store.structures(of_search)
    assert store.of_other_chains("basin-hopping/1", 2) == of_search[-2:]
    store.close()
    request = Explore(finished, load(finished), "m-0000", "basin-hopping/0", 1, None, ())
    assert archive_of(request).others() == [], "these are its own"
    assert archive_of(replace(request, chain="basin-hopping/1")).others() == expected


def test_who_repeats_an_older_one_carries_a_flag_that_names_it(finished):
    """A step that finds a minimum which was proposed before, or twice itself, is what small clusters do."""
    store, settings = Store(finished), load(finished)
    row = store.proposals(["c-000001"])[0]
    (structure,) = store.structures(["c-000001"])
    structure.calc = None
    with store.transaction(len(store.events()), 1.0) as tx:
        twins = [
            tx.propose(
                structure,
                generator="random-search/0",
                step=99,
                model_id="m-0000",
                parent=None,
                base_energy=row.base_energy + 1e-4,
                features=row.features,
                flags=flags,
            )
            for flags in ([], [Flag("duplicate", "told by the worker")])
        ]
    store.close()
    chosen = select(Select(finished, settings, "m-0000", tuple(twins), (), (), ())).chosen
    reasons = {c.candidate: [flag.reason for flag in c.flags] for c in chosen}
    assert reasons[twins[0]][0].startswith("the same minimum as c-000001: 0.1 meV")
    assert reasons[twins[1]] == ["told by the worker"]


def test_only_the_random_baseline_needs_no_model(finished):
    """Without a σ the clever rules take what is unlike the rest; the baseline draws from the start."""
    store, settings = Store(finished), load(finished)
    pool = tuple(store.pool(12))
    store.close()
    reasons = {}
    for rule in ("random", "expected-improvement", "lower-confidence-bound"):
        ruled = settings.model_copy(
            update={"selection": settings.selection.model_copy(update={"rule": rule})}
        )
        chosen = select(Select(finished, ruled, "m-0000", pool, (), (), ())).chosen
        reasons[rule] = {c.why.split()[0] for c in chosen}
    assert reasons == {
        "random": {"Drawn"},
        "expected-improvement": {"One"},
        "lower-confidence-bound": {"One"},
    }


def test_the_walk_begins_in_the_start_structure_and_takes_its_composition(tmp_path):
    folder = toy.make(tmp_path / "toy", budget=1)
    start = Atoms("Cu3Ag2", [[0, 0, 0], [2.5, 0, 0], [1.2, 2.2, 0], [1.2, 0.8, 2.4], [1.2, 0.8, -2.4]])
    ase.io.write(folder / "start.xyz", start)
    path = folder / "campaign.toml"
    path.write_text(path.read_text().replace('composition = "Cu3Ag2"', 'start = "start.xyz"'))
    settings = load(folder)
    assert settings.system.composition == "Ag2Cu3"
    chosen = start_structure(folder, settings.system)
    np.testing.assert_allclose(chosen.positions.mean(axis=0), 7.0)
    Store.create(folder).close()
    explored = explore(Explore(folder, settings, "m-0000", "basin-hopping/0", 0, None, ()))
    assert [found.structure.get_chemical_formula() for found in explored.found] == ["Ag2Cu3"]
    potential = make_base(settings.potential)
    (relaxed,) = relax([chosen], potential, 0.05, 20).structures
    np.testing.assert_allclose(explored.found[0].structure.positions, relaxed.positions)
    assert len(explored.state["walkers"]) == 3

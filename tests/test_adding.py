"""The examples of the guide are run: what they teach is what works."""

import re

import numpy as np
import pytest
from ase import Atoms

from engine import registry
from engine.config import ChecksSettings, ReferenceSettings, SelectionSettings, SystemSettings
from engine.core import ApproveCandidate, ControlRun
from engine.references.folder import JobInput
from engine.references.job import calculate
from engine.registry import Plugin
from engine.space import Space
from tests.clusters import examined, random_clusters
from tests.contracts.test_acquisition import pool
from tests.laws.strategies import World
from tests.support.toy import REPOSITORY

TEXT = (REPOSITORY / "assets/guide/adding.md").read_text()
SECTIONS = dict(re.findall(r"^## … ([\w ]+?) \(.*?```python\n(.*?)```", TEXT, flags=re.M | re.S))


@pytest.fixture
def example(request, monkeypatch):
    """What a section's code defines."""
    names = {}
    exec(compile(SECTIONS[request.param], f"adding.md: {request.param}", "exec"), names)
    return names


def only(kind):
    return pytest.mark.parametrize("example", [kind], indirect=True)


def test_every_kind_of_plug_in_has_its_example():
    words = {"generators": "search", "acquisition": "selection rule", "plot": "plot"}
    kinds = [words.get(group, group.removesuffix("s")) for group in [*registry.BUILT_IN, "plot"]]
    assert sorted(SECTIONS) == sorted(kinds)


@only("search")
def test_search(example):
    space = Space.of(SystemSettings(composition="Cu4", confinement=10.0))
    search = example["Compressed"](None, space)
    potential = registry.make("potentials", "ase", calculator="ase.calculators.emt:EMT")
    state, (proposal,) = search.step(search.start(), potential, np.random.default_rng(0))
    assert state == {"placed": 1}
    assert proposal.structure.get_chemical_formula() == "Cu4"
    assert np.abs(potential.predict([proposal.structure]).forces[0]).max() < 0.5


@only("selection rule")
def test_selection_rule(example):
    among = pool(30)
    picks = example["Lowest"](SelectionSettings(flag_penalty=0.0)).select(among, 5, np.random.default_rng(0))
    assert [pick.index for pick in picks] == np.argsort(among.energy)[:5].tolist()


@only("potential")
def test_potential(example, monkeypatch):
    monkeypatch.setitem(registry.BUILT_IN["potentials"], "springs", Plugin("here:Springs"))
    monkeypatch.setattr(Plugin, "load", lambda _: example["Springs"])
    plain = registry.make("potentials", "springs", calculator=None, settings={})
    springs = registry.make("potentials", "springs", calculator=None, settings={"k": 2.0})
    structure = random_clusters("Cu3", 1)[0]
    moved = structure.copy()
    moved.positions[1, 2] += 1e-4
    said = springs.predict([structure, moved])
    np.testing.assert_allclose(2 * plain.predict([structure, moved]).energy, said.energy)
    slope = (said.energy[1] - said.energy[0]) / 1e-4
    assert slope == pytest.approx(-said.forces[0][1, 2], abs=1e-3)


@only("reference")
def test_reference(example, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(registry.BUILT_IN["references"], "morse", Plugin("here:MorseReference"))
    monkeypatch.setattr(Plugin, "load", lambda _: example["MorseReference"])
    assert registry.make("references", "morse", settings={}).provenance().settings == {}
    settings = ReferenceSettings(name="morse", settings={"epsilon": 2.0, "r0": 2.5})
    structure = Atoms("Cu2", [[0, 0, 0], [0, 0, 2.5]])
    result = calculate(JobInput.of("c-000001", 1, structure, settings))
    assert (result.failure, result.code) == ("", "ase")
    assert result.energy == pytest.approx(-2.0)
    assert result.settings == {"epsilon": 2.0, "r0": 2.5}


@only("check")
def test_check(example):
    check = example["Flat"](ChecksSettings())
    square = Atoms("Cu4", [[0, 0, 0], [2.5, 0, 0], [0, 2.5, 0], [2.5, 2.5, 0]])
    assert check(examined(square)).check == "flat"
    assert check(examined(random_clusters("Cu6", 1)[0])) is None


@only("plot")
def test_plot(example):
    world = World()
    world.obey(ControlRun(by="ada", auth="local", action="start"))
    world.select("c-000001")
    world.obey(ApproveCandidate(candidate="c-000001", by="ada", auth="local"))
    world.now += 60.0
    world.submit_due()
    plot = example["Cost"]()
    plot.update(world.campaign)
    assert len(plot._source.data["label"]) == 0
    world.finish("c-000001")
    plot.update(world.campaign)
    assert plot._source.data["label"].tolist() == [1]
    assert plot._source.data["seconds"].tolist() == [1.0]

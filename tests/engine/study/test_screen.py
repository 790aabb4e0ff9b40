"""A screening of toy potentials, taken up again, and who is suspicious in it."""

import json
import re

import numpy as np
import pytest

from engine.cli.screen import screen
from engine.errors import CampaignError, ConfigError
from engine.math import sturges, upper_fence
from engine.potentials.ase_calculator import ASECalculator
from engine.protocols import Prediction
from engine.study import Screened, read_screen, run_screen, screened, write_screen
from engine.study.screen import compared, material_file, structures_of
from engine.study.screen_report import page, result, suspicious
from tests.support.toy import REPOSITORY

PROTOCOL = """
name = "metals"
kinds = ["small"]
count = 2
[reference]
name = "emt"
[[potential]]
name = "ase"
calculator = "ase.calculators.lj:LennardJones"
settings = { sigma = 2.3, epsilon = 0.4, rc = 6.0 }
[[material]]
formula = "Cu"
lattice = "fcc"
lattice_constant = 3.61
[[material]]
formula = "Si"
lattice = "diamond"
lattice_constant = 5.43
[[material]]
formula = "Al"
lattice = "fcc"
lattice_constant = 4.05
"""


def written(folder, text=PROTOCOL):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "screen.toml"
    path.write_text(text)
    return path


class Shifted:
    """EMT with another zero of energy, and forces that are off by a constant."""

    def __init__(self, zero, force):
        self.emt = ASECalculator("ase.calculators.emt:EMT", {})
        self.zero, self.force = zero, force

    def predict(self, structures):
        said = self.emt.predict(structures)
        n_atoms = np.array([len(structure) for structure in structures])
        return Prediction(said.energy + self.zero * n_atoms, tuple(f + self.force for f in said.forces))


def test_a_zero_of_energy_is_no_error_and_members_are_averaged(tmp_path):
    asked = read_screen(written(tmp_path))
    structures = structures_of(asked, asked.material[0])
    emt = Shifted(0.0, 0.0)
    said = compared("Cu", structures, emt, [Shifted(5.0, 0.3), Shifted(1.0, -0.1)])
    assert said.energy == pytest.approx(0, abs=1e-12)
    assert said.forces == pytest.approx(0.1)
    assert said.spread == pytest.approx(0.4 / np.sqrt(2))
    true = np.concatenate([forces.ravel() for forces in emt.predict(structures).forces])
    assert said.force_size == pytest.approx(np.abs(true).mean())


def test_one_that_was_paused_goes_on_and_what_cannot_be_calculated_blocks_nothing(tmp_path, capsys):
    path, folder, told = written(tmp_path), tmp_path / "screen", []

    def pause(one):
        told.append(one)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_screen(read_screen(path), folder, pause)
    asked = read_screen(path)
    (first,) = [material for material in asked.material if material.name == told[0].name]
    kept = material_file(folder, first)
    before = kept.stat().st_mtime_ns
    screen(path, folder, as_json=True)
    assert kept.stat().st_mtime_ns == before
    said = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in said["materials"]] == ["Cu-fcc", "Si-diamond", "Al-fcc"]
    assert "Si" in said["materials"][1]["trouble"]  # EMT does not know it
    assert re.match("could not be calculated: ", said["suspicious"]["Si-diamond"][0])
    assert (folder / "histograms.svg").exists()
    with pytest.raises(CampaignError, match="holds a screening of another protocol"):
        run_screen(asked.model_copy(update={"count": 3}), folder)


def test_two_potentials_of_a_protocol_are_a_committee(tmp_path):
    member = PROTOCOL[PROTOCOL.index("[[potential]]") : PROTOCOL.index("[[material]]")]
    text = PROTOCOL.replace(member, member + member.replace("epsilon = 0.4", "epsilon = 0.2"))
    asked = read_screen(written(tmp_path, text))
    said = run_screen(asked, tmp_path / "screen")[0]
    structures = structures_of(asked, asked.material[0])
    shape = {"sigma": 2.3, "rc": 6.0}
    calculators = (
        ASECalculator("ase.calculators.emt:EMT", {}),
        ASECalculator("ase.calculators.lj:LennardJones", {**shape, "epsilon": 0.4}),
        ASECalculator("ase.calculators.lj:LennardJones", {**shape, "epsilon": 0.2}),
    )
    predicted = [one.predict(structures) for one in calculators]
    true, deep, shallow = (np.concatenate([f.ravel() for f in one.forces]) for one in predicted)
    assert said.forces == pytest.approx(np.abs((deep + shallow) / 2 - true).mean())
    assert said.spread == pytest.approx((np.abs(deep - shallow) / np.sqrt(2)).mean())
    energy, one, other = (p.energy / len(structures[0]) for p in predicted)
    wrong = (one + other) / 2 - energy
    assert said.energy == pytest.approx(np.abs(wrong - wrong.mean()).mean())


def some(asked, forces, energies=None):
    """Made-up numbers of as many materials."""
    energies = energies or [0.01] * len(forces)
    return [
        Screened(f"m{k}", 8, 4, energy=e, forces=f, force_size=1.0)
        for k, (f, e) in enumerate(zip(forces, energies, strict=True))
    ]


def test_the_suspicious_are_named_with_their_reasons_and_bins_are_those_of_sturges(tmp_path):
    asked = read_screen(written(tmp_path))
    found = some(asked, [0.10, 0.11, 0.12, 0.13, 0.30, 0.60], [0.01, 0.011, 0.012, 0.013, 0.2, 0.012])
    said = suspicious(asked, found)
    assert list(said) == ["m5", "m4"]
    assert "wrong by 60 % of their size" in said["m5"][-1]
    assert "energy error 200.0 meV/atom" in said["m4"][-1]
    bins = result(asked, found)["histograms"]["forces"]
    assert len(bins["counts"]) == sturges(6) == 4
    assert sum(bins["counts"]) == 6
    assert "No material is suspicious" in page(asked, some(asked, [0.10, 0.11, 0.12, 0.13]))
    assert suspicious(asked, some(asked, [0.1, 0.4])) == {}  # two have no quartiles
    (tmp_path / "out").mkdir()
    assert write_screen(asked, found, tmp_path / "out")["suspicious"] == said


def test_the_upper_fence_is_tukeys():
    assert upper_fence([1, 2, 3, 4, 5]) == pytest.approx(4 + 1.5 * 2)
    with pytest.raises(ValueError, match="at least one value"):
        upper_fence([])


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('formula = "Al"', 'formula = "Cu"', "each material is listed once, but Cu-fcc is twice"),
        ('lattice = "diamond"', 'lattice = "rocksalt"', "Si is no formula of a rocksalt crystal"),
        ('name = "emt"', 'name = "oracle"', "oracle"),
        ("count = 2", "count = 1", "count: must be 2 or more, got 1"),
        ('lattice = "diamond"', 'lattice = "none"', "lattice"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(tmp_path, before, after, says):
    with pytest.raises(ConfigError) as refused:
        read_screen(written(tmp_path, PROTOCOL.replace(before, after)))
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_example_can_be_asked():
    asked = read_screen(REPOSITORY / "assets/examples/screen-crystals/protocol.toml")
    assert len(asked.material) >= 30
    assert all(structures_of(asked, material) for material in asked.material)
    assert screened(asked, REPOSITORY / "nowhere") == []

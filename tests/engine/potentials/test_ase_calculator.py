import numpy as np
import pytest
from ase import Atoms
from ase.calculators.calculator import CalculationFailed, Calculator
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms

from engine.errors import ConfigError, MissingPackageError, StructureError
from engine.potentials.ase_calculator import ASECalculator, load_calculator
from tests.clusters import random_clusters

EMT_PATH = "ase.calculators.emt:EMT"


class FailsForTwo(Calculator):
    """Does not converge for dimers."""

    implemented_properties = ["energy", "forces"]  # noqa: RUF012 (ASE's own spelling)

    def calculate(self, atoms, *_):
        if len(atoms) == 2:
            raise CalculationFailed("no convergence")
        self.results = {"energy": 1.0, "forces": np.zeros((len(atoms), 3))}


def test_energies_and_forces_are_the_calculators():
    clusters = random_clusters("Ag5", 2) + random_clusters("Cu3", 1)
    prediction = ASECalculator(EMT_PATH, {}).predict(clusters)
    for i, cluster in enumerate(clusters):
        cluster.calc = EMT()
        assert prediction.energy[i] == cluster.get_potential_energy()
        np.testing.assert_array_equal(prediction.forces[i], cluster.get_forces())


def test_forces_on_fixed_atoms_are_forces():
    cluster = random_clusters("Ag3", 1)[0]
    free = ASECalculator(EMT_PATH, {}).predict([cluster]).forces[0]
    cluster.set_constraint(FixAtoms([0]))
    np.testing.assert_array_equal(ASECalculator(EMT_PATH, {}).predict([cluster]).forces[0], free)
    assert np.abs(free[0]).max() > 0
    assert len(cluster.constraints) == 1


def test_settings_reach_the_calculator():
    lennard_jones = load_calculator("ase.calculators.lj:LennardJones", {"epsilon": 2.0})
    assert lennard_jones.parameters.epsilon == 2.0


def test_a_failed_calculation_is_not_a_number_and_costs_no_other():
    potential = ASECalculator(f"{__name__}:FailsForTwo", {})
    prediction = potential.predict([Atoms("Ag"), Atoms("Ag2"), Atoms("Ag3")])
    np.testing.assert_array_equal(prediction.energy, [1, np.nan, 1])
    np.testing.assert_array_equal(prediction.forces[1], np.full((2, 3), np.nan))


def test_an_element_it_was_not_made_for_is_said():
    with pytest.raises(StructureError, match="cannot calculate S2: No EMT-potential for S"):
        ASECalculator(EMT_PATH, {}).predict([Atoms("S2", positions=[[0, 0, 0], [0, 0, 2]])])


@pytest.mark.parametrize("path", [None, "", "ase.calculators.emt", ":EMT", "ase.calculators.emt:"])
def test_what_is_no_import_path_is_refused_with_an_example(path):
    with pytest.raises(ConfigError, match=r"give its import path, e\.g\. ase\.calculators\.emt:EMT"):
        ASECalculator(path, {})


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("ase.calculators.emt:EMTT", ConfigError, "has no attribute 'EMTT'"),
        ("ase.calculators.emtt:EMT", ConfigError, r"there is no module ase\.calculators\.emtt"),
        ("nosuchpackage.ase:Thing", MissingPackageError, "pip install nosuchpackage"),
    ],
)
def test_a_path_that_leads_nowhere_is_said_in_one_line(path, error, words):
    with pytest.raises(error, match=words):
        ASECalculator(path, {})


def test_a_package_that_the_calculator_itself_misses_is_named(tmp_path, monkeypatch):
    (tmp_path / "needy_calculator.py").write_text("import nosuchdependency\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingPackageError, match="pip install nosuchdependency"):
        ASECalculator("needy_calculator:Needy", {})


def test_settings_it_does_not_take_are_said():
    with pytest.raises(ConfigError, match=r"does not take the settings \{'color': 'red'\}"):
        ASECalculator(f"{__name__}:Plain", {"color": "red"})


class Plain:
    """Takes no keyword arguments."""

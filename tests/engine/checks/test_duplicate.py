import numpy as np
import pytest
from ase import Atoms

from engine.checks import Duplicate
from engine.config import ChecksSettings, DeltaSettings
from engine.descriptors import SOAP
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.relax import relax
from engine.protocols import Flag, Known
from tests.clusters import examined, random_clusters, rotated

X = np.array([3.0, 4.0])  # length 5
CHECK = Duplicate(ChecksSettings(duplicate_distance=0.1, duplicate_energy=0.01))


def look(*known, energy=-1.0, features=X):
    return CHECK(examined(Atoms("Ag"), energy=energy, features=features, known=known))


def test_names_the_nearest_of_those_it_repeats():
    far, near = (
        Known("c-000003", -1.0, X + np.array([0.3, 0])),
        Known("c-000007", -1.004, X + np.array([0, 0.1])),
    )
    assert look(far, near) == Flag(
        "duplicate", "the same minimum as c-000007: 4.0 meV and 2.00 % of the SOAP vector apart"
    )


@pytest.mark.parametrize(
    ("other", "flagged"),
    [
        (Known("c-000001", -1.0, X), True),
        (Known("c-000001", -1.009, X + np.array([0.49, 0])), True),
        (Known("c-000001", -1.011, X), False),
        (Known("c-000001", -1.0, X + np.array([0.51, 0])), False),
    ],
)
def test_both_limits_must_hold(other, flagged):
    assert (look(other) is not None) == flagged


def test_nothing_known_nothing_repeated():
    assert look() is None
    assert look(Known("c-000001", -1.0, np.zeros(2)), features=np.zeros(2)) is not None


def test_a_minimum_that_is_found_again_is_told_from_others():
    """Ag8 in EMT: turned, shuffled, rattled and relaxed again it is the same; other minima are not."""
    emt, soap = ASECalculator("ase.calculators.emt:EMT", {}), SOAP(DeltaSettings(), ("Ag",))
    first, *others = relax(random_clusters("Ag8", 8), emt, 0.01, 400).structures
    again = rotated(first, 1)[::-1]
    again.positions += np.random.default_rng(0).normal(0, 0.05, again.positions.shape)
    (again,) = relax([again], emt, 0.05, 100).structures

    def known(name, structure):
        energy = float(emt.predict([structure]).energy[0])
        return Known(name, energy, soap.features(structure).sum(axis=0))

    check, seen = Duplicate(ChecksSettings()), known("", again)
    flag = check.compare(seen.energy, seen.features, [known("c-000001", first)])
    assert flag.reason.startswith("the same minimum as c-000001")
    lowest, blind = known("", first), Duplicate(ChecksSettings(duplicate_energy=100.0))
    different = [known(f"c-{k:06d}", other) for k, other in enumerate(others, 2)]
    apart = [k for k in different if abs(k.energy - lowest.energy) > 0.05]
    assert apart
    assert blind.compare(seen.energy, seen.features, apart) is None

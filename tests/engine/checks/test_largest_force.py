import pytest
from ase import Atoms

from engine.checks import LargestForce
from engine.config import ChecksSettings
from engine.protocols import Flag
from tests.clusters import examined


def test_names_the_force_and_the_limit():
    flag = LargestForce(ChecksSettings())(examined(Atoms("Ag"), fmax=1.567))
    assert flag == Flag("largest-force", "a force of 1.57 eV/Å after relaxation, more than 1")


@pytest.mark.parametrize(
    ("fmax", "flagged"), [(0.05, False), (2.0, False), (2.01, True), (float("nan"), True)]
)
def test_the_limit_is_a_setting(fmax, flagged):
    check = LargestForce(ChecksSettings(largest_force=2.0))
    assert (check(examined(Atoms("Ag"), fmax=fmax)) is not None) == flagged

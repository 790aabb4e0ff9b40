"""Real DFT labels, through the job, on systems that take seconds."""

import numpy as np
import pytest
from ase import Atoms

from engine import registry
from engine.config import ReferenceSettings
from engine.references.folder import JobInput
from engine.references.job import calculate

pytestmark = pytest.mark.gpaw


def label(name, structure, **settings):
    reference = ReferenceSettings(name=name, settings=settings)
    return calculate(JobInput.of("c-000001", 1, structure, reference))


def test_a_silver_dimer_in_lcao_pbe():
    """Ag2 binds; squeezed below its 2.53 Å (experiment; PBE 2.58) its atoms push each other away."""
    near = Atoms("Ag2", [[3, 3, 3], [3, 3, 5.35]], cell=[6, 6, 8.4])
    result = label("gpaw-lcao", near)
    assert (result.failure, result.words) == ("", "")
    forces = np.array(result.forces)
    assert forces[1, 2] > 0.5
    np.testing.assert_allclose(forces[0], -forces[1], atol=0.02)
    assert -2.5 < result.energy < 1.0  # against two reference atoms of the setups
    assert result.code == "gpaw"
    assert result.settings["xc"] == "PBE"
    assert result.settings["mode"] == "lcao"
    assert result.settings["basis"] == "dzp"
    assert result.settings["h"] == 0.2
    assert result.settings["occupations"] == {"name": "fermi-dirac", "width": 0.1}


def test_plane_waves_take_settings_of_one_s_own_also_k_points_of_a_periodic_cell():
    chain = Atoms("H2", [[2, 2, 0], [2, 2, 0.8]], cell=[4, 4, 2.4], pbc=[False, False, True])
    settings = {"mode": {"name": "pw", "ecut": 200.0}}
    one, four = (label("gpaw-pw", chain, **settings, kpts=[1, 1, k]) for k in (1, 4))
    assert (one.failure, four.failure) == ("", "")
    assert four.energy != pytest.approx(one.energy, abs=0.01)
    assert four.settings["kpts"] == [1, 1, 4]
    assert four.settings["xc"] == "PBE"
    preset = registry.find("references", "gpaw-pw").arguments["settings"]
    assert preset["mode"] == {"name": "pw", "ecut": 500.0}
    assert preset["kpts"] == [1, 1, 1]

"""What a screening of elements leaves, by its own writer."""

from engine.study import Screened, ScreenProtocol, write_screen
from engine.study.screen_report import PAGE

NAMES = ("Al", "Ni", "Cu", "Pd", "Ag", "Pt", "Au")
ERRORS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 100.0)  # meV/atom


def make(folder, finished=7, ended=True):
    """Write one of so many elements, and one more that could not be calculated; return its folder."""
    protocol = ScreenProtocol.model_validate(
        {
            "name": "metals",
            "reference": {"name": "emt"},
            "potential": [{"name": "chgnet-0.3.0"}],
            "material": [{"formula": n, "lattice": "fcc", "lattice_constant": 4.0} for n in (*NAMES, "Rh")],
        }
    )
    found = [
        Screened(f"{name}-fcc", 8, 4, energy / 1000, energy / 100, 0.5)
        for name, energy in zip(NAMES, ERRORS, strict=True)
    ]
    found = [*found[:finished], Screened("Rh-fcc", 8, 4, trouble="<b>no</b>")]
    (folder / "materials").mkdir(parents=True)
    (folder / "protocol.json").write_text(protocol.model_dump_json())
    for one in found:
        (folder / "materials" / f"{one.name}.json").write_text("{}")
    if ended:
        write_screen(protocol, found, folder)
        assert (folder / PAGE).exists()
    return folder

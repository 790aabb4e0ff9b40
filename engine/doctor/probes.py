"""One function a thing that may work here: it returns what was found, or raises.

Those that import compiled code run in a process of their own (``python -m engine.doctor NAME``): one that
crashes or hangs stops no other, and nothing heavy is imported by who asks.
"""

from __future__ import annotations

import importlib
import math
import os
import shutil
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from engine import campaigns, registry
from engine.disk import file_system, mounts, refuse_network
from engine.errors import StorageError

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PORT = 5006


class NotHereError(Exception):
    """The thing was not found, in words."""


@dataclass(frozen=True)
class Probe:
    """A thing to look for.

    Attributes
    ----------
    title : for people
    look : returns what was found, or raises
    remedy : what to type if it does not work
    base : whether the demo needs it
    apart : whether it needs a process of its own
    """

    title: str
    look: Callable[[], str]
    remedy: str
    base: bool = False
    apart: bool = False


def python() -> str:
    """Find an interpreter that deltadesk was made for."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise NotHereError(f"Python {sys.version.split()[0]}")
    return sys.version.split()[0]


def ase() -> str:
    """Import the structures' library."""
    importlib.import_module("ase.db")
    return version("ase")


def torch() -> str:
    """Import torch and multiply two matrices."""
    library = importlib.import_module("torch")
    ones = library.ones(2, 2)
    if float((ones @ ones).sum()) != 8.0:
        raise NotHereError(f"torch {library.__version__} cannot multiply")
    cuda = library.cuda.is_available()
    return f"{library.__version__}, {library.cuda.get_device_name() if cuda else 'CPU only'}"


def chgnet() -> str:
    """Load every pretrained CHGNet, and predict one structure."""
    from ase.build import molecule

    room = importlib.import_module("engine.potentials.chgnet")
    water = molecule("H2O", vacuum=4.0)
    for model in room.MODELS:
        if not math.isfinite(room.CHGNet(model).predict([water]).energy[0]):
            raise NotHereError(f"{model} gives no energy for water")
    return f"{version('chgnet')}, models {', '.join(room.MODELS)}"


def tblite() -> str:
    """Calculate water with GFN1-xTB."""
    from ase.build import molecule

    water = molecule("H2O")
    water.calc = importlib.import_module("tblite.ase").TBLite(method="GFN1-xTB", verbosity=0)
    return f"{version('tblite')}, water {water.get_potential_energy():.3f} eV"


def mace() -> str:
    """Import MACE as torch ≥ 2.6 wants it: its e3nn stores slices in a file that is read at import."""
    library = importlib.import_module("torch")
    library.serialization.add_safe_globals([slice])
    importlib.import_module("mace.calculators")
    return f"{version('mace-torch')}; in your scripts: torch.serialization.add_safe_globals([slice]) first"


def notebook() -> str:
    """Import what `campaign.view()` needs."""
    importlib.import_module("pandas")
    importlib.import_module("nglview")
    return f"nglview {version('nglview')}, pandas {version('pandas')}"


def gpaw() -> str:
    """Import GPAW and find its setups."""
    if not importlib.import_module("gpaw").setup_paths:
        raise NotHereError("installed, but without PAW setups")
    return version("gpaw")


def executors() -> str:
    """List PSI/J's executors."""
    names = importlib.import_module("psij").JobExecutor.get_executor_names()
    return ", ".join(sorted(names))


def schedulers() -> str:
    """Look for the commands of batch systems."""
    found = [name for name, command in campaigns.SCHEDULERS.items() if shutil.which(command)]
    if not found:
        raise NotHereError("none: reference calculations run on this machine")
    return ", ".join(found)


def disk() -> str:
    """Try SQLite's write-ahead log where campaigns live."""
    home = campaigns.home()
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    kind, _ = file_system(home, mounts())
    try:
        refuse_network(home)
    except StorageError as error:
        raise NotHereError(str(error)) from error
    with tempfile.TemporaryDirectory(dir=place) as folder:
        connection = sqlite3.connect(Path(folder) / "try.db")
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.close()
    if mode != "wal":
        raise NotHereError(f"{home}: SQLite got journal mode {mode}")
    return f"{home}" + (f" ({kind})" if kind else "")


def port() -> str:
    """Try to listen where the dashboard does."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("localhost", PORT))
        except OSError as error:
            raise NotHereError(f"in use ({error.strerror})") from error
    return "free"


def chromium() -> str:
    """Find a browser for the tests."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        raise NotHereError("not found")
    return found


PROBES = {
    "python": Probe("Python", python, "use Python 3.11, 3.12 or 3.13", base=True),
    "ase": Probe("ASE", ase, "pip install 'ase>=3.27,<3.30'", base=True),
    "torch": Probe("PyTorch", torch, "pip install 'torch>=2.6,<2.14'", base=True, apart=True),
    "chgnet": Probe("CHGNet", chgnet, "pip install 'chgnet>=0.4.2,<0.5'", base=True, apart=True),
    "tblite": Probe("GFN-xTB (tblite)", tblite, "pip install 'tblite>=0.4,<0.9'", base=True, apart=True),
    "disk": Probe("campaigns' disk", disk, "export DELTADESK_HOME=/a/folder/on/a/local/disk", base=True),
    "executors": Probe(
        "PSI/J executors", executors, "pip install 'psij-python>=0.9.9,<0.10'", base=True, apart=True
    ),
    "port": Probe(f"port {PORT}", port, "deltadesk serve --port 5007"),
    "notebook": Probe("notebook view", notebook, "pip install nglview pandas", apart=True),
    "mace": Probe("MACE", mace, "pip install 'mace-torch>=0.3.15,<0.4'", apart=True),
    "gpaw": Probe("GPAW", gpaw, registry.BUILT_IN["references"]["gpaw-lcao"].install, apart=True),
    "schedulers": Probe("batch systems", schedulers, "run it on your cluster's login node"),
    "chromium": Probe("Chromium, for tests", chromium, "apt-get install chromium"),
}
"""In the order that they are shown."""


def attempt(name: str) -> tuple[bool, str]:
    """Whether a probe's thing works, and what was found or what is wrong."""
    try:
        return True, PROBES[name].look()
    except ModuleNotFoundError as error:
        return False, f"there is no module {error.name}"
    except NotHereError as error:
        return False, str(error)
    except Exception as error:  # the seam: any library may raise anything
        return False, f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"

"""Names to classes, lazily: what campaign.toml may say.

Built-in plug-ins have one line here; strangers' are found through the entry-point groups
``deltadesk.generators``, ``deltadesk.potentials`` and so on, by the same lookup. Nothing heavy is imported
before a name is resolved, and that happens in a worker or a job, never in the server.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from engine.errors import ConfigError, MissingPackageError


@dataclass(frozen=True)
class Plugin:
    """Where a class lives, what it is called with, and the packages it needs.

    Attributes
    ----------
    target : ``module:Class``
    arguments : keyword arguments that the name stands for
    requires : packages that must be installed
    install : what to type where one of them is missing; else its name goes to pip
    """

    target: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    install: str = ""

    def load(self) -> Any:
        """Import the class."""
        module, _, name = self.target.partition(":")
        return getattr(import_module(module), name)


def _tblite(method: str) -> Plugin:
    arguments = {"calculator": "tblite.ase:TBLite", "settings": {"method": method, "verbosity": 0}}
    return Plugin("engine.references.ase_calculator:ASEReference", arguments, ("tblite",))


def _gpaw(**mode: Any) -> Plugin:
    smearing = {"name": "fermi-dirac", "width": 0.1}  # eV
    settings = {"xc": "PBE", "occupations": smearing, "kpts": [1, 1, 1], "txt": "-", **mode}
    arguments = {"calculator": "gpaw:GPAW", "settings": settings}
    install = "apt-get install libxc-dev libopenblas-dev libopenmpi-dev; pip install gpaw gpaw-data"
    return Plugin("engine.references.ase_calculator:ASEReference", arguments, ("gpaw",), install)


def _chgnet(model: str | None) -> Plugin:
    return Plugin("engine.potentials.chgnet:CHGNet", {"model": model}, ("chgnet", "torch"))


def _mace(model: str | None) -> Plugin:
    return Plugin("engine.potentials.mace:MACE", {"model": model}, ("mace", "torch"))


def _silicon(form: str, target: str, **package: str) -> Plugin:
    arguments = {"calculator": "engine.potentials.silicon:Silicon", "settings": {"form": form}, **package}
    return Plugin(target, arguments, ("matscipy",))


def _silicon_potential(form: str) -> Plugin:
    return _silicon(form, "engine.potentials.ase_calculator:ASECalculator")


def _silicon_reference(form: str) -> Plugin:
    return _silicon(form, "engine.references.ase_calculator:ASEReference", package="matscipy")


def _teacher(potential: str) -> Plugin:
    arguments = {"potential": potential}
    return Plugin("engine.references.teacher:TeacherReference", arguments, _chgnet("").requires)


BUILT_IN: dict[str, dict[str, Plugin]] = {
    "acquisition": {
        "expected-improvement": Plugin("engine.acquisition.expected_improvement:ExpectedImprovement"),
        "expected-model-change": Plugin("engine.acquisition.expected_model_change:ExpectedModelChange"),
        "farthest-point": Plugin("engine.acquisition.farthest_point:FarthestPoint"),
        "high-entropy": Plugin("engine.acquisition.high_entropy:HighEntropy"),
        "highest-uncertainty": Plugin("engine.acquisition.highest_uncertainty:HighestUncertainty"),
        "lower-confidence-bound": Plugin("engine.acquisition.lower_confidence_bound:LowerConfidenceBound"),
        "query-by-committee": Plugin("engine.acquisition.query_by_committee:QueryByCommittee"),
        "random": Plugin("engine.acquisition.random_choice:RandomChoice"),
    },
    "checks": {
        "closest-pair": Plugin("engine.checks.closest_pair:ClosestPair"),
        "duplicate": Plugin("engine.checks.duplicate:Duplicate"),
        "fragments": Plugin("engine.checks.fragments:Fragments"),
        "largest-force": Plugin("engine.checks.largest_force:LargestForce"),
    },
    "generators": {
        "ascent": Plugin("engine.generators.ascent:Ascent"),
        "basin-hopping": Plugin("engine.generators.basin_hopping:BasinHopping"),
        "gofee": Plugin("engine.generators.gofee:GOFEE"),
        "md": Plugin("engine.generators.molecular_dynamics:MolecularDynamics"),
        "pool": Plugin("engine.generators.pool:Pool"),
        "random-search": Plugin("engine.generators.random_search:RandomSearch"),
        "replica-exchange": Plugin("engine.generators.replica_exchange:ReplicaExchange"),
        "strain": Plugin("engine.generators.strain:Strain"),
    },
    "potentials": {
        "ase": Plugin("engine.potentials.ase_calculator:ASECalculator", {"calculator": None, "settings": {}}),
        "chgnet": _chgnet(None),
        "chgnet-0.2.0": _chgnet("0.2.0"),
        "chgnet-0.3.0": _chgnet("0.3.0"),
        "chgnet-r2scan": _chgnet("r2scan"),
        "mace": _mace(None),
        "mace-mp-0-large": _mace("large"),
        "mace-mp-0-medium": _mace("medium"),
        "mace-mp-0-small": _mace("small"),
        "mace-mpa-0": _mace("medium-mpa-0"),
        "none": Plugin("engine.potentials.nothing:Nothing"),
        "stillinger-weber": _silicon_potential("stillinger-weber"),
        "tersoff-silicon": _silicon_potential("tersoff"),
    },
    "references": {
        "ase": Plugin("engine.references.ase_calculator:ASEReference", {"calculator": None, "settings": {}}),
        "chgnet-0.2.0": _teacher("chgnet-0.2.0"),
        "chgnet-0.3.0": _teacher("chgnet-0.3.0"),
        "chgnet-r2scan": _teacher("chgnet-r2scan"),
        "command": Plugin("engine.references.command:CommandReference", {"command": None, "settings": {}}),
        "double-well": Plugin("engine.references.double_well:DoubleWellReference"),
        "emt": Plugin(
            "engine.references.ase_calculator:ASEReference",
            {"calculator": "ase.calculators.emt:EMT", "settings": {}},
        ),
        "gfn1-xtb": _tblite("GFN1-xTB"),
        "gfn2-xtb": _tblite("GFN2-xTB"),
        "gpaw-lcao": _gpaw(mode="lcao", basis="dzp", h=0.2),
        "gpaw-pw": _gpaw(mode={"name": "pw", "ecut": 500.0}),
        "stillinger-weber": _silicon_reference("stillinger-weber"),
        "tersoff-silicon": _silicon_reference("tersoff"),
    },
}


def names(group: str) -> list[str]:
    """Every name of a group that campaign.toml may say, sorted."""
    return sorted({*BUILT_IN[group], *(e.name for e in entry_points(group=f"deltadesk.{group}"))})


def find(group: str, name: str) -> Plugin:
    """Look a name up without importing it.

    Raises
    ------
    ConfigError
        if no plug-in has that name
    MissingPackageError
        if a package it needs is not installed
    """
    plugin = BUILT_IN[group].get(name)
    if plugin is None:
        found = [e for e in entry_points(group=f"deltadesk.{group}") if e.name == name]
        if not found:
            known = names(group)
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
            raise ConfigError(f"no {group.removesuffix('s')} is called {name!r}; {hint}")
        plugin = Plugin(found[0].value)
    for package in plugin.requires:
        if find_spec(package) is None:
            remedy = plugin.install or f"pip install {package}"
            raise MissingPackageError(f"{name} needs the package {package}: {remedy}")
    return plugin


def make(group: str, name: str, *args: Any, **kwargs: Any) -> Any:
    """Import the class called `name` and make one.

    `kwargs` add to what the name stands for; a mapping among them (``settings``) is merged into it, and an
    empty one left out where the class takes none; None is left out.

    Raises
    ------
    ConfigError
        if the class does not take these arguments
    """
    plugin = find(group, name)
    arguments = dict(plugin.arguments)
    cls = plugin.load()
    signature = inspect.signature(cls)
    for key, value in kwargs.items():
        if isinstance(value, Mapping) and (value or key in signature.parameters):
            arguments[key] = {**arguments.get(key, {}), **value}
        elif value is not None and not isinstance(value, Mapping):
            arguments[key] = value
    try:
        signature.bind(*args, **arguments)
    except TypeError as error:
        raise ConfigError(f"{name}: {error}") from error
    return cls(*args, **arguments)

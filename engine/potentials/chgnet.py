"""CHGNet in batches: energies, forces and stress, of the package's models or of one in a file.

Deng et al., Nat. Mach. Intell. 5, 1031 (2023).
"""

from __future__ import annotations

import contextlib
import io
import pickle
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ase import Atoms
from chgnet.model import CHGNet as Network

from engine.errors import ConfigError
from engine.potentials.chgnet_graph import Graph, build_graph
from engine.potentials.chgnet_network import SiteEnergies
from engine.potentials.chunks import chunks
from engine.potentials.model_file import known_settings, model_file
from engine.potentials.stress import has_whole_cell, voigt_stress
from engine.protocols import FloatArray, Potential, Prediction

MODELS = ("0.2.0", "0.3.0", "r2scan")
DEFAULTS = {"model": None}
ARCHITECTURE = {"mlp_first": True, "non_linearity": "silu", "update_bond": True, "update_angle": True}
"""Of the package's models, and of those that are trained on from them; another one is not computed here."""
_CHUNK = 512  # most atoms in one graph: beyond, memory grows and speed does not


class CHGNet:
    """A CHGNet model.

    Parameters
    ----------
    model : "0.3.0" or "0.2.0" (PBE), or "r2scan", which come with the package; or None
    settings : ``model``, path of a file that chgnet's trainer wrote, in place of the name; only weights are
        read from it, nothing in it is run

    Raises
    ------
    ConfigError
        if a setting is unknown, or there is no such model
    """

    def __init__(self, model: str | None = "0.3.0", settings: Mapping[str, Any] | None = None) -> None:
        chosen = known_settings("CHGNet", DEFAULTS, settings)
        if chosen["model"]:
            path = model_file("CHGNet", chosen["model"])
            network = _load_file(path, path.stat().st_mtime_ns)
        elif model is None:
            raise ConfigError(
                'campaign.toml: [potential] name = "chgnet" needs settings = { model = "/path/of.pth.tar" }'
            )
        elif model not in MODELS:
            raise ConfigError(f"CHGNet has no model {model!r}; known: {', '.join(MODELS)}")
        else:
            network = _load(model)
        self._site_energies = SiteEnergies(network)
        self._cutoffs: tuple[float, float] = (
            network.graph_converter.atom_graph_cutoff,
            network.graph_converter.bond_graph_cutoff,
        )

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Total energies (eV), forces (eV/Å) and stress (eV/Å³).

        Raises
        ------
        StructureError
            if a structure has no atoms, or an element heavier than Pu
        """
        return self.predict_local(structures)[0]

    def predict_local(self, structures: Sequence[Atoms]) -> tuple[Prediction, tuple[FloatArray, ...]]:
        """The same, and each atom's part of the energy: n arrays (n_atoms,) eV.

        Raises
        ------
        StructureError
            as `predict`
        """
        local: list[FloatArray] = []
        forces: list[FloatArray] = []
        stress: list[FloatArray] = [np.empty((0, 6))]
        for chunk in chunks(structures, _CHUNK):
            energies, gradient, chunk_stress = self._evaluate(chunk)
            starts = np.cumsum([len(structure) for structure in chunk[:-1]])
            local.extend(np.split(energies, starts))
            forces.extend(np.split(-gradient, starts))
            stress.append(chunk_stress)
        energy = np.array([part.sum() for part in local])
        return Prediction(energy, tuple(forces), stress=np.concatenate(stress)), tuple(local)

    def _evaluate(self, structures: Sequence[Atoms]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Site energies (n_atoms,) eV, their gradient (n_atoms, 3) eV/Å, and stress (n, 6) eV/Å³."""
        graph = build_graph(structures, *self._cutoffs)
        site_energies = self._site_energies(graph)
        gradient, along_bonds = torch.autograd.grad(site_energies.sum(), (graph.positions, graph.shift))
        virial = np.zeros((len(structures), 3, 3))
        if any(map(has_whole_cell, structures)):
            owner = np.repeat(np.arange(len(structures)), [len(structure) for structure in structures])
            np.add.at(virial, owner[graph.first], _virial(graph, along_bonds))
        stress = voigt_stress(virial, structures)
        return site_energies.detach().numpy().astype(float), gradient.numpy().astype(float), stress


def _virial(graph: Graph, along_bonds: torch.Tensor) -> FloatArray:
    """dE/dε of each bond (n_bonds, 3, 3) eV, from dE by its shift (n_bonds, 3) eV/Å: both move its end."""
    positions = graph.positions.detach()
    bonds = positions[graph.second] + graph.shift.detach() - positions[graph.first]
    virial: FloatArray = (along_bonds[:, :, None] * bonds[:, None]).numpy().astype(float)
    return virial


def packaged(model: str) -> Any:
    """A network of the package, to be trained on."""
    with contextlib.redirect_stdout(io.StringIO()):  # its constructor prints
        return Network.load(model_name=model, use_device="cpu", verbose=False)


def read_network(path: Path) -> Any:
    """The network in a file of chgnet's trainer, to be trained on.

    Raises
    ------
    ConfigError
        if there is none, or of another architecture than the package's
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        with contextlib.redirect_stdout(io.StringIO()):
            network = Network.from_dict(state["model"])
    except (
        pickle.UnpicklingError,
        RuntimeError,
        EOFError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        OSError,
    ) as error:
        line = str(error).partition("\n")[0]
        raise ConfigError(f"{path} is not a CHGNet model that can be opened: {line}") from error
    for key, value in ARCHITECTURE.items():
        if network.model_args[key] != value:
            raise ConfigError(f"{path}: a CHGNet with {key} = {network.model_args[key]} cannot be used here")
    return network


@lru_cache(maxsize=len(MODELS))
def _load(model: str) -> Any:
    return packaged(model).eval().requires_grad_(False)


@lru_cache(maxsize=len(MODELS))
def _load_file(path: Path, changed: int) -> Any:  # noqa: ARG001 - key
    return read_network(path).eval().requires_grad_(False)


_: type[Potential] = CHGNet

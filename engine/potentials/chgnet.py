"""CHGNet in batches: energies and forces only.

Deng et al., Nat. Mach. Intell. 5, 1031 (2023).
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from ase import Atoms
from chgnet.model import CHGNet as Network

from engine.errors import ConfigError
from engine.potentials.chgnet_graph import build_graph
from engine.potentials.chgnet_network import SiteEnergies
from engine.potentials.chunks import chunks
from engine.protocols import FloatArray, Potential, Prediction

MODELS = ("0.2.0", "0.3.0", "r2scan")
_CHUNK = 512  # most atoms in one graph: beyond, memory grows and speed does not


class CHGNet:
    """A pretrained CHGNet that comes with the package.

    Parameters
    ----------
    model : "0.3.0" or "0.2.0" (PBE), or "r2scan"

    Raises
    ------
    ConfigError
        if there is no such model
    """

    def __init__(self, model: str = "0.3.0") -> None:
        if model not in MODELS:
            raise ConfigError(f"CHGNet has no model {model!r}; known: {', '.join(MODELS)}")
        network = _load(model)
        self._site_energies = SiteEnergies(network)
        self._cutoffs: tuple[float, float] = (
            network.graph_converter.atom_graph_cutoff,
            network.graph_converter.bond_graph_cutoff,
        )

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Total energies (eV) and forces (eV/Å).

        Raises
        ------
        StructureError
            if a structure has no atoms, or an element heavier than Pu
        """
        energy: list[FloatArray] = []
        forces: list[FloatArray] = []
        for chunk in chunks(structures, _CHUNK):
            chunk_energy, chunk_forces = self._evaluate(chunk)
            energy.append(chunk_energy)
            forces.extend(chunk_forces)
        return Prediction(np.concatenate(energy) if energy else np.empty(0), tuple(forces))

    def _evaluate(self, structures: Sequence[Atoms]) -> tuple[FloatArray, list[FloatArray]]:
        graph = build_graph(structures, *self._cutoffs)
        site_energies = self._site_energies(graph)
        (gradient,) = torch.autograd.grad(site_energies.sum(), graph.positions)
        starts = np.cumsum([0, *(len(structure) for structure in structures[:-1])])
        energy = np.add.reduceat(site_energies.detach().numpy().astype(float), starts)
        return energy, np.split(-gradient.numpy().astype(float), starts[1:])


@lru_cache(maxsize=len(MODELS))
def _load(model: str) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):  # its constructor prints
        network = Network.load(model_name=model, use_device="cpu", verbose=False)
    network.eval()
    return network.requires_grad_(False)


_: type[Potential] = CHGNet

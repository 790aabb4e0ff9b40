"""MACE in batches, on a CPU or a GPU: foundation models by name, or a ``.model`` file by path.

Batatia et al., NeurIPS 35, 11423 (2022); MACE-MP-0: arXiv 2401.00096. A ``.model`` file is a pickle:
opening it runs what is in it. Only a file that campaign.toml or the command line names is opened.
"""

from __future__ import annotations

import contextlib
import io
import pickle
import socket
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ase import Atoms
from ase.data import chemical_symbols

from engine.errors import ConfigError, StructureError
from engine.potentials.chunks import chunks
from engine.potentials.device import device_of
from engine.potentials.model_file import known_settings, model_file
from engine.potentials.stress import has_whole_cell, voigt_stress
from engine.protocols import FloatArray, Potential, Prediction

torch.serialization.add_safe_globals([slice])  # e3nn's own constants, under torch >= 2.6
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from mace import data
    from mace.calculators.foundations_models import download_mace_mp_checkpoint
    from mace.tools import AtomicNumberTable
    from mace.tools.torch_geometric import Batch

DTYPES = ("float64", "float32")
DEFAULTS = {"model": None, "device": "cpu", "dtype": "float64", "head": None}
_CHUNK = 512  # most atoms in one graph
_HOST = ("github.com", 443)
_PATIENCE = 5.0  # s until a machine that cannot reach the network is told so


class MACE:
    """A MACE model.

    Parameters
    ----------
    model : name of a foundation model as mace-torch calls it (``small``, ``medium-mpa-0`` …), or None
    settings : ``model`` (path of a file, in place of the name), ``device`` (``cpu``, ``cuda`` …), ``dtype``
        (``float64`` or ``float32``) and ``head``, for a model that has several

    Raises
    ------
    ConfigError
        if a setting is unknown, or the model cannot be opened or downloaded
    """

    def __init__(self, model: str | None = None, settings: Mapping[str, Any] | None = None) -> None:
        chosen = known_settings("MACE", DEFAULTS, settings)
        if chosen["dtype"] not in DTYPES:
            raise ConfigError(f"MACE: dtype = {chosen['dtype']!r}: must be float64 or float32")
        path = model_file("MACE", chosen["model"]) if chosen["model"] else foundation_file(model)
        self._dtype = str(chosen["dtype"])
        self._device = device_of("MACE", str(chosen["device"]))
        self._network = _load(path, path.stat().st_mtime_ns, self._device, self._dtype)
        self._numbers = AtomicNumberTable([int(z) for z in self._network.atomic_numbers])
        self._cutoff = float(self._network.r_max)
        self._heads = list(getattr(self._network, "heads", None) or ["Default"])
        self._head = _head(self._heads, chosen["head"])

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Total energies (eV), forces (eV/Å) and stress (eV/Å³).

        Raises
        ------
        StructureError
            if a structure has no atoms, or an element that the model does not know
        """
        return self.predict_local(structures)[0]

    def predict_local(self, structures: Sequence[Atoms]) -> tuple[Prediction, tuple[FloatArray, ...]]:
        """The same, and each atom's part of the energy: n arrays (n_atoms,) eV.

        Raises
        ------
        StructureError
            as `predict`
        """
        energy: list[FloatArray] = [np.empty(0)]
        local: list[FloatArray] = []
        forces: list[FloatArray] = []
        stress: list[FloatArray] = [np.empty((0, 6))]
        for chunk in chunks(structures, _CHUNK):
            whole = any(map(has_whole_cell, chunk))
            with _default_dtype(self._dtype):  # graphs are made in the default type
                said = self._network(self._batch(chunk).to_dict(), compute_virials=whole, training=False)
            starts = np.cumsum([len(structure) for structure in chunk[:-1]])
            energy.append(_array(said["energy"]))
            local.extend(np.split(_array(said["node_energy"]), starts))
            forces.extend(np.split(_array(said["forces"]), starts))
            virial = -_array(said["virials"]) if whole else np.zeros((len(chunk), 3, 3))
            stress.append(voigt_stress(virial, chunk))
        said = Prediction(np.concatenate(energy), tuple(forces), stress=np.concatenate(stress))
        return said, tuple(local)

    def _batch(self, structures: Sequence[Atoms]) -> Any:
        graphs = []
        for structure in structures:
            self._check(structure)
            config = data.config_from_atoms(structure, head_name=self._head)
            graphs.append(
                data.AtomicData.from_config(
                    config, z_table=self._numbers, cutoff=self._cutoff, heads=self._heads
                )
            )
        return Batch.from_data_list(graphs).to(self._device)

    def _check(self, structure: Atoms) -> None:
        if len(structure) == 0:
            raise StructureError("a structure without atoms has no energy")
        unknown = sorted(set(structure.numbers.tolist()) - set(self._numbers.zs))
        if unknown:
            known = ", ".join(chemical_symbols[z] for z in self._numbers.zs)
            raise StructureError(
                f"this MACE model does not know {chemical_symbols[unknown[0]]}, only {known}"
            )


def _array(tensor: Any) -> FloatArray:
    array: FloatArray = tensor.detach().cpu().numpy().astype(float)
    return array


@contextlib.contextmanager
def _default_dtype(name: str) -> Iterator[None]:
    """Like mace-torch's own, which does not set it back after an error."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, name))
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@lru_cache(maxsize=2)
def _load(path: Path, changed: int, device: torch.device, dtype: str) -> Any:  # noqa: ARG001 - key
    try:
        # the person named this file: weights_only would refuse every MACE model
        network = torch.load(path, map_location=device, weights_only=False)  # nosec B614
        network = network.to(device=device, dtype=getattr(torch, dtype))
    except (pickle.UnpicklingError, RuntimeError, EOFError, AttributeError, ValueError, OSError) as error:
        line = str(error).partition("\n")[0]
        raise ConfigError(f"{path} is not a MACE model that can be opened: {line}") from error
    if not all(hasattr(network, name) for name in ("atomic_numbers", "r_max")):
        raise ConfigError(f"{path} holds {type(network).__name__}, not a MACE model")
    network.eval()
    return network.requires_grad_(False)


def foundation_file(name: str | None) -> Path:
    """Where mace-torch keeps the model; it is downloaded the first time.

    Raises
    ------
    ConfigError
        if it is not here and cannot be downloaded
    """
    if name is None:
        raise ConfigError(
            'campaign.toml: [potential] name = "mace" needs settings = { model = "/path/of.model" }'
        )
    quiet = io.StringIO()  # the download prints its progress
    try:
        with contextlib.redirect_stdout(quiet), _network_or_cache():
            return Path(download_mace_mp_checkpoint(name))
    except (OSError, RuntimeError) as error:
        raise ConfigError(
            f"the MACE model {name!r} is not on this machine and cannot be downloaded ({error}): "
            'copy its file here and write name = "mace", settings = { model = "/path/of.model" }'
        ) from error


@contextlib.contextmanager
def _network_or_cache() -> Any:
    """Fail in seconds where the network does not answer: the download itself waits for minutes."""
    connect = socket.create_connection

    def reachable(address: Any, *args: Any, **kwargs: Any) -> Any:
        connect(address, timeout=_PATIENCE).close()
        return connect(address, *args, **kwargs)

    socket.create_connection = reachable
    try:
        yield
    finally:
        socket.create_connection = connect


def _head(heads: list[str], chosen: str | None) -> str:
    if chosen is not None and chosen not in heads:
        raise ConfigError(f"MACE: head = {chosen!r}: this model has {', '.join(heads)}")
    if chosen is not None or len(heads) == 1:
        return chosen or heads[0]
    default = [head for head in heads if head.lower() == "default"]
    if not default:
        raise ConfigError(f"this MACE model has several heads ({', '.join(heads)}): choose one, head = …")
    return default[0]


_: type[Potential] = MACE

"""A command of the user's own: it gets a structure file and leaves one with energy and forces."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import ase.io
import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.geometry import find_mic

from engine.config import split_command
from engine.config.base import inside
from engine.errors import CalculationError, ConfigError, StructureError
from engine.protocols import Provenance, Reference
from engine.structures import read_frames

SAME = 0.01  # Å; formats have four digits behind the point or more


class CommandReference:
    """Run a command in the job folder.

    ``{structure}`` and ``{result}`` in the command stand for the two files' names. The result may be in any
    format that ASE reads with energy and forces, the atoms in the order they were given.

    Parameters
    ----------
    command : program and arguments; no shell reads it
    settings : ``structure`` and ``result``, the files' names, whose endings choose their formats
    """

    def __init__(self, command: str | None, settings: dict[str, Any]) -> None:
        self._command = command
        self._settings = {"structure": "structure.extxyz", "result": "result.extxyz", **settings}
        if unknown := sorted(set(self._settings) - {"structure", "result"}):
            raise ConfigError(f"command: unknown settings {', '.join(unknown)}; known: structure, result")
        for key, name in self._settings.items():
            try:
                inside(str(name))
            except ValueError as error:
                raise ConfigError(f"command: {key} = {name!r}: {error}") from error

    def calculator(self) -> Any:
        """Return a calculator that writes, runs and reads in the working directory."""
        names = {key: str(value) for key, value in self._settings.items()}
        words = split_command(self._command)
        for key, value in names.items():
            words = [word.replace(f"{{{key}}}", value) for word in words]
        return _CommandCalculator(words, Path(names["structure"]), Path(names["result"]))

    def provenance(self) -> Provenance:
        """Name the program; its version only the program knows."""
        program = Path(split_command(self._command)[0]).name
        return Provenance(program, "", {"command": self._command, **self._settings})


class _CommandCalculator(Calculator):  # type: ignore[misc]  # ASE's classes are untyped
    implemented_properties: ClassVar[list[str]] = ["energy", "forces"]

    def __init__(self, words: Sequence[str], structure: Path, result: Path) -> None:
        super().__init__()
        self._words, self._structure, self._result = list(words), structure, result

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        ase.io.write(self._structure, self.atoms)
        program = self._words[0]
        try:
            # in this process's group, so that a limit ends the command with all that it started
            code = subprocess.run(self._words, check=False).returncode
        except OSError as error:
            raise ConfigError(f"{program} cannot be started: {error.strerror}") from error
        if code != 0:
            how = f"exit code {code}" if code > 0 else f"signal {-code}"
            raise CalculationError(f"{program} ended with {how}")
        if not self._result.is_file():
            raise CalculationError(f"{program} ended without writing {self._result}")
        self.results = _read(self._result, self.atoms)


def _read(path: Path, asked: Atoms) -> dict[str, Any]:
    try:
        (found,) = read_frames(path, "-1:")
    except StructureError as error:
        raise CalculationError(f"{path} {error}") from error
    if found.numbers.tolist() != asked.numbers.tolist():
        raise CalculationError(
            f"{path} holds {found.symbols}, but {asked.symbols} was asked for, in that order"
        )
    results = {} if found.calc is None else found.calc.results
    energy = results.get("energy", results.get("free_energy"))
    if energy is None or "forces" not in results:
        raise CalculationError(f"{path} holds no {'energy' if energy is None else 'forces'}")
    if not (far := _moved(found, asked)) <= SAME:  # also where it is no number
        raise CalculationError(
            f"{path} holds another geometry, {far:.2f} Å from what was asked for: let the program calculate "
            "one energy, without relaxing or turning the structure"
        )
    return {"energy": float(energy), "forces": np.asarray(results["forces"], dtype=float)}


def _moved(found: Atoms, asked: Atoms) -> float:
    """By how much the result's geometry is another one (Å), a shift of all atoms apart."""
    away = found.positions - asked.positions
    if not np.isfinite(away).all():
        return float("nan")
    if asked.pbc.any():
        away, _ = find_mic(away, asked.cell, asked.pbc)
    away = np.linalg.norm(away - away.mean(axis=0), axis=1)
    cell = np.asarray(found.cell)  # a format that says none says no other
    edges = np.abs(cell - asked.cell)[asked.pbc] if cell.any() else np.empty(0)
    return float(np.max([*away, *edges.ravel()]))


_: type[Reference] = CommandReference

"""Strain, vacancies, interstitials and surfaces of a crystal: what its properties are asked on.

Nothing is relaxed: a committee's responses to strain are what entropy-guided selection looks at (Nonaka, Liu,
Jia, Hirotani, WCCM 2026).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from ase import Atoms

from engine import crystals, defects
from engine.config import StrainSettings
from engine.errors import StructureError
from engine.generators.walkers import from_plain, to_plain
from engine.math import strains
from engine.protocols import EMPTY, Archive, Generator, Potential, Proposal, State
from engine.space import Space

Recipe = tuple[str, Callable[[], Atoms]]
"""Kind of a structure, and what makes it."""
_ALIKE = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])  # Voigt's strain of all three axes


class Strain:
    """Goes once through a list of structures in random order, some in each step, and is done.

    What each is stands in its ``info["kind"]``, by the names in the settings; a rattled volume is a strain.

    The list: the crystal itself, each strain, each volume, the faces 100, 110 and 111, a vacancy of each
    element, and each element in each kind of hole and as a dumbbell along 110.

    Parameters
    ----------
    settings : what is made, how far strained and rattled
    space : not looked at: the crystal is the campaign's start structure
    """

    def __init__(self, settings: StrainSettings, space: Space) -> None:
        self._settings = settings

    def start(self, structure: Atoms | None = None) -> State:
        """State before the first step.

        Raises
        ------
        StructureError
            if the campaign's start structure is no crystal
        """
        if structure is None:
            raise StructureError("the search strain needs a crystal as start structure")
        crystals.check_crystal(structure)
        return {"start": to_plain(structure), "order": None, "offered": 0, "done": False}

    def step(
        self, state: State, potential: Potential, rng: np.random.Generator, archive: Archive = EMPTY
    ) -> tuple[State, list[Proposal]]:
        """Propose the next few structures; none once all were proposed, and the state says ``done``."""
        recipes = self._recipes(from_plain(state["start"]))
        order = state["order"]
        if order is None:
            order = rng.permutation(len(recipes) * (self._settings.copies + self._settings.ideal)).tolist()
        offered = state["offered"] + self._settings.structures
        found = []
        for copy, k in (divmod(k, len(recipes)) for k in order[state["offered"] : offered]):
            # the ideal ones are those behind all copies
            rattle = self._settings.rattle if copy < self._settings.copies else 0.0
            found.append(_made(recipes[k], rattle, rng))
        offered = min(offered, len(order))
        after = {**state, "order": order, "offered": offered, "done": offered == len(order)}
        return after, [Proposal(structure) for structure in found]

    def _recipes(self, crystal: Atoms) -> list[Recipe]:
        settings, kinds = self._settings, self._settings.kinds
        found: list[Recipe] = [("strain", partial(crystals.strained, crystal, np.zeros(6)))]
        if "strain" in kinds:
            found += [
                ("strain", partial(crystals.strained, crystal, one)) for one in strains(settings.strains)
            ]
        if "volume" in kinds:
            sizes = [sign * one for one in settings.strains for sign in (-1, 1)]
            found += [("volume", partial(crystals.strained, crystal, size * _ALIKE)) for size in sizes]
        if "surface" in kinds:
            size = (settings.thickness, settings.vacuum)
            found += [("surface", partial(defects.surface, crystal, face, *size)) for face in defects.FACES]
        return found + self._defects(crystal)

    def _defects(self, crystal: Atoms) -> list[Recipe]:
        larger = crystals.supercell(crystal, self._settings.edge)
        elements = sorted(set(larger.symbols))
        found: list[Recipe] = []
        if "vacancy" in self._settings.kinds:
            first = [list(larger.symbols).index(element) for element in elements]
            found += [("vacancy", partial(defects.vacancy, larger, atom)) for atom in first]
        if "interstitial" in self._settings.kinds:
            for element in elements:
                holes = [
                    partial(defects.interstitial, larger, site, element) for site in defects.sites(crystal)
                ]
                dumbbell = partial(defects.dumbbell, larger, element=element)
                found += [("interstitial", make) for make in (*holes, dumbbell)]
        return found


def _made(recipe: Recipe, rattle: float, rng: np.random.Generator) -> Atoms:
    kind, make = recipe
    structure = make()
    structure.positions += rattle * rng.standard_normal(structure.positions.shape)
    structure.info["kind"] = "strain" if kind == "volume" and rattle else kind
    return structure


_: type[Generator] = Strain

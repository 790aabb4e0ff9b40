"""Structures and their pictures: those shown last are kept with their campaign's database, and go with it."""

from __future__ import annotations

import weakref
import zlib
from functools import lru_cache
from weakref import WeakKeyDictionary

from ase import Atoms

from dashboard.plots.thumbnail import thumbnail
from engine.store import Store

STRUCTURES = 48  # kept; those that people look at now
PICTURES = 64  # likewise, packed: some kB each


def structure_of(store: Store, candidate: str, *, labelled: bool = False) -> Atoms:
    """A candidate's structure, not to be changed; with the reference's forces once it is `labelled`."""
    return _shelf(store).structure(candidate, labelled)


def picture_of(store: Store, candidate: str) -> str:
    """Its picture, as an address that a page can show."""
    return zlib.decompress(_shelf(store).picture(candidate)).decode()


class _Shelf:
    """Of one database."""

    def __init__(self, store: Store) -> None:
        self._store = weakref.proxy(store)
        self.structure = lru_cache(STRUCTURES)(self._structure)
        self.picture = lru_cache(PICTURES)(self._picture)

    def _structure(self, candidate: str, labelled: bool) -> Atoms:  # noqa: ARG002 - read again once it is
        structure: Atoms = self._store.structures([candidate])[0]
        return structure

    def _picture(self, candidate: str) -> bytes:
        return zlib.compress(thumbnail(self.structure(candidate, False)).encode())


_shelves: WeakKeyDictionary[Store, _Shelf] = WeakKeyDictionary()


def _shelf(store: Store) -> _Shelf:
    shelf = _shelves.get(store)
    if shelf is None:
        shelf = _shelves[store] = _Shelf(store)
    return shelf

"""Structures and pictures are read once, and go with their database."""

from __future__ import annotations

import gc
import weakref

import pytest

from dashboard import structures
from dashboard.plots.thumbnail import thumbnail
from dashboard.structures import picture_of, structure_of
from engine.core import fold
from engine.store import Store
from tests.support import large


@pytest.fixture
def store(tmp_path):
    store = Store(large.make(tmp_path / "large", 3, n_labelled=2))
    yield store
    store.close()


def test_a_structure_is_read_once_and_again_with_its_label(store, monkeypatch):
    labelled = fold(store.events()).labels[0]
    asked = []
    read = store.structures
    monkeypatch.setattr(store, "structures", lambda names: asked.append(names) or read(names))
    structure = structure_of(store, labelled)
    assert structure_of(store, labelled) is structure
    assert picture_of(store, labelled) == thumbnail(structure)
    assert picture_of(store, labelled) == thumbnail(structure)
    assert structures._shelf(store).picture.cache_info().hits == 1
    assert asked == [[labelled]]
    structure_of(store, labelled, labelled=True)
    assert asked == [[labelled], [labelled]]


def test_what_is_kept_of_a_database_goes_with_it(tmp_path):
    store = Store(large.make(tmp_path / "large", 3))
    kept = weakref.ref(structure_of(store, "c-000001"))
    picture_of(store, "c-000001")
    gc.collect()  # what other tests left
    before = len(structures._shelves)
    store.close()
    del store
    gc.collect()
    assert kept() is None
    assert len(structures._shelves) == before - 1

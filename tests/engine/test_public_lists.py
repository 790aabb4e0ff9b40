from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "room",
    ["acquisition", "checks", "descriptors", "doctor", "export", "generators", "math", "potentials", "view"],
)
def test_a_rooms_public_list_is_sorted_and_true(room):
    module = import_module(f"engine.{room}")
    names = list(module.__all__)
    assert names == sorted(set(names))
    for name in names:
        if not hasattr(module, name):
            import_module(f"engine.{room}.{name}")

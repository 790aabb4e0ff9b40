from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "room",
    [
        "acquisition",
        "checks",
        "descriptors",
        "doctor",
        "export",
        "generators",
        "math",
        "potentials",
        "properties",
        "study",
        "view",
    ],
)
def test_a_rooms_public_list_is_sorted_and_true(room):
    module = import_module(f"engine.{room}")
    names = list(module.__all__)
    assert names == sorted(set(names), key=_constants_then_classes_then_functions)
    for name in names:
        if not hasattr(module, name):
            import_module(f"engine.{room}.{name}")


def _constants_then_classes_then_functions(name):
    """The order ruff keeps (RUF022): GOFEE counts as a constant."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)

"""Every family in this process, and one case of each command-line family as a real process."""

import pytest

from tests.fuzz import harness, settings

FAMILIES = {
    "settings: misspelt": settings.misspelt,
    "settings: wrong kinds": settings.wrong_kinds,
    "settings: out of bounds": settings.out_of_bounds,
    "settings: not TOML": settings.not_toml,
    "settings: not text": settings.not_text,
    "settings: contradictions": settings.contradictions,
    "settings: formulas": settings.formulas,
    "settings: names that lead nowhere": settings.nowhere,
}


@pytest.mark.parametrize("family", FAMILIES)
def test_bad_input_is_one_line_and_changes_nothing(family, tmp_path):
    wrong = []
    for number, case in enumerate(FAMILIES[family]()):
        try:
            harness.refuses(case, tmp_path / f"{number}")
        except AssertionError as error:
            wrong.append(str(error).splitlines()[0])
    assert not wrong, "\n".join([f"{len(wrong)} cases:", *wrong])

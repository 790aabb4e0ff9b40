"""Colours that can be read, on light ground and on dark."""

from __future__ import annotations

import pytest
from bokeh.plotting import figure

from dashboard.theme import (
    BADGE_TONES,
    COMPONENT_CSS,
    DARK,
    LIGHT,
    SERIES,
    THEME_CONFIG,
    Tokens,
    page_options,
    style_figure,
    tokens,
    variables,
)

TEXT_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3 (AA)."""
LINE_CONTRAST = 3.0
"""WCAG 2.2, 1.4.11 (AA)."""
MODES = pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@MODES
@pytest.mark.parametrize(
    "ground", ["background", "surface", "raised", "sunken", "canvas", "quiet_soft", "accent_soft"]
)
def test_text_can_be_read_on_every_ground(mode: Tokens, ground: str) -> None:
    assert contrast(mode.text, getattr(mode, ground)) >= TEXT_CONTRAST
    assert contrast(mode.muted, getattr(mode, ground)) >= TEXT_CONTRAST


@MODES
@pytest.mark.parametrize("tone", ["accent", "good", "warn", "bad", "info"])
def test_chips_can_be_read(mode: Tokens, tone: str) -> None:
    assert contrast(getattr(mode, tone), getattr(mode, f"{tone}_soft")) >= TEXT_CONTRAST
    assert contrast(getattr(mode, tone), mode.surface) >= TEXT_CONTRAST


@MODES
@pytest.mark.parametrize("color", SERIES)
def test_lines_stand_out_in_both_modes(mode: Tokens, color: str) -> None:
    assert contrast(color, mode.surface) >= LINE_CONTRAST


def test_every_tone_has_a_chip() -> None:
    for tone in {*BADGE_TONES.values(), "good", "info"} - {"quiet"}:
        assert f".dd-chip[data-tone={tone}]" in COMPONENT_CSS


def test_both_modes_name_the_same_variables() -> None:
    assert variables(dark=False).keys() == variables(dark=True).keys()
    assert tokens(True) is DARK
    assert THEME_CONFIG["light"].keys() == THEME_CONFIG["dark"].keys()


def test_nothing_in_the_look_asks_another_machine() -> None:
    said = COMPONENT_CSS + str(page_options())
    assert "http" not in said
    assert "@import" not in said


def test_a_figure_is_transparent_and_unbranded() -> None:
    fig = figure()
    fig.line([0, 1], [0, 1], legend_label="walker 0")
    assert style_figure(fig, dark=True) is fig
    assert fig.background_fill_alpha == fig.border_fill_alpha == 0
    assert fig.toolbar.logo is None
    assert fig.xaxis[0].major_label_text_color == DARK.muted
    assert fig.legend[0].label_text_color == DARK.text

"""Colours that can be read, on light ground and on dark."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest
from bokeh.plotting import figure

from dashboard.material import page_options, theme_config
from dashboard.theme import (
    BADGE_TONES,
    COMPONENT_CSS,
    DARK,
    LIGHT,
    SERIES,
    Tokens,
    style_figure,
    tokens,
    variables,
)
from dashboard.typography import CLASS, DESK, LEAST, Sizes
from dashboard.wall import THICKER, enlarge
from tests.support.toy import REPOSITORY

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
    config = theme_config(DESK)
    assert config["light"].keys() == config["dark"].keys()


OUTSIDE_A_PAGE = "skip_link.js"
"""Its link stands where the page's variables are not known, and says its size beside the name."""


def test_no_size_of_type_is_written_outside_its_one_place() -> None:
    panels = REPOSITORY / "dashboard/panels"
    for path in [*panels.glob("*.js"), *panels.glob("*.css")]:
        if not path.name.startswith(("ngl-", OUTSIDE_A_PAGE)):
            written = re.findall(r"font(?:-size)?:[^;]*\d(?:px|rem)[^;]*", path.read_text())
            assert not written, f"{path.name}: use var(--dd-type-…) of dashboard/typography.py, not {written}"


def test_class_mode_has_no_small_type() -> None:
    type_of = [name for name in asdict(DESK) if name not in ("rail", "header")]
    assert min(getattr(CLASS, name) for name in type_of) == LEAST
    assert all(getattr(CLASS, name) >= getattr(DESK, name) for name in asdict(DESK))


@pytest.mark.parametrize("sizes", [DESK, CLASS], ids=["desk", "class"])
def test_a_size_keeps_what_material_has_of_ours(sizes: Sizes) -> None:
    components = theme_config(sizes)["dark"]["components"]
    assert components["MuiButton"]["styleOverrides"]["root"]["minHeight"] == 32
    assert (
        DARK.accent in components["MuiButtonBase"]["styleOverrides"]["root"]["&.Mui-focusVisible"]["outline"]
    )


def test_a_figure_of_class_mode_can_be_read_from_afar() -> None:
    fig = figure(x_axis_label="label", y_axis_label="energy (eV)")
    line = fig.line([0, 1], [0, 1], legend_label="walker 0", line_width=2)
    enlarge(style_figure(fig, dark=False))
    assert line.glyph.line_width == THICKER * 2
    sizes = [fig.xaxis[0].major_label_text_font_size, fig.yaxis[0].axis_label_text_font_size]
    assert {*sizes, fig.legend[0].label_text_font_size} == {f"{LEAST}px"}


def test_a_figure_says_what_it_shows_to_who_listens() -> None:
    fig = style_figure(figure(x_axis_label="label", y_axis_label="energy (eV)"), dark=False)
    assert fig.html_attributes == {"role": "figure", "aria-label": "energy (eV) against label"}


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

"""No two colours that mean different things look alike to somebody with a colour-vision deficiency."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from dashboard.plots.coloring import STATE_COLORS, shades
from dashboard.plots.descriptor_violins import series_color
from dashboard.theme import DARK, LIGHT, SERIES, Tokens

Color = NDArray[np.float64]
VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""Linear sRGB to linear sRGB, severity 1: Machado, Oliveira, Fernandes, IEEE TVCG 15, 1291 (2009)."""
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""Linear sRGB to CIE XYZ, white D65 (IEC 61966-2-1)."""
APART = 10.0
"""Least CIEDE2000 of two categories: a step of 1 is just seen side by side, 10 at a glance."""
SAME_GREY = 1.0
"""Most by which a colour map may go back in lightness (CIE L*)."""


def seen(color: str, vision: str) -> Color:
    """CIE L*a*b* of ``#rrggbb`` as this vision has it."""
    channels = np.array([int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(VISIONS[vision] @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one: Color, other: Color) -> float:
    """CIEDE2000: Sharma, Wu, Dalal, Color Res. Appl. 30, 21 (2005)."""
    lab = np.array([one, other])
    chroma = np.hypot(lab[:, 1], lab[:, 2]).mean()
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    a, b = stretch * lab[:, 1], lab[:, 2]
    c, h = np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360
    turn = (h[1] - h[0] + 180) % 360 - 180
    dl, dc, dh = lab[1, 0] - lab[0, 0], c[1] - c[0], 2 * np.sqrt(c[0] * c[1]) * np.sin(np.radians(turn / 2))
    lightness, middle, hue = lab[:, 0].mean(), c.mean(), (h[0] + turn / 2) % 360
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    sl = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    sc, sh = 1 + 0.045 * middle, 1 + 0.015 * middle * t
    spread = 2 * np.sqrt(middle**7 / (middle**7 + 25.0**7))
    rotation = -spread * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    return float(np.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rotation * (dc / sc) * (dh / sh)))


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_is_the_published_one(one, other, difference):
    """Three of the pairs that Sharma et al. give, to their four digits."""
    assert_allclose(ciede2000(np.array(one), np.array(other)), difference, atol=5e-5)


def closest(colors: dict[str, str], vision: str) -> tuple[float, str]:
    return min(
        (ciede2000(seen(colors[one], vision), seen(colors[other], vision)), f"{one} and {other}")
        for one, other in combinations(colors, 2)
    )


def split(mode: Tokens) -> dict[str, str]:
    """What a search spends its time on, in one bar (`.dd-searches` of markup.css)."""
    delta = mix(mode.accent, mode.surface, 0.45)
    return {"base": mode.accent, "delta": delta, "fit": mode.warn, "reference": mode.good}


def mix(one: str, other: str, share: float) -> str:
    """CSS ``color-mix(in srgb, one share, other)``."""
    channels = [(int(one[k : k + 2], 16), int(other[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in channels)


PALETTES = {
    "lines": dict(enumerate(SERIES)),
    "states": dict(enumerate(STATE_COLORS)),
    "groups": {name: series_color(name) for name in range(5)},
    "time, light": split(LIGHT),
    "time, dark": split(DARK),
    "for and against, light": {"for": LIGHT.accent, "against": LIGHT.warn},
    "for and against, dark": {"for": DARK.accent, "against": DARK.warn},
}


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("palette", PALETTES)
def test_no_two_categories_are_alike(palette, vision):
    difference, pair = closest(PALETTES[palette], vision)
    assert difference >= APART, pair


@pytest.mark.parametrize("vision", VISIONS)
def test_the_colour_map_only_gets_lighter(vision):
    """So that more is lighter to everybody, and on a grey print."""
    lightness = np.array([seen(color, vision)[0] for color in shades()])
    assert np.diff(lightness).min() > -SAME_GREY
    assert lightness[-1] - lightness[0] > 60

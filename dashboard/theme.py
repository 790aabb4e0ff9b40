"""Colours, type and spacing of the desk, light and dark: the one place where a colour is written.

Three readers: panel-material-ui (`dashboard.material`), our own components (`COMPONENT_CSS`, CSS variables)
and Bokeh figures (`style_figure`). Fonts are the system's; nothing is fetched. Sizes of type stand in
`dashboard.typography`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

FONT = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif'
)
MONO = 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'
RADIUS = 8  # px


@dataclass(frozen=True)
class Tokens:
    """Named colours of one mode; text on `surface` and on `background` is at least 4.5:1."""

    background: str
    surface: str
    raised: str
    sunken: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    info: str
    info_soft: str
    quiet_soft: str
    canvas: str
    grid: str
    shadow: str


LIGHT = Tokens(
    background="#f7f7f9",
    surface="#ffffff",
    raised="#ffffff",
    sunken="#f1f2f5",
    border="#e3e4ea",
    text="#1b1c21",
    muted="#646875",
    accent="#4f5bd0",
    on_accent="#ffffff",
    accent_soft="#eceefb",
    good="#12734a",
    good_soft="#e2f4eb",
    warn="#8a5300",
    warn_soft="#fcf0d9",
    bad="#b42333",
    bad_soft="#fce8ea",
    info="#0b62a3",
    info_soft="#e2f0fb",
    quiet_soft="#eeeff3",
    canvas="#ffffff",
    grid="#ebecf0",
    shadow="0 1px 2px rgba(20, 22, 34, .06), 0 4px 14px rgba(20, 22, 34, .06)",
)
DARK = Tokens(
    background="#0e0f12",
    surface="#16171b",
    raised="#1e2025",
    sunken="#111216",
    border="#2a2c33",
    text="#e9eaee",
    muted="#989dab",
    accent="#8f9bff",
    on_accent="#0e0f12",
    accent_soft="#262a4a",
    good="#5fd39b",
    good_soft="#12301f",
    warn="#f0b756",
    warn_soft="#37290f",
    bad="#ff8a8f",
    bad_soft="#3d171b",
    info="#6fbcf5",
    info_soft="#10293d",
    quiet_soft="#24262c",
    canvas="#121317",
    grid="#24262c",
    shadow="0 1px 2px rgba(0, 0, 0, .5), 0 6px 18px rgba(0, 0, 0, .35)",
)

BADGE_TONES = {"NEW": "accent", "DEFERRED": "quiet", "CONFLICT": "bad", "FLAG": "warn", "LIKELY VETO": "warn"}
"""Tone of the badges in the queue; any other badge is quiet."""

SERIES = ("#499ade", "#a54b02", "#257d5e", "#805f88", "#c18a15", "#929396")
"""Line colours, in the order to use them: blue, rust, green, purple, ochre and grey, apart in lightness as
well as in hue, so that no two are alike to the colour-blind. Each has at least 3:1 on light and on dark
ground: a plot need not be redrawn when the theme changes."""
RAMP = ("#440154", "#472f7d", "#355f8d", "#21918c", "#44bf70", "#addc30", "#fde725")
"""Colours of a value from low to high: seven stops of matplotlib's viridis (CC0), even in lightness."""


def tokens(dark: bool) -> Tokens:
    """Colours of the mode."""
    return DARK if dark else LIGHT


def variables(dark: bool) -> dict[str, str]:
    """``--dd-…`` CSS variables of the mode, by name."""
    return {f"--dd-{name.replace('_', '-')}": value for name, value in asdict(tokens(dark)).items()}


def css_variables(dark: bool) -> str:
    """The same as declarations."""
    return " ".join(f"{name}: {value};" for name, value in variables(dark).items())


CHIP_CSS = """
.dd-chip {
  display: inline-flex; align-items: center; gap: 5px; padding: 1px 7px; border-radius: 99px;
  white-space: nowrap; font-size: var(--dd-type-tiny); font-weight: 600; line-height: 1.5;
  letter-spacing: .03em; color: var(--dd-muted); background: var(--dd-quiet-soft);
}
""" + "\n".join(
    f".dd-chip[data-tone={tone}] {{ color: var(--dd-{tone}); background: var(--dd-{tone}-soft); }}"
    for tone in ("accent", "good", "warn", "bad", "info")
)

SHELL_CSS = f":host {{ font: var(--dd-type-text)/1.45 {FONT}; color: var(--dd-text); }}\n{CHIP_CSS}"
"""Style sheet for HTML panes inside the page: they inherit its variables and follow the theme alone."""

COMPONENT_CSS = f"""
.dd-root {{
  {css_variables(dark=False)}
  --dd-ramp: linear-gradient(90deg, {", ".join(RAMP)});
  --dd-font: {FONT}; --dd-mono: {MONO}; --dd-radius: {RADIUS}px;
  box-sizing: border-box; width: 100%; height: 100%; position: relative; color-scheme: light;
  font: var(--dd-type-text)/1.45 var(--dd-font); color: var(--dd-text); -webkit-font-smoothing: antialiased;
}}
.dd-root.dd-dark {{ {css_variables(dark=True)} color-scheme: dark; }}
.dd-root *, .dd-root *::before {{ box-sizing: border-box; }}
{CHIP_CSS}
"""
"""Style sheet of every component of ours: variables on `.dd-root` (dark with `.dd-dark`), and the chip."""


NARROW = 900  # px
NARROW_CSS = f"""
@media (max-width: {NARROW}px) {{
  :host {{
    flex-direction: column !important; overflow-y: auto !important; height: auto !important;
    width: 100% !important; min-width: 0 !important;
  }}
  :host > * {{ width: 100% !important; min-width: 0 !important; flex: none !important; }}
  :host > :first-child {{ max-height: 320px; }}
}}
"""
"""Style sheet of a row of panels, the first a list: one below the other where there is no room."""
FITS_CSS = ":host { min-width: 0 !important; }"
"""Style sheet of what is as wide as its place, whatever Panel adds up from what is in it."""
PAIR_CSS = """
@media (max-width: 1599px) {
  :host { flex-direction: column !important; min-height: min-content !important; }
  :host > * { width: 100% !important; min-width: 0 !important; }
}
"""
"""Style sheet of two pictures that belong together: one below the other where there is no room."""
STACK_CSS = f"""
@media (max-width: {NARROW}px) {{
  :host {{ flex-direction: column !important; width: 100% !important; min-width: 0 !important; }}
  :host > :first-child {{ max-height: none !important; }}
  :host > * {{
    width: 100% !important; max-width: calc(100vw - 40px) !important; min-width: 0 !important;
    flex: none !important; position: static !important;
  }}
}}
"""
"""The same for panels of which each keeps its height; the page scrolls."""


def style_figure(fig: Any, dark: bool) -> Any:
    """Give a Bokeh figure the desk's look: transparent ground, quiet grid and axes.

    Text, axis and grid colours are panel-material-ui's as soon as the page has drawn the figure, and follow
    its theme without us; what is set here counts before that, and in exports.

    Returns
    -------
    the same figure
    """
    t = tokens(dark)
    fig.background_fill_alpha = fig.border_fill_alpha = 0
    fig.background_fill_color = fig.border_fill_color = t.surface
    fig.outline_line_color = None
    fig.toolbar.logo = None
    fig.toolbar.autohide = True
    fig.title.text_color, fig.title.text_font = t.text, FONT
    for axis in fig.axis:
        axis.axis_line_color = axis.major_tick_line_color = t.border
        axis.minor_tick_line_color = None
        axis.major_tick_in, axis.major_tick_out = 0, 4
        axis.major_label_text_color = axis.axis_label_text_color = t.muted
        axis.major_label_text_font = axis.axis_label_text_font = FONT
        axis.axis_label_text_font_style = "normal"
    said = [axis.axis_label for axes in (fig.yaxis, fig.xaxis) for axis in axes if axis.axis_label]
    if "aria-label" not in fig.html_attributes:
        fig.html_attributes = {"role": "figure", "aria-label": " against ".join(said[:2])}
    for grid in fig.grid:
        grid.grid_line_color = t.grid
    for legend in fig.legend:
        legend.background_fill_color, legend.background_fill_alpha = t.surface, 0.85
        legend.border_line_color = None
        legend.label_text_color, legend.label_text_font = t.text, FONT
    return fig

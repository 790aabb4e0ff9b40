"""The look of panel-material-ui: our colours and sizes as its theme, and a quiet page around them."""

from __future__ import annotations

from typing import Any

from dashboard import typography
from dashboard.theme import FONT, NARROW, RADIUS, Tokens, tokens, variables
from dashboard.typography import Sizes, material_sizes


def page_options(dark: bool = False, class_mode: bool = False) -> dict[str, Any]:
    """Keyword arguments that make a `panel_material_ui.Page` ours; every component inside inherits them."""
    sizes = typography.sizes(class_mode)
    return {
        "theme_config": theme_config(sizes),
        "sx": _page_sx(sizes),
        "dark_theme": dark,
        "busy_indicator": None,
        "sidebar_width": sizes.rail,
        "sidebar_resizable": False,
    }


def theme_config(sizes: Sizes) -> dict[str, Any]:
    """`theme_config` of `panel_material_ui.Page`."""
    return {"light": _material(False, sizes), "dark": _material(True, sizes)}


def _material(dark: bool, sizes: Sizes) -> dict[str, Any]:
    t = tokens(dark)
    return {
        "palette": {
            "primary": {"main": t.accent, "contrastText": t.on_accent},
            "secondary": {"main": t.muted},
            "success": {"main": t.good},
            "warning": {"main": t.warn},
            "error": {"main": t.bad},
            "info": {"main": t.info},
            "background": {"default": t.background, "paper": t.surface},
            "text": {"primary": t.text, "secondary": t.muted},
            "divider": t.border,
        },
        "typography": {
            "fontFamily": FONT,
            "fontSize": sizes.text,
            "h1": {"fontSize": sizes.head + 2, "fontWeight": 650, "letterSpacing": "-.015em"},
            "h2": {"fontSize": sizes.number + 1, "fontWeight": 650, "letterSpacing": "-.01em"},
            "h3": {"fontSize": sizes.title + 1, "fontWeight": 650, "letterSpacing": "-.01em"},
            "h4": {"fontSize": sizes.lead, "fontWeight": 600},
            "button": {"textTransform": "none", "fontWeight": 550, "letterSpacing": 0},
        },
        "shape": {"borderRadius": RADIUS},
        "components": _components(t, sizes),
    }


def _components(t: Tokens, sizes: Sizes) -> dict[str, Any]:
    flat = {"backgroundImage": "none", "boxShadow": "none"}
    # there is no ripple to show where the keys are
    ring = {"outline": f"2px solid {t.accent}", "outlineOffset": "1px"}
    # one without a colour of its own is black and white
    quiet = {"color": t.text, "&.MuiButton-outlined": {"borderColor": t.border}}
    of_button = {
        "minHeight": 32,
        "padding": "4px 12px",
        "boxShadow": "none !important",
        "&.MuiButton-colorDefault:not(.Mui-disabled)": quiet,
    }
    of_drawer = {**flat, "backgroundColor": t.background, "borderRight": f"1px solid {t.border}"}
    styles: dict[str, dict[str, Any]] = {
        "MuiAppBar": {"root": flat},
        "MuiButtonBase": {"root": {"&.Mui-focusVisible": ring}},
        "MuiButton": {"root": of_button},
        "MuiDrawer": {"paper": of_drawer},
        "MuiPaper": {"root": {"backgroundImage": "none"}},
    }
    for name, slots in material_sizes(sizes).items():
        ours = styles.setdefault(name, {})
        for slot, rules in slots.items():
            ours[slot] = {**ours.get(slot, {}), **rules}
    components: dict[str, Any] = {name: {"styleOverrides": slots} for name, slots in styles.items()}
    components["MuiButtonBase"]["defaultProps"] = {"disableRipple": True}
    components["MuiButton"]["defaultProps"] = {"disableElevation": True}
    return components


def _page_sx(sizes: Sizes) -> dict[str, Any]:
    """`sx` of the page: a quiet header with a hairline, the ground of the mode under the panels."""
    return {
        "&.mui-light": variables(dark=False),
        "&.mui-dark": variables(dark=True),
        **typography.variables(sizes),
        # with exactly this pair the header keeps our palette, not white on primary (pmui, utils.js)
        ".MuiAppBar-root": {"bgcolor": "primary.contrastText", "color": "primary.main"},
        "& .header.MuiAppBar-root": {
            "backgroundColor": "background.paper",
            "color": "text.primary",
            "borderBottom": "1px solid",
            "borderColor": "divider",
            "boxSizing": "border-box",
            "height": sizes.header,
        },
        # the bar and the two spacers under it are one height
        "& .MuiToolbar-root": {"minHeight": f"{sizes.header}px !important", "margin": "0 !important"},
        "& .header .MuiToolbar-root": {"height": sizes.header, "padding": "0 10px 0 16px", "gap": "12px"},
        "& .header .title": {"color": "text.primary", "fontSize": sizes.title + 1, "whiteSpace": "nowrap"},
        f"@media (max-width: {NARROW}px)": {
            "& .header .title": {"display": "none"},
            "& .header .MuiToolbar-root": {"padding": "0 6px 0 8px", "gap": "4px"},
        },
        "& .header .MuiIconButton-edgeStart": {"marginRight": 0},
        # there in spite of `busy_indicator=None`, and a progress bar without a name fails axe
        "& .header .MuiLinearProgress-root": {"display": "none"},
        "& .main": {"backgroundColor": "background.default"},
    }

"""A figure that comes and goes."""

import panel as pn
from bokeh.plotting import figure

from dashboard.panels.figure_panel import FigurePanel


def test_a_figure_that_was_hidden_is_there_again_at_once():
    drawn = figure()
    panel = FigurePanel("Errors", drawn, dark=False, key="<span>line</span>")
    seen = []
    for there in (False, True, False, False, True, True):
        panel.show("So far nothing.", drawn=there)
        (pane,) = panel.view.select(pn.pane.Bokeh)
        seen += [drawn.visible == pane.visible == there]
    assert all(seen)

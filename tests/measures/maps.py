"""The map of many structures: opened, and with ten more."""

from __future__ import annotations

import math
import time
from pathlib import Path

import psutil

from dashboard.plots.landscape import LIMIT
from engine.store import Store
from tests.measures.desk import Row, serving, spread

UPDATE_MAP = """async (repeats) => {
  const figure = Bokeh.documents.map((d) => d.get_model_by_name("landscape-map")).find((found) => found)
  const source = figure.renderers[0].data_source
  const column = (key) => source.data.get ? source.data.get(key) : source.data[key]
  const keys = ["number", "x", "y", "energy", "base", "corrected", "std", "state", "search"]
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
  const times = []
  for (let k = 0; k < repeats; k++) {
    const next = (key) => [key, Array.from(column(key).slice(10 * k, 10 * k + 10))]
    const added = Object.fromEntries(keys.map(next))
    const started = performance.now()
    source.stream(added)
    await frame()
    await frame()
    times.push(performance.now() - started)
  }
  return times
}"""
"""Ten more points in all three figures, from their coming to the end of the frame that shows them."""


def landscape(browser, folder: Path, repeats: int, most: float) -> dict[str, Row]:
    """The map of a campaign's structures."""
    store = Store(folder)
    structures = store.count_proposals()
    store.close()
    power = f"10^{round(math.log10(structures))}"
    with serving(folder.parent) as (url, process, _):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}?campaign={folder.name}&page=live")
        page.wait_for_selector(".dd-log")
        page.wait_for_selector(".dd-hotkeys[data-ready]", state="attached")
        page.keyboard.press("g")
        pressed = time.monotonic()
        page.keyboard.press("s")
        page.wait_for_selector(".dd-landscape")
        opened = 1000 * (time.monotonic() - pressed)
        page.get_by_text(f"{min(structures, LIMIT):,} drawn of {structures:,}").wait_for(timeout=120_000)
        page.wait_for_load_state("networkidle")
        drawn = page.get_by_text(f"drawn of {structures:,}").inner_text().split(" structures")[0]
        times = page.evaluate(UPDATE_MAP, repeats)
        memory = psutil.Process(process.pid).memory_info().rss / 1e6
        page.close()
    return {
        f"map of {power} structures: one update ({drawn})": spread(times, most),
        f"map of {power} structures: page opened": Row(opened, "ms"),
        f"map of {power} structures: serving process": Row(memory, "MB", 400),
    }

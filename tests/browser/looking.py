"""What a browser is asked about a page: how large its type is, and where the Tab key leads."""

from __future__ import annotations

from playwright.sync_api import Page

MOST_STOPS = 150

CANVAS_TYPE = """
  window.drawnType = {}  // px on the screen -> a text of that size
  for (const name of ["fillText", "strokeText"]) {
    const original = CanvasRenderingContext2D.prototype[name]
    CanvasRenderingContext2D.prototype[name] = function (text, ...rest) {
      const {a, b} = this.getTransform()
      const size = parseFloat(/([0-9.]+)px/.exec(this.font)?.[1] ?? 0) * Math.hypot(a, b) / devicePixelRatio
      if (String(text).trim()) window.drawnType[size.toFixed(1)] = text
      return original.call(this, text, ...rest)
    }
  }
"""
"""Before the page: remember the size of every text that a plot draws."""

EVERYTHING = """
  const everything = (root) => [...root.querySelectorAll("*")].flatMap(
    (node) => [node, ...(node.shadowRoot ? everything(node.shadowRoot) : [])])
  const seen = (node) => {
    const {width, height} = node.getBoundingClientRect()
    return width > 1 && height > 1 && getComputedStyle(node).visibility === "visible"
  }
  const said = (node) => `${node.tagName} ${node.className} ${node.textContent.trim().slice(0, 40)}`
"""

SMALL_TYPE = f"""least => {{
  {EVERYTHING}
  const scale = (node) => {{
    let factor = 1
    for (let at = node; at; at = at.parentNode ?? at.host) {{
      if (at.nodeType !== 1) continue
      const {{a, b}} = new DOMMatrix(getComputedStyle(at).transform)
      factor *= Math.hypot(a, b)
    }}
    return factor
  }}
  const holdsText = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())
  const small = everything(document)
    .filter((node) => !["STYLE", "SCRIPT"].includes(node.tagName) && holdsText(node) && seen(node))
    .map((node) => [parseFloat(getComputedStyle(node).fontSize) * scale(node), node])
    .filter(([size]) => size > 0 && size < least - 0.01)
    .map(([size, node]) => `${{size}}px: ${{said(node)}}`)
  const drawn = Object.entries(window.drawnType).filter(([size]) => Number(size) < least)
  return [...small, ...drawn.map(([size, text]) => `${{size}}px in a plot: ${{text}}`)]
}}"""
"""Text smaller than `least` px as scaled, on the page and in plots; what only listeners get has no size."""

TABBING = f"""() => {{
  {EVERYTHING}
  const CLICKABLE = "button, a[href], input:not([type=hidden]), textarea, select, summary, [role=button], "
    + "[role=tab], [role=combobox], [role=listbox], canvas"
  const ONE_STOP = "[role=tablist], [role=radiogroup], [role=listbox], .MuiToggleButtonGroup-root"
  const OFF = "[aria-hidden=true], [aria-disabled=true]"
  const usable = (node) => seen(node) && !node.disabled && !node.closest(OFF)
  const outlined = (node) => {{
    const {{outlineStyle, outlineWidth}} = getComputedStyle(node)
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1
  }}
  const ringed = (node) =>
    [node, node.closest(".Mui-focusVisible"), ...node.querySelectorAll("[aria-selected=true]")]
      .some((one) => one && outlined(one)) || node.closest(".MuiInputBase-root.Mui-focused")
  window.stops = new Set()
  window.ringless = []
  window.stop = () => {{
    let node = document.activeElement
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement
    if (!node || node === document.body || window.stops.has(node)) return false
    window.stops.add(node)
    if (!ringed(node)) window.ringless.push(said(node))
    return true
  }}
  const inside = (node, stop) => stop.contains(node) || node.closest(ONE_STOP)?.contains(stop)
  window.missed = () => everything(document)
    .filter((node) => node.matches(CLICKABLE) && usable(node))
    .filter((node) => ![...window.stops].some((stop) => inside(node, stop)))
    .filter((node) => !node.matches("canvas.bk-layer"))  // the same points stand in a list beside the figure
    .map(said)
}}"""


AROUND = ("header .MuiSelect-select", "header >> text=Keys and help", ".dd-rail >> text=Settings")
"""What is drawn last around a page: each stays hidden until its own style sheets are there."""


def tab_through(page: Page) -> list[str]:
    """Press Tab until it leaves the page: what can be clicked and was not reached, or shows no ring."""
    for part in AROUND:
        page.locator(part).first.wait_for()
    page.evaluate(TABBING)
    page.keyboard.press("Tab")
    for _ in range(MOST_STOPS):
        if not page.evaluate("window.stop()"):
            break
        page.keyboard.press("Tab")
    missed, ringless = page.evaluate("[window.missed(), window.ringless]")
    return [f"not reached: {what}" for what in missed] + [f"no ring: {what}" for what in ringless]

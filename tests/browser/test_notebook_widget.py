"""What `campaign.view()` sends is read by the very NGL that nglview installs, atom by atom."""

import sys
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms

from engine.view.widget import mmcif

pytestmark = pytest.mark.browser

NGLVIEW = Path(sys.prefix) / "share/jupyter/nbextensions/nglview-js-widgets/index.js"
PAGE = "http://localhost/widget"  # answered by the test itself
READ = """async (text) => {
    class Base { static extend() { return class extends Base {} } }
    const base = {DOMWidgetModel: Base, DOMWidgetView: Base, WidgetModel: Base, WidgetView: Base}
    let bundle = null
    window.define = (...given) => { bundle = given.at(-1)(base) }
    window.define.amd = true
    await new Promise((loaded, failed) => {
        const script = Object.assign(document.createElement("script"), {onload: loaded, onerror: failed})
        script.src = "/bundle.js"
        document.head.append(script)
    })
    const structure = await bundle.NGL.autoLoad(new Blob([text]), {ext: "cif"})
    const atoms = []
    structure.eachAtom(a => atoms.push([a.element, a.x, a.y, a.z, a.bfactor]))
    return atoms
}"""


def test_ngl_reads_every_atom_where_it_is(page):
    cell = [[5.0, 0.3, -0.4], [1.7, 6.0, 0.2], [-2.1, 1.3, 7.0]]  # first vector off the x axis
    rng = np.random.default_rng(3)
    structure = Atoms("Ag8S4", rng.random((12, 3)) @ cell, cell=cell, pbc=True)
    std = rng.random(12)
    page.route("**/widget", lambda route: route.fulfill(body="<html></html>", content_type="text/html"))
    page.route("**/bundle.js", lambda route: route.fulfill(path=NGLVIEW, content_type="text/javascript"))
    page.goto(PAGE)
    symbols, *numbers = zip(*page.evaluate(READ, mmcif(structure, std)), strict=True)
    assert [symbol.capitalize() for symbol in symbols] == list(structure.symbols)
    read = np.array(numbers).T
    np.testing.assert_allclose(read[:, :3], structure.positions, atol=1e-6, rtol=0)  # NGL keeps Float32
    np.testing.assert_allclose(read[:, 3], std, atol=1e-6, rtol=0)

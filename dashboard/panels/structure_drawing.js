// What a scene (plain arrays, see plots/structure_scene.py) is drawn with: NGL's buffers, made once, then moved.

function element(tag, className, parent) {
  const made = document.createElement(tag)
  made.className = className
  parent.append(made)
  return made
}

function number(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}

// Bokeh hands a dict over as a Map or as an object, depending on where it sits
function plain(scene) {
  return scene instanceof Map ? Object.fromEntries(scene) : scene
}

function floats(array) {
  return Float32Array.from(array)
}

function gather(source, indices, stride) {
  const out = new Float32Array(indices.length * stride)
  indices.forEach((from, to) => {
    for (let k = 0; k < stride; k++) out[to * stride + k] = source[from * stride + k]
  })
  return out
}

function repeat(rgb, n) {
  const out = new Float32Array(3 * n)
  for (let i = 0; i < n; i++) out.set(rgb, 3 * i)
  return out
}

function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
}

function ends(pairs) {
  return [0, 1].map((side) => Array.from({length: pairs.length / 2}, (_, i) => pairs[2 * i + side]))
}

// the colours of the atoms, by what a person chose; by element where the scene lacks it
function atomColors(scene, colorBy) {
  return floats({uncertainty: scene.value_colors, force: scene.force_colors}[colorBy] ?? scene.colors)
}

const PARTS = {
  atoms: (NGL, scene, {colors}) => new NGL.SphereBuffer({
    position: floats(scene.positions), color: colors, radius: floats(scene.radii),
    picking: {type: "atom", data: {}, array: undefined, getIndex: (i) => i, getObject: (i) => ({index: i})},
  }),
  bonds: (NGL, scene, {colors}) => scene.bonds.length ? new NGL.CylinderBuffer(
    {...bondPlaces(scene, colors), radius: new Float32Array(scene.bonds.length / 2).fill(0.13)}) : null,
  cell: (NGL, scene, {line}) => {
    if (!scene.cell.length) return null
    const [from, to] = ends(Array.from({length: scene.cell.length / 3}, (_, i) => i))
    const color = repeat(line, from.length)
    return new NGL.WidelineBuffer({
      position1: gather(scene.cell, from, 3), position2: gather(scene.cell, to, 3), color, color2: color,
    }, {linewidth: 1.5})
  },
  arrows: (NGL, scene, {arrow, forces}) => forces && scene.tips != null ? new NGL.ArrowBuffer({
    ...arrowPlaces(scene), color: repeat(arrow, scene.symbols.length),
    radius: new Float32Array(scene.symbols.length).fill(0.2),
  }, {aspectRatio: 1.7}) : null,
}

function bondPlaces(scene, colors) {
  const [from, to] = ends(scene.bonds)
  return {
    position1: gather(scene.positions, from, 3), position2: gather(scene.positions, to, 3),
    color: gather(colors, from, 3), color2: gather(colors, to, 3),
  }
}

function arrowPlaces(scene) {
  return {position1: floats(scene.positions), position2: floats(scene.tips)}
}

class Drawing {
  constructor(NGL, stage) {
    this.NGL = NGL
    this.stage = stage
    this.buffers = {} // by name: atoms, bonds, cell, arrows, picked
    this.components = {}
  }

  // `look`: colors of the atoms, line of the cell, arrow, and whether forces are shown
  draw(scene, look) {
    for (const name of Object.keys(PARTS)) this.put(name, PARTS[name](this.NGL, scene, look))
    this.bonded = String(scene.bonds)
  }

  // the same atoms elsewhere: new coordinates in the buffers there are
  move(scene, look) {
    const {atoms, bonds, arrows} = this.buffers
    atoms.setAttributes({position: floats(scene.positions), color: look.colors})
    if (bonds && this.bonded === String(scene.bonds)) bonds.setAttributes(bondPlaces(scene, look.colors))
    else this.put("bonds", PARTS.bonds(this.NGL, scene, look))
    this.bonded = String(scene.bonds)
    if (arrows && look.forces && scene.tips != null) arrows.setAttributes(arrowPlaces(scene))
    else this.put("arrows", PARTS.arrows(this.NGL, scene, look))
  }

  // only the far side of a larger sphere: a ring around the atom, whose own colour stays what it is
  pick(scene, index, color) {
    const known = index != null && index < scene.symbols.length
    this.put("picked", known ? new this.NGL.SphereBuffer({
      position: gather(scene.positions, [index], 3), color: Float32Array.from(color),
      radius: Float32Array.of(scene.radii[index] * 1.22 + 0.06),
    }, {disableImpostor: true, sphereDetail: 3}) : null, {side: "back", opacity: 0.95, background: true})
    return known
  }

  put(name, buffer, params = {}) {
    const old = this.components[name]
    delete this.components[name]
    delete this.buffers[name]
    if (buffer) {
      const shape = new this.NGL.Shape(name)
      shape.addBuffer(buffer)
      this.buffers[name] = buffer
      this.components[name] = this.stage.addComponentFromObject(shape)
      this.components[name].addRepresentation("buffer", params)
    }
    if (old) this.stage.removeComponent(old)
  }

  clear() {
    for (const name of Object.keys(this.components)) this.put(name, null)
  }
}

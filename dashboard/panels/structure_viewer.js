// A structure in 3D: stage, camera and pointer around a Drawing (structure_drawing.js, which stands before this
// text in one module). Text is only ever textContent.

const FOV = 24 // degrees: a long lens, so that near and far atoms compare
const TURN = Math.PI / 12 // a press of an arrow key
const MOST_STAGES = 4 // on one page: browsers drop the oldest WebGL context beyond about sixteen
const stages = new Set() // viewers of this page that hold one
const groups = new Map() // camera_group -> Set of viewers that turn together

const CSS = `
.dd-viewer { position: absolute; inset: 0; overflow: hidden; border: 1px solid var(--dd-border); border-radius: var(--dd-radius); background: var(--dd-canvas); }
.stage { position: absolute; inset: 0; cursor: grab; }
.stage:focus-visible { outline: 2px solid var(--dd-accent); outline-offset: -2px; }
.stage:active { cursor: grabbing; }
.dd-viewer[data-editing] { border-color: var(--dd-accent); box-shadow: inset 0 0 0 1px var(--dd-accent); }
.dd-viewer[data-editing] .stage { cursor: crosshair; }
.stage canvas { display: block; outline: none; }
.empty { position: absolute; inset: 0; display: grid; place-items: center; padding: 24px; text-align: center; color: var(--dd-muted); white-space: pre-line; }
.legend, .atom { position: absolute; pointer-events: none; font-size: var(--dd-type-small); color: var(--dd-muted); font-variant-numeric: tabular-nums; }
.legend { top: 10px; right: 12px; display: grid; gap: 3px; justify-items: end; }
.bar { display: grid; grid-template-columns: auto 84px auto; align-items: center; gap: 6px; }
.ramp { height: 7px; border-radius: 4px; }
.atom { left: 12px; bottom: 10px; padding: 3px 9px; border-radius: 6px; color: var(--dd-text); background: var(--dd-raised); border: 1px solid var(--dd-border); }
[hidden] { display: none !important; }
`

function drawsInSoftware(gl) {
  const info = gl.getExtension("WEBGL_debug_renderer_info")
  return info != null && /swiftshader|llvmpipe|software/i.test(gl.getParameter(info.UNMASKED_RENDERER_WEBGL))
}

class Viewer {
  constructor(model, el) {
    this.model = model
    this.generation = 0
    this.drawing = null
    this.failure = ""
    this.build(el)
  }

  build(el) {
    element("style", "", el).textContent = CSS
    this.root = element("div", "dd-root", el)
    this.host = element("div", "dd-viewer", this.root)
    this.stageElement = element("div", "stage", this.host)
    this.nameable()
    this.legend = element("div", "legend", this.host)
    this.label = element("div", "atom", this.host)
    this.label.setAttribute("aria-live", "polite")
    this.emptyElement = element("div", "empty", this.host)
    this.label.hidden = true
    this.applyTheme()
  }

  // a picture with a name, which turns by the arrow keys for whoever came with the Tab key: after a click they
  // stay the page's
  nameable() {
    const {stageElement} = this
    stageElement.tabIndex = 0
    stageElement.setAttribute("role", "img")
    stageElement.setAttribute("aria-label", this.model.empty)
    stageElement.addEventListener("keyup", (event) => { if (event.key === "Tab") this.tabbed = true })
    stageElement.addEventListener("blur", () => { this.tabbed = false })
    stageElement.addEventListener("keydown", (event) => this.turn(event))
  }

  turn(event) {
    const axis = {ArrowLeft: [0, 1, 0], ArrowRight: [0, -1, 0], ArrowUp: [1, 0, 0], ArrowDown: [-1, 0, 0]}[event.key]
    if (!axis || !this.tabbed || !this.stage) return
    event.preventDefault()
    event.stopPropagation()
    this.stage.viewerControls.spin(axis, TURN)
  }

  color(name) {
    return getComputedStyle(this.root).getPropertyValue(`--dd-${name}`).trim()
  }

  applyTheme() {
    this.root.classList.toggle("dd-dark", this.model.dark)
    if (!this.stage) return
    this.stage.setParameters({backgroundColor: this.color("canvas") || "white"})
    this.draw()
  }

  // NGL is loaded once a page (the browser keeps the module), the stage is made at the first structure
  async start() {
    if (this.starting) return this.starting
    this.starting = import(new URL(this.model.ngl_url, document.baseURI).href).then((NGL) => {
      if (this.gone) return
      if (stages.size >= MOST_STAGES) {
        this.starting = null // the next structure tries again
        throw new Error(`${MOST_STAGES} structures are drawn already: close one to see this.`)
      }
      const stage = new NGL.Stage(this.stageElement, {
        backgroundColor: this.color("canvas") || "white", cameraFov: FOV, clipDist: 0.1, clipNear: -100, clipFar: 200,
        fogNear: 52, fogFar: 130, sampleLevel: 1, ambientIntensity: 0.45, lightIntensity: 1.15,
      })
      if (!stage.viewer.renderer) throw new Error("This browser offers no WebGL, so structures cannot be drawn.")
      // NGL smooths a still picture with sixteen passes: without a graphics card that blocks the next one
      if (drawsInSoftware(stage.viewer.renderer.getContext())) stage.setParameters({sampleLevel: -1})
      this.stage = stage
      stages.add(this)
      this.failure = ""
      this.say("")
      this.drawing = new Drawing(NGL, stage)
      this.host.buffers = this.drawing.buffers // what is really drawn, for whoever asks the page
      stage.pickingBehavior.dispose() // we ask for atoms ourselves, see `listen`
      this.listen()
    }).catch((error) => {
      this.stageElement.replaceChildren()
      this.failure = error.message
      this.say(this.failure)
    })
    return this.starting
  }

  // words instead of a picture; none shows the picture again
  say(words) {
    this.emptyElement.hidden = !words
    this.emptyElement.textContent = words
    this.stageElement.style.visibility = words ? "hidden" : "visible"
  }

  listen() {
    const canvas = this.stage.viewer.renderer.domElement
    this.canvas = canvas
    // in a shadow root the document sees the host as target, and NGL only believes in its canvas
    this.restore = (event) => {
      if (event.composedPath()[0] === canvas) Object.defineProperty(event, "target", {value: canvas})
    }
    this.restored = ["wheel", "mousedown", "mousemove", "mouseup", "contextmenu", "touchstart", "touchmove", "touchend"]
    for (const type of this.restored) document.addEventListener(type, this.restore, {capture: true, passive: true})
    this.resize = new ResizeObserver(() => {
      if (!canvas.isConnected || !this.stageElement.clientWidth) return
      this.stage.handleResize()
      const before = this.opening
      if (this.unseen) this.resetCamera() // the first view was made in a hidden tab, without a size
      else if (before) this.stepBack(before / this.measureOpening())
    })
    this.resize.observe(this.stageElement)
    // before NGL hears of it: what is dragged is not turned
    this.stageElement.addEventListener("mousedown", (event) => this.startDrag(event), {capture: true})
    canvas.addEventListener("mousedown", (event) => { this.down = [event.clientX, event.clientY] })
    canvas.addEventListener("mousemove", (event) => this.hover(event))
    canvas.addEventListener("mouseleave", () => { this.pointer = null; this.describe(this.model.picked) })
    canvas.addEventListener("click", (event) => this.click(event))
    this.stage.viewerControls.signals.changed.add(() => this.cameraMoved())
  }

  // --- the picture ---------------------------------------------------------------------------------------------

  // the structure, and where its atoms have moved since it was sent whole
  merged() {
    const scene = plain(this.model.scene), motion = plain(this.model.motion)
    return scene && motion && motion.of === scene.serial ? {...scene, ...motion} : scene
  }

  async update() {
    const generation = ++this.generation
    const scene = this.merged()
    this.say(scene ? this.failure : this.model.empty)
    delete this.host.dataset.drawn
    if (!scene) {
      this.scene = null
      this.drawing?.clear()
      delete this.host.dataset.atoms
      this.legend.replaceChildren()
      this.label.hidden = true
      return
    }
    await this.start()
    if (this.gone || !this.stage || generation !== this.generation) return
    const before = this.scene
    this.scene = scene
    if (!before || before.symbols.join() !== scene.symbols.join()) this.firstLook()
    else this.keepCamera(before)
    this.draw(before?.serial === scene.serial)
  }

  draw(moved = false) {
    if (!this.scene || !this.stage) return
    const look = {
      colors: atomColors(this.scene, this.model.color_by), forces: this.model.show_forces,
      line: rgb(this.color("muted")), arrow: rgb(this.color("bad")),
    }
    if (moved) this.drawing.move(this.scene, look)
    else this.drawing.draw(this.scene, look)
    this.drawPicked()
    this.drawLegend()
    this.announce()
  }

  // element, uncertainty or force: what the atoms are really coloured by
  coloredBy() {
    const known = {uncertainty: this.scene.value_colors, force: this.scene.force_colors}
    return known[this.model.color_by] != null ? this.model.color_by : "element"
  }

  drawPicked() {
    const known = this.drawing.pick(this.scene, this.model.picked, rgb(this.color("accent")))
    this.describe(known ? this.model.picked : null)
  }

  // tells the page that the picture of this generation is on the screen
  announce() {
    const generation = this.generation
    const viewer = this.stage.viewer
    const done = () => {
      viewer.signals.rendered.remove(done)
      if (this.gone || generation !== this.generation || !this.scene) return
      this.host.dataset.atoms = this.scene.symbols.length
      this.host.dataset.colors = this.coloredBy()
      this.host.dataset.drawn = this.scene.id
    }
    viewer.signals.rendered.add(done)
    viewer.requestRender()
  }

  drawLegend() {
    const rows = []
    const {scene} = this
    const [title, range] = {
      uncertainty: [`${scene.value_label} (${scene.value_unit})`, scene.value_range],
      force: ["|F| (eV/Å)", scene.force_range],
    }[this.coloredBy()] ?? []
    if (title) {
      const words = document.createElement("div")
      words.textContent = title
      const bar = document.createElement("div")
      bar.className = "bar"
      element("span", "", bar).textContent = number(range[0])
      element("span", "ramp", bar).style.background = this.color("ramp")
      element("span", "", bar).textContent = number(range[1])
      rows.push(words, bar)
    } else if (this.model.color_by !== "element") {
      const note = document.createElement("div")
      const what = this.model.color_by === "force" ? this.model.no_forces : "no per-atom uncertainty"
      note.textContent = `${what}: coloured by element`
      rows.push(note)
    }
    if (this.model.show_forces && this.scene.arrow_max != null) {
      const arrows = document.createElement("div")
      arrows.textContent = `${scene.arrow_label}: longest arrow ${number(scene.arrow_max)} ${scene.arrow_unit}`
      rows.push(arrows)
    } else if (this.model.show_forces) {
      const none = document.createElement("div")
      none.textContent = this.model.no_forces
      rows.push(none)
    }
    this.legend.replaceChildren(...rows)
    this.stageElement.setAttribute("aria-label", this.named())
  }

  // what a screen reader says of the picture
  named() {
    const {id, symbols} = this.scene
    const counts = {}
    for (const symbol of symbols) counts[symbol] = (counts[symbol] ?? 0) + 1
    const formula = Object.entries(counts).map(([symbol, count]) => `${symbol} ${count}`).join(", ")
    return `Structure ${id}: ${formula}. Coloured by ${this.coloredBy()}; the arrow keys turn it.`
  }

  // --- the camera ----------------------------------------------------------------------------------------------

  // sine of half the angle that is seen along the shorter side
  measureOpening() {
    const {clientWidth: w, clientHeight: h} = this.stageElement
    this.unseen = !w
    const half = (FOV / 2) * Math.PI / 180
    const narrow = w && h ? Math.min(half, Math.atan(Math.tan(half) * w / h)) : half
    return this.opening = Math.sin(narrow)
  }

  distance(scene) {
    return scene.radius / this.measureOpening()
  }

  // in a frame of another shape the same part of the structure is seen
  stepBack(factor) {
    const controls = this.stage.viewerControls
    if (this.scene && Math.abs(factor - 1) > 0.01) controls.distance(factor * controls.getCameraDistance())
  }

  resetCamera() {
    const s = this.scene
    if (!s || !this.stage) return
    const v = s.view, d = this.distance(s), c = s.center
    // column-major 4x4: rotation times distance, and where the world's origin goes
    this.stage.viewerControls.orient([
      v[0] * d, v[3] * d, v[6] * d, 0, v[1] * d, v[4] * d, v[7] * d, 0, v[2] * d, v[5] * d, v[8] * d, 0,
      -c[0], -c[1], -c[2], 1])
  }

  // as the others of the group look, or else as the scene says
  firstLook() {
    const other = [...(groups.get(this.group) ?? [])].find((one) => one !== this && one.stage && one.scene)
    if (!other) return this.resetCamera()
    this.stage.viewerControls.orient([...other.orientation().slice(0, 12), ...this.scene.center.map((x) => -x), 1])
  }

  // the same atoms elsewhere: look at their new centre, step back only if they would leave the picture
  keepCamera(before) {
    const controls = this.stage.viewerControls
    const [a, b] = [before.center, this.scene.center]
    if (a.some((x, k) => Math.abs(x - b[k]) > 1)) controls.translate(a.map((x, k) => x - b[k]))
    if (this.scene.radius > 1.25 * before.radius) controls.distance(this.distance(this.scene))
  }

  // all of a group turn and zoom together; each keeps looking at its own centre
  cameraMoved() {
    const matrix = this.orientation()
    this.noteCamera(matrix)
    for (const other of groups.get(this.group) ?? []) {
      if (other === this || !other.stage) continue
      const {x, y, z} = other.stage.viewerControls.position
      const turned = [...matrix.slice(0, 12), x, y, z, 1]
      other.stage.viewerControls.orient(turned, true)
      other.noteCamera(turned)
    }
  }

  // NGL's own matrix is that of the last picture
  orientation() {
    this.stage.viewer.rotationGroup.updateMatrix()
    return Array.from(this.stage.viewerControls.getOrientation().elements)
  }

  noteCamera(matrix) {
    this.host.dataset.camera = matrix.map((value) => value.toFixed(3)).join(" ")
  }

  joinGroup() {
    groups.get(this.group)?.delete(this)
    this.group = this.model.camera_group
    if (!this.group) return
    if (!groups.has(this.group)) groups.set(this.group, new Set())
    groups.get(this.group).add(this)
  }

  // --- atoms that a person moves ---------------------------------------------------------------------------------

  // the plane of the screen at an atom: Å per pixel to the right and upwards
  screenPlane(place) {
    const e = this.stage.viewerControls.getOrientation().elements
    const distance = Math.hypot(e[0], e[1], e[2])
    const [right, up, near] = [0, 1, 2].map((row) => [0, 1, 2].map((k) => e[4 * k + row] / distance))
    const {x, y, z} = this.stage.viewerControls.position
    const depth = [x, y, z].reduce((sum, offset, k) => sum + near[k] * (place[k] + offset), 0)
    const height = 2 * Math.tan((FOV / 2) * Math.PI / 180) * (distance - depth)
    const step = height / this.stageElement.clientHeight
    return {right: right.map((part) => part * step), up: up.map((part) => part * step)}
  }

  startDrag(event) {
    if (!this.model.editing || event.button !== 0 || !this.scene) return
    const atom = this.atomAt(event)
    if (atom == null) return
    event.stopPropagation()
    event.preventDefault()
    this.model.picked = atom
    this.down = [event.clientX, event.clientY] // for the click that follows
    const at = Array.from(this.scene.positions.slice(3 * atom, 3 * atom + 3))
    const {right, up} = this.screenPlane(at)
    let place = at
    const move = (e) => {
      const [dx, dy] = [e.clientX - event.clientX, event.clientY - e.clientY]
      place = at.map((value, k) => value + dx * right[k] + dy * up[k])
      this.put(atom, place)
    }
    const drop = () => {
      document.removeEventListener("mousemove", move, true)
      document.removeEventListener("mouseup", drop, true)
      if (place !== at) this.model.send_msg({atom, place})
    }
    document.addEventListener("mousemove", move, true)
    document.addEventListener("mouseup", drop, true)
  }

  put(atom, place) {
    if (this.gone || !this.scene) return
    const positions = Float32Array.from(this.scene.positions)
    positions.set(place, 3 * atom)
    this.scene = {...this.scene, positions}
    this.draw(true)
  }

  // --- the pointer ---------------------------------------------------------------------------------------------

  atomAt(event) {
    const box = this.canvas.getBoundingClientRect()
    const {pid, picker} = this.stage.viewer.pick(event.clientX - box.left, box.bottom - event.clientY)
    return picker && pid < this.scene.symbols.length ? pid : null
  }

  // asks for the atom once a frame at most, and not while turning
  hover(event) {
    const waiting = this.pointer
    this.pointer = event.buttons ? null : event
    if (waiting || !this.pointer) return
    requestAnimationFrame(() => {
      const at = this.pointer
      this.pointer = null
      if (at && this.scene && !this.gone) this.describe(this.atomAt(at) ?? this.model.picked)
    })
  }

  click(event) {
    const [x, y] = this.down ?? [event.clientX, event.clientY]
    if (!this.scene || Math.hypot(event.clientX - x, event.clientY - y) > 4) return
    this.model.picked = this.atomAt(event)
  }

  describe(index) {
    const known = this.scene && index != null && index < this.scene.symbols.length
    this.label.hidden = !known
    if (!known) return
    let text = `${this.scene.symbols[index]} · atom ${index}`
    const value = this.scene.values?.[index]
    if (value != null) text += ` · ${this.scene.value_label} ${number(value)} ${this.scene.value_unit}`
    const force = this.scene.forces?.[index]
    if (force != null) text += ` · |F| ${number(force)} eV/Å`
    this.label.textContent = text
  }

  remove() {
    this.gone = true
    this.generation++
    groups.get(this.group)?.delete(this)
    if (!this.stage) return
    for (const type of this.restored) document.removeEventListener(type, this.restore, {capture: true})
    this.resize.disconnect()
    stages.delete(this)
    this.drawing.clear()
    const {renderer} = this.stage.viewer
    this.stage.viewer.render = () => {} // a frame already asked for must not draw into a lost context
    this.stage.dispose()
    renderer.forceContextLoss() // browsers keep about sixteen contexts and then drop the oldest
    this.canvas.remove()
    this.stage = null
  }
}

export function render({model, el}) {
  const viewer = new Viewer(model, el)
  viewer.joinGroup()
  for (const name of ["scene", "motion"]) model.on(name, () => viewer.update())
  model.on("empty", () => viewer.update())
  model.on("dark", () => viewer.applyTheme())
  model.on("color_by", () => viewer.draw())
  model.on("show_forces", () => viewer.draw())
  model.on("no_forces", () => { if (viewer.scene && viewer.stage) viewer.drawLegend() })
  model.on("camera_group", () => viewer.joinGroup())
  model.on("picked", () => { if (viewer.scene && viewer.stage) viewer.drawPicked() })
  model.on("msg:custom", (message) => { if (message.type === "reset-camera") viewer.resetCamera() })
  const editing = () => viewer.host.toggleAttribute("data-editing", model.editing)
  model.on("editing", editing)
  editing()
  model.on("remove", () => viewer.remove())
  viewer.update()
}

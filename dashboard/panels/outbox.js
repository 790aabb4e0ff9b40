// Decisions that can still be taken back, each with the seconds it has left. Text is only ever textContent.

const CSS = `
.dd-outbox { display: grid; gap: 4px; }
.row { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 9px; align-items: center; padding: 6px 6px 6px 9px; border: 1px solid var(--dd-border); border-radius: var(--dd-radius); background: var(--dd-surface); }
.ring { width: 2.3em; height: 2.3em; border-radius: 50%; display: grid; place-items: center; font-size: var(--dd-type-tiny); font-weight: 650; font-variant-numeric: tabular-nums; background: radial-gradient(closest-side, var(--dd-surface) 76%, transparent 78%), conic-gradient(var(--dd-accent) var(--part), var(--dd-quiet-soft) 0); }
.words { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.words b { font-weight: 600; }
.words span { color: var(--dd-muted); }
button { font: inherit; font-weight: 600; border: 0; border-radius: 6px; padding: 3px 9px; cursor: pointer; background: transparent; color: var(--dd-accent); }
button:hover { background: var(--dd-accent-soft); }
button:focus-visible { outline: 2px solid var(--dd-accent); }
.send { margin-top: 6px; }
[hidden] { display: none; }
.empty { color: var(--dd-muted); font-size: var(--dd-type-small); padding: 2px; }
`

function element(tag, className, parent) {
  const made = document.createElement(tag)
  made.className = className
  parent.append(made)
  return made
}

function plain(item) {
  return item instanceof Map ? Object.fromEntries(item) : item
}

class Outbox {
  constructor(model, el) {
    this.model = model
    element("style", "", el).textContent = CSS
    this.root = element("div", "dd-root", el)
    this.list = element("div", "dd-outbox", this.root)
    this.list.setAttribute("role", "group")
    this.list.setAttribute("aria-label", "Outbox")
    this.nothing = element("div", "empty", this.root)
    this.send = element("button", "send", this.root)
    this.send.type = "button"
    this.send.textContent = "Send now (Ctrl+Enter)"
    this.send.addEventListener("click", () => this.model.send_msg({send: true}))
    this.rows = new Map()
    this.timer = setInterval(() => this.tick(), 250)
    this.theme()
    this.draw()
  }

  theme() {
    this.root.classList.toggle("dd-dark", this.model.dark)
  }

  draw() {
    // the server's clock may differ from ours: it says how many seconds are left, we count from now
    const now = performance.now() / 1000
    const items = this.model.items.map(plain)
    this.send.hidden = !this.model.can_send || !items.length
    this.nothing.hidden = items.length > 0
    this.nothing.textContent = this.model.empty
    const before = this.rows
    this.rows = new Map(items.map((item) => {
      const row = before.get(item.id) ?? this.make(item.id)
      row.said.textContent = ` ${item.words}`
      return [item.id, Object.assign(row, {end: now + item.left, hold: item.hold})]
    }))
    for (const [id, {row}] of before) if (!this.rows.has(id)) row.remove()
    // a row that stays where it was is not touched: its button may have the focus, or be under a pressed mouse
    let k = 0
    for (const {row} of this.rows.values()) {
      if (this.list.children[k] !== row) this.list.insertBefore(row, this.list.children[k] ?? null)
      k += 1
    }
    this.tick()
  }

  make(id) {
    const row = element("div", "row", this.list)
    row.dataset.id = id
    const ring = element("span", "ring", row)
    const words = element("span", "words", row)
    element("b", "", words).textContent = id
    const said = element("span", "", words)
    const undo = element("button", "undo", row)
    undo.type = "button"
    undo.textContent = "Undo"
    undo.setAttribute("aria-label", `Take the decision about ${id} back`)
    undo.addEventListener("click", () => this.model.send_msg({id}))
    return {row, ring, said}
  }

  tick() {
    const now = performance.now() / 1000
    for (const {ring, end, hold} of this.rows.values()) {
      const left = Math.max(0, end - now)
      const text = hold > 0 && left > 0 ? String(Math.ceil(left)) : "…"
      if (ring.textContent !== text) ring.textContent = text
      ring.style.setProperty("--part", `${hold > 0 ? 100 * left / hold : 0}%`)
    }
  }
}

export function render({model, el}) {
  const outbox = new Outbox(model, el)
  model.on("items", () => outbox.draw())
  model.on("can_send", () => outbox.draw())
  model.on("empty", () => outbox.draw())
  model.on("dark", () => outbox.theme())
  model.on("remove", () => clearInterval(outbox.timer))
}

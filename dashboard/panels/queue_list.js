// A list of cards, patched card by card. Text is only ever textContent.

const CSS = `
.frame { display: flex; flex-direction: column; height: 100%; min-height: 0; }
.dd-queue { flex: 1; min-height: 0; overflow-y: auto; padding: 4px; outline: none; border-radius: var(--dd-radius); scrollbar-width: thin; scrollbar-color: var(--dd-border) transparent; }
.card { position: relative; display: grid; grid-template-columns: 72px minmax(0, 1fr); gap: 10px; align-items: center; padding: 7px 10px 7px 7px; margin-bottom: 4px; border: 1px solid transparent; border-radius: var(--dd-radius); cursor: pointer; transition: background .12s, opacity .2s; }
.card:hover { background: var(--dd-sunken); }
.card[aria-selected=true] { background: var(--dd-accent-soft); border-color: color-mix(in srgb, var(--dd-accent) 40%, transparent); }
.dd-queue:focus-visible .card[aria-selected=true] { outline: 2px solid var(--dd-accent); outline-offset: 1px; }
.dd-queue:focus-visible:not(:has(.card[aria-selected=true])) { outline: 2px solid var(--dd-accent); outline-offset: -2px; }
.card.sending { opacity: .45; cursor: default; pointer-events: none; }
.card.conflict { border-color: color-mix(in srgb, var(--dd-bad) 45%, transparent); }
.card.marked::after { content: "✓"; position: absolute; left: 11px; top: 10px; width: 16px; height: 16px; border-radius: 5px; display: grid; place-items: center; font-size: var(--dd-type-label); font-weight: 700; color: var(--dd-on-accent); background: var(--dd-accent); }
.thumb { width: 72px; height: 54px; border-radius: 6px; background: var(--dd-canvas); border: 1px solid var(--dd-border); object-fit: contain; }
.words { display: grid; gap: 1px; min-width: 0; }
.line { display: flex; align-items: center; gap: 8px; min-width: 0; }
.title { font-weight: 600; letter-spacing: -.005em; }
.title, .subtitle { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.line .dd-chip { margin-left: auto; flex: none; }
.subtitle, .age, .facts { color: var(--dd-muted); font-size: var(--dd-type-small); }
.facts { display: flex; gap: 10px; font-variant-numeric: tabular-nums; white-space: nowrap; flex-wrap: wrap; overflow: hidden; }
.score { color: var(--dd-text); font-weight: 550; }
.age, .cost { margin-left: auto; flex: none; font-variant-numeric: tabular-nums; }
.foot { padding: 6px 10px 2px; color: var(--dd-muted); font-size: var(--dd-type-small); text-align: center; }
.empty { flex: 1; display: grid; place-items: center; padding: 32px 20px; text-align: center; color: var(--dd-muted); white-space: pre-line; }
[hidden] { display: none !important; }
@media (prefers-reduced-motion: reduce) { .card { transition: none; } }
`

function element(tag, className, parent) {
  const made = document.createElement(tag)
  made.className = className
  parent.append(made)
  return made
}

// Bokeh hands a dict over as a Map or as an object, depending on where it sits
function plain(item) {
  return item instanceof Map ? Object.fromEntries(item) : item
}

function setText(node, text) {
  const shown = text == null ? "" : String(text)
  if (node.textContent !== shown) node.textContent = shown
  node.hidden = shown === ""
}

class Card {
  constructor(item) {
    this.node = document.createElement("div")
    this.node.setAttribute("role", "option")
    this.node.dataset.id = item.id
    this.node.id = `card-${item.id}`
    this.thumb = element("img", "thumb", this.node)
    this.thumb.alt = ""
    this.thumb.style.visibility = "hidden"
    const words = element("div", "words", this.node)
    const line = element("div", "line", words)
    this.title = element("span", "title", line)
    this.badge = element("span", "dd-chip", line)
    const origin = element("div", "line", words)
    this.subtitle = element("span", "subtitle", origin)
    this.age = element("span", "age", origin)
    const facts = element("div", "facts", words)
    this.score = element("span", "score", facts)
    this.cost = element("span", "cost", facts)
  }

  update(item, {selected, marked, tones}) {
    const sending = item.state === "sending"
    const place = {sending: "sending", conflict: "conflict"}[item.state] ?? "dd-card"
    this.node.className = `card ${place}${marked ? " marked" : ""}`
    this.node.setAttribute("aria-selected", String(selected))
    this.node.setAttribute("aria-disabled", String(sending))
    if (marked) this.node.setAttribute("aria-checked", "true")
    else this.node.removeAttribute("aria-checked")
    for (const name of ["title", "subtitle", "score", "age", "cost"]) setText(this[name], item[name])
    setText(this.badge, sending ? "SENDING" : item.badge)
    this.badge.dataset.tone = sending ? "quiet" : tones[item.badge] ?? "quiet"
  }

  // only pictures that carry their own data: an address would be a request
  picture(address) {
    const own = typeof address === "string" && address.startsWith("data:image/") ? address : ""
    this.thumb.style.visibility = own ? "visible" : "hidden"
    if (own && this.thumb.src !== own) this.thumb.src = own
  }
}

class Queue {
  constructor(model, el) {
    this.model = model
    this.cards = new Map()
    this.asked = new Set()
    element("style", "", el).textContent = CSS
    this.root = element("div", "dd-root", el)
    const frame = element("div", "frame", this.root)
    this.list = element("div", "dd-queue", frame)
    this.list.setAttribute("role", "listbox")
    this.list.setAttribute("aria-label", "Candidates waiting for a decision")
    this.list.tabIndex = 0
    this.emptyElement = element("div", "empty", frame)
    this.foot = element("div", "foot", frame)
    this.list.addEventListener("click", (event) => this.click(event))
    this.list.addEventListener("keydown", (event) => this.key(event))
  }

  get items() {
    return this.all.slice(0, this.model.limit)
  }

  draw() {
    const {model} = this
    this.all = JSON.parse(model.sent)
    const items = this.items
    const tones = plain(model.tones)
    const kept = new Set(items.map((item) => item.id))
    for (const [id, card] of this.cards) {
      if (kept.has(id)) continue
      card.node.remove()
      this.cards.delete(id)
      this.asked.delete(id)
    }
    items.forEach((item, at) => {
      if (!this.cards.has(item.id)) this.cards.set(item.id, new Card(item))
      const card = this.cards.get(item.id)
      card.update(item, {selected: item.id === model.selected, marked: model.marked.includes(item.id), tones})
      if (this.list.children[at] !== card.node) this.list.insertBefore(card.node, this.list.children[at] ?? null)
    })
    this.around(items.length)
    this.ask(items.map((item) => item.id).filter((id) => !this.asked.has(id)))
  }

  // a picture is sent once, for a card that is drawn; `items` stay small
  ask(ids) {
    if (!ids.length) return
    for (const id of ids) this.asked.add(id)
    this.model.send_msg({ids})
  }

  show(pictures) {
    for (const [id, address] of Object.entries(plain(pictures))) this.cards.get(id)?.picture(address)
  }

  around(drawn) {
    const all = Math.max(this.model.total, this.all.length)
    this.root.classList.toggle("dd-dark", this.model.dark)
    this.list.hidden = drawn === 0
    this.emptyElement.hidden = drawn > 0
    setText(this.emptyElement, drawn > 0 ? "" : this.model.empty)
    setText(this.foot, drawn < all ? `${drawn} drawn of ${all}` : "")
    const chosen = this.cards.get(this.model.selected)
    if (chosen) this.list.setAttribute("aria-activedescendant", chosen.node.id)
    else this.list.removeAttribute("aria-activedescendant")
  }

  // how far the selected card's ends lie from the list's, px
  selectedEnds() {
    const node = this.cards.get(this.model.selected)?.node
    if (!node) return null
    const above = node.offsetTop - this.list.offsetTop - this.list.scrollTop
    return [above, above + node.offsetHeight - this.list.clientHeight]
  }

  // another piece of the queue: a selected card that was in sight stays there
  replace() {
    const [above, below] = this.selectedEnds() ?? [-1, 1]
    this.draw()
    if (above >= 0 && below <= 0) this.reveal()
  }

  // scrolls the list alone; scrollIntoView would move the page as well
  reveal() {
    const ends = this.selectedEnds()
    if (!ends) return
    const [above, below] = ends
    if (above < 0) this.list.scrollTop += above - 4
    else if (below > 0) this.list.scrollTop += below + 4
  }

  click(event) {
    const node = event.composedPath().find((n) => n.dataset?.id && n.getAttribute?.("role") === "option")
    if (!node) return
    const id = node.dataset.id
    if (event.ctrlKey || event.metaKey) {
      const {marked} = this.model
      this.model.marked = marked.includes(id) ? marked.filter((m) => m !== id) : [...marked, id]
    } else {
      this.model.selected = id
    }
  }

  key(event) {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key]
    if (!step) return
    event.preventDefault()
    const ids = this.items.filter((item) => item.state !== "sending").map((item) => item.id)
    const at = ids.indexOf(this.model.selected)
    const to = at < 0 ? 0 : Math.min(Math.max(at + step, 0), ids.length - 1)
    if (ids.length) this.model.selected = ids[to]
  }
}

export function render({model, el}) {
  const queue = new Queue(model, el)
  const draw = () => queue.draw()
  model.on("sent", () => queue.replace())
  for (const name of ["total", "marked", "empty", "limit", "dark", "tones"]) model.on(name, draw)
  model.on("selected", () => { queue.draw(); queue.reveal() })
  model.on("msg:custom", (message) => queue.show(plain(message).pictures))
  model.on("after_layout", () => queue.reveal())
  draw()
}

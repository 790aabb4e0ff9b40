// Small cards beside what they speak of (findSeen: find_deep.js, before this text). The page under them stays in
// use: a card takes the arrows while it has the focus, and Escape; every other key and click is the page's.

const GAP = 12 // px between a card, what it speaks of, and the edges of the window
const NARROW = 600 // px: below it a card is as wide as the window
const EVERY = 400 // ms: pages are drawn again, and what a card speaks of may move

const CSS = `
.ring { position: fixed; z-index: 1900; pointer-events: none; border: 2px solid var(--dd-accent); border-radius: 10px; }
.dd-tour { position: fixed; z-index: 1901; width: 24em; max-width: calc(100vw - ${2 * GAP}px); padding: 14px 16px; border-radius: 12px; color: var(--dd-text); background: var(--dd-raised); border: 1px solid var(--dd-accent); box-shadow: var(--dd-shadow); }
.dd-tour:focus-visible { outline: 2px solid var(--dd-accent); outline-offset: 2px; }
h2 { margin: 0 0 6px; font-size: var(--dd-type-title); font-weight: 650; letter-spacing: -.01em; }
p { margin: 0; }
.foot { display: flex; align-items: center; gap: 6px; margin-top: 12px; }
.count { margin-right: auto; color: var(--dd-muted); }
button { font: inherit; font-weight: 550; padding: 4px 12px; cursor: pointer; color: var(--dd-accent); background: transparent; border: 1px solid transparent; border-radius: 8px; }
button:hover { background: var(--dd-accent-soft); }
button:focus-visible { outline: 2px solid var(--dd-accent); outline-offset: 1px; }
.next { color: var(--dd-on-accent); background: var(--dd-accent); }
.next:hover { color: var(--dd-accent); border-color: currentColor; }
[hidden] { display: none !important; }
`

function element(tag, className, parent) {
  const made = document.createElement(tag)
  made.className = className
  parent.append(made)
  return made
}

function clamp(value, size, room) {
  return Math.max(GAP, Math.min(value, room - size - GAP))
}

// left and top of a card of this size beside `box`: on the first side, of those asked for, that has room
function beside(box, sides, width, height) {
  const [W, H] = [window.innerWidth, window.innerHeight]
  const places = {
    below: [clamp(box.right, width, W), box.bottom + GAP],
    above: [clamp(box.left, width, W), box.top - GAP - height],
    right: [box.right + GAP, clamp(box.top, height, H)],
    left: [box.left - GAP - width, clamp(box.top + GAP, height, H)],
  }
  const fits = ([x, y]) => x >= GAP && y >= GAP && x + width <= W - GAP && y + height <= H - GAP
  return sides.map((side) => places[side]).find(fits) ?? [clamp(W, width, W), clamp(H, height, H)]
}

class Tour {
  constructor(model, el) {
    this.model = model
    this.shown = 0
    element("style", "", el).textContent = CSS
    this.root = element("div", "dd-root", el)
    this.ring = element("div", "ring", this.root)
    this.card = element("div", "dd-tour", this.root)
    this.card.setAttribute("role", "dialog")
    this.card.setAttribute("aria-labelledby", "dd-tour-title")
    this.card.setAttribute("aria-describedby", "dd-tour-words")
    this.card.tabIndex = -1
    const said = element("div", "", this.card)
    said.setAttribute("aria-live", "polite") // the next card is read though the focus stays where it is
    this.title = element("h2", "", said)
    this.title.id = "dd-tour-title"
    this.words = element("p", "", said)
    this.words.id = "dd-tour-words"
    const foot = element("div", "foot", this.card)
    this.count = element("span", "count", foot)
    this.skip = this.button("Skip", "skip", foot, () => this.go(0))
    this.back = this.button("Back", "back", foot, () => this.go(this.shown - 1))
    this.next = this.button("Next", "next", foot, () => this.go(this.last ? 0 : this.shown + 1))
    this.card.addEventListener("keydown", (event) => this.key(event))
    this.onEscape = (event) => { if (event.key === "Escape" && this.shown) this.go(0) }
    document.addEventListener("keydown", this.onEscape)
    this.place = this.place.bind(this)
    window.addEventListener("resize", this.place)
  }

  get last() {
    return this.shown === this.model.steps.length
  }

  button(label, className, parent, onClick) {
    const made = element("button", className, parent)
    made.type = "button"
    made.textContent = label
    made.addEventListener("click", onClick)
    return made
  }

  theme() {
    this.root.classList.toggle("dd-dark", this.model.dark)
  }

  go(step) {
    this.model.step = step
  }

  key(event) {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key]
    if (!step) return
    event.preventDefault()
    event.stopPropagation()
    this.go(Math.max(1, Math.min(this.shown + step, this.model.steps.length)))
  }

  show() {
    const before = this.shown
    this.shown = this.model.step
    this.card.hidden = this.ring.hidden = !this.shown
    if (!this.shown) return this.close(before)
    const [title, words, selectors, sides] = this.model.steps[this.shown - 1]
    this.title.textContent = title
    this.words.textContent = words
    this.count.textContent = `${this.shown} of ${this.model.steps.length}`
    this.back.hidden = this.shown === 1
    this.skip.hidden = this.last
    this.next.textContent = this.last ? "Done" : "Next"
    this.selectors = selectors
    this.sides = sides
    this.anchor = null
    this.look()?.scrollIntoView({block: "nearest", inline: "nearest"})
    this.place()
    if (!before) this.open()
    else if (focused() === document.body) this.card.focus({preventScroll: true}) // "Back" went with its button
  }

  open() {
    this.timer = setInterval(this.place, EVERY)
    this.before = focused()
    if (!this.before?.matches("input, textarea")) this.card.focus({preventScroll: true})
  }

  close(before) {
    clearInterval(this.timer)
    if (!before) return
    const back = this.before?.isConnected && this.before !== document.body ? this.before : findSeen("[role=listbox]")
    back?.focus({preventScroll: true})
  }

  // what the card speaks of: the first of its selectors that the page shows
  look() {
    if (this.anchor?.isConnected) return this.anchor
    for (const selector of this.selectors) {
      this.anchor = findSeen(selector)
      if (this.anchor) break
    }
    return this.anchor
  }

  place() {
    if (!this.shown) return
    const box = this.look()?.getBoundingClientRect()
    this.ring.hidden = !box
    const {offsetWidth: width, offsetHeight: height} = this.card
    let [left, top] = [window.innerWidth - width - GAP, window.innerHeight - height - GAP]
    if (box) {
      const around = {left: box.left - 4, top: box.top - 4, width: box.width + 8, height: box.height + 8}
      for (const [side, value] of Object.entries(around)) this.ring.style[side] = `${value}px`
      const narrow = window.innerWidth < NARROW
      ;[left, top] = beside(box, narrow ? ["below", "above"] : this.sides, width, height)
    }
    this.card.style.left = `${left}px`
    this.card.style.top = `${top}px`
  }

  remove() {
    clearInterval(this.timer)
    document.removeEventListener("keydown", this.onEscape)
    window.removeEventListener("resize", this.place)
  }
}

export function render({model, el}) {
  const tour = new Tour(model, el)
  model.on("step", () => tour.show())
  model.on("dark", () => tour.theme())
  model.on("remove", () => tour.remove())
  tour.theme()
  tour.show()
}

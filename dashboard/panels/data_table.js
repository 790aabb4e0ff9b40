// A table that is sorted here and in which one row is chosen. Text is only ever textContent.

const CSS = `
.frame { display: flex; flex-direction: column; height: 100%; min-height: 0; }
.scroll { overflow: auto; min-height: 0; flex: 1; border: 1px solid var(--dd-border); border-radius: var(--dd-radius); background: var(--dd-surface); scrollbar-width: thin; scrollbar-color: var(--dd-border) transparent; outline-offset: -2px; }
.scroll:focus-visible { outline: 2px solid var(--dd-accent); }
table { border-collapse: collapse; width: 100%; font-size: var(--dd-type-small); font-variant-numeric: tabular-nums; }
th { position: sticky; top: 0; z-index: 1; padding: 0; background: var(--dd-sunken); box-shadow: 0 1px 0 var(--dd-border); text-align: right; white-space: nowrap; }
th button { all: unset; box-sizing: border-box; width: 100%; padding: 6px 8px; cursor: pointer; font-size: var(--dd-type-small); font-weight: 600; color: var(--dd-muted); }
th button:hover { color: var(--dd-text); }
th button:focus-visible { outline: 2px solid var(--dd-accent); outline-offset: -2px; }
th button::after { content: "↕"; margin-left: 2px; opacity: 0; }
th button:hover::after { opacity: .5; }
th[aria-sort=ascending] button::after { content: "↑"; opacity: 1; }
th[aria-sort=descending] button::after { content: "↓"; opacity: 1; }
td { padding: 4px 8px; text-align: right; white-space: nowrap; border-top: 1px solid var(--dd-grid); }
.words { text-align: left; }
tbody tr { cursor: pointer; }
tbody tr:hover { background: var(--dd-sunken); }
tbody tr[aria-current=true] { background: var(--dd-accent-soft); box-shadow: inset 3px 0 0 var(--dd-accent); }
td:first-child { font-weight: 550; }
.foot { padding: 4px 2px; color: var(--dd-muted); font-size: var(--dd-type-small); }
[hidden] { display: none !important; }
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

class Table {
  constructor(model, el) {
    this.model = model
    this.by = null
    element("style", "", el).textContent = CSS
    this.root = element("div", "dd-root", el)
    const frame = element("div", "frame", this.root)
    this.scroll = element("div", "scroll", frame)
    this.scroll.tabIndex = 0
    this.table = element("table", "dd-table", this.scroll)
    this.head = element("tr", "", element("thead", "", this.table))
    this.body = element("tbody", "", this.table)
    this.foot = element("div", "foot", frame)
    this.body.addEventListener("click", (event) => this.click(event))
    this.scroll.addEventListener("keydown", (event) => this.key(event))
  }

  theme() {
    this.root.classList.toggle("dd-dark", this.model.dark)
  }

  heads() {
    this.columns = this.model.columns.map(plain)
    this.head.replaceChildren()
    this.columns.forEach((column, at) => {
      const head = element("th", "", this.head)
      head.scope = "col"
      const button = element("button", column.words ? "words" : "", head)
      button.type = "button"
      button.textContent = column.label
      if (column.title) button.title = column.title
      button.addEventListener("click", () => {
        this.by = this.by?.at === at ? {at, up: !this.by.up} : {at, up: true}
        this.draw()
      })
    })
    this.draw()
  }

  sorted() {
    const rows = this.model.rows.map(plain)
    if (!this.by) return rows
    const {at, up} = this.by
    const value = (row) => row.sort[at]
    const known = rows.filter((row) => value(row) != null)
    const order = (a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0)
    known.sort((a, b) => (up ? order(a, b) : order(b, a)))
    return [...known, ...rows.filter((row) => value(row) == null)]
  }

  draw() {
    const {model} = this
    this.table.setAttribute("aria-label", model.label)
    this.scroll.setAttribute("aria-label", model.label)
    this.scroll.setAttribute("role", "region")
    ;[...this.head.children].forEach((head, at) => {
      if (this.by?.at === at) head.setAttribute("aria-sort", this.by.up ? "ascending" : "descending")
      else head.removeAttribute("aria-sort")
    })
    this.shown = this.sorted()
    const made = document.createDocumentFragment()
    for (const row of this.shown) {
      const line = element("tr", "dd-row", made)
      line.dataset.id = row.id
      row.cells.forEach((text, at) => {
        element("td", this.columns[at]?.words ? "words" : "", line).textContent = text
      })
    }
    this.body.replaceChildren(made)
    const all = Math.max(model.total, this.shown.length)
    this.foot.hidden = all === this.shown.length
    this.foot.textContent = `${this.shown.length} listed of ${all}`
    this.choose()
  }

  choose() {
    for (const line of this.body.children) {
      line.setAttribute("aria-current", String(line.dataset.id === this.model.selected))
    }
  }

  // scrolls the list alone; scrollIntoView would move the page as well
  reveal() {
    const line = [...this.body.children].find((node) => node.dataset.id === this.model.selected)
    if (!line) return
    const above = line.offsetTop - this.scroll.scrollTop - this.head.offsetHeight
    const below = line.offsetTop + line.offsetHeight - this.scroll.scrollTop - this.scroll.clientHeight
    if (above < 0) this.scroll.scrollTop += above
    else if (below > 0) this.scroll.scrollTop += below
  }

  click(event) {
    const line = event.composedPath().find((node) => node.dataset?.id)
    if (line) this.model.selected = line.dataset.id
  }

  key(event) {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key]
    if (!step || !this.shown.length) return
    event.preventDefault()
    const at = this.shown.findIndex((row) => row.id === this.model.selected)
    const to = at < 0 ? 0 : Math.min(Math.max(at + step, 0), this.shown.length - 1)
    this.model.selected = this.shown[to].id
  }
}

export function render({model, el}) {
  const table = new Table(model, el)
  model.on("columns", () => table.heads())
  for (const name of ["rows", "total", "label"]) model.on(name, () => table.draw())
  model.on("selected", () => { table.choose(); table.reveal() })
  model.on("dark", () => table.theme())
  model.on("after_layout", () => table.reveal())
  table.theme()
  table.heads()
}

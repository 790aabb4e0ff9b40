// Atoms as a table; a click picks one. Text is only ever textContent.

const CSS = `
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { padding: 0 0 6px; text-align: left; font-size: var(--dd-type-label); font-weight: 600; letter-spacing: .04em; text-transform: uppercase; color: var(--dd-muted); }
th { padding: 2px 6px; font-weight: 500; font-size: var(--dd-type-small); text-align: right; color: var(--dd-muted); white-space: nowrap; }
td { padding: 2px 6px; text-align: right; border-top: 1px solid var(--dd-border); }
th:first-child, td:first-child { text-align: left; }
tbody tr { cursor: pointer; }
tbody tr:hover { background: var(--dd-sunken); }
tbody tr[aria-selected=true] { background: var(--dd-accent-soft); }
tbody tr:focus-visible { outline: 2px solid var(--dd-accent); outline-offset: -2px; }
button { margin-top: 6px; padding: 2px 8px; font: inherit; font-size: var(--dd-type-small); color: var(--dd-accent); background: none; border: 1px solid var(--dd-border); border-radius: 6px; cursor: pointer; }
button:focus-visible { outline: 2px solid var(--dd-accent); }
[hidden] { display: none !important; }
`

function element(tag, text, parent) {
  const made = document.createElement(tag)
  made.textContent = text
  parent.append(made)
  return made
}

class Atoms {
  constructor(model, el) {
    this.model = model
    this.all = false
    element("style", CSS, el)
    this.root = element("div", "", el)
    this.root.className = "dd-root"
    this.table = element("table", "", this.root)
    this.table.className = "dd-atoms"
    this.table.setAttribute("role", "grid")
    this.button = element("button", "", this.root)
    this.button.type = "button"
    this.button.addEventListener("click", () => { this.all = !this.all; this.draw() })
  }

  draw() {
    this.root.classList.toggle("dd-dark", this.model.dark)
    const focused = this.table.getRootNode().activeElement?.dataset?.atom
    this.table.replaceChildren()
    this.root.hidden = !this.model.sent
    if (!this.model.sent) return
    const {total, columns, rows} = JSON.parse(this.model.sent)
    element("caption", "Atoms, largest first", this.table)
    const head = element("tr", "", element("thead", "", this.table))
    for (const name of ["atom", ...columns]) element("th", name, head).scope = "col"
    const body = element("tbody", "", this.table)
    rows.forEach(([index, symbol, ...numbers], at) => {
      // the atom that is picked is there wherever it stands
      if (!this.all && at >= this.model.most && index !== this.model.picked) return
      const row = element("tr", "", body)
      row.dataset.atom = index
      row.tabIndex = 0
      row.setAttribute("aria-selected", String(index === this.model.picked))
      for (const text of [`${index} ${symbol}`, ...numbers]) element("td", text, row)
      const pick = () => { this.model.picked = index === this.model.picked ? null : index }
      row.addEventListener("click", pick)
      row.addEventListener("keydown", (event) => { if (event.key === "Enter") pick() })
    })
    if (focused !== undefined) body.querySelector(`[data-atom="${focused}"]`)?.focus({preventScroll: true})
    const sent = rows.length < total ? `the first ${rows.length} of ${total}` : `all ${total}`
    this.button.hidden = rows.length <= this.model.most
    this.button.textContent = this.all ? `Show ${this.model.most}` : `Show ${sent}`
  }
}

export function render({model, el}) {
  const atoms = new Atoms(model, el)
  for (const name of ["sent", "picked", "most", "dark"]) model.on(name, () => atoms.draw())
  atoms.draw()
}

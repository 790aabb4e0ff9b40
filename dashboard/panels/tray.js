// Pictures of minima in a row, each to be chosen or taken out. Text is only ever textContent.

const CSS = `
.dd-tray { display: flex; gap: 8px; margin: 0; padding: 2px 2px 6px; overflow-x: auto; list-style: none; scrollbar-width: thin; scrollbar-color: var(--dd-border) transparent; }
li { position: relative; flex: none; }
button { font: inherit; color: inherit; cursor: pointer; }
button:focus-visible { outline: 2px solid var(--dd-accent); outline-offset: 1px; }
.pick { display: grid; gap: 1px; padding: 4px; text-align: left; border: 1px solid var(--dd-border); border-radius: var(--dd-radius); background: var(--dd-surface); }
.pick:hover { background: var(--dd-sunken); }
.pick[aria-pressed=true] { background: var(--dd-accent-soft); border-color: var(--dd-accent); }
.pick img { width: 88px; height: 66px; border-radius: 6px; background: var(--dd-canvas); object-fit: contain; }
.name { font-size: var(--dd-type-small); font-weight: 600; }
.facts { font-size: var(--dd-type-small); color: var(--dd-muted); font-variant-numeric: tabular-nums; }
.drop { position: absolute; top: 2px; right: 2px; width: 24px; height: 24px; padding: 0; border: 0; border-radius: 6px; line-height: 1; color: var(--dd-muted); background: var(--dd-surface); }
.drop:hover { color: var(--dd-bad); background: var(--dd-bad-soft); }
.empty { color: var(--dd-muted); font-size: var(--dd-type-small); }
`

function element(tag, className, parent) {
  const made = document.createElement(tag)
  made.className = className
  parent.append(made)
  return made
}

export function render({model, el}) {
  element("style", "", el).textContent = CSS
  const root = element("div", "dd-root", el)

  function card(item, list) {
    const place = element("li", "", list)
    place.dataset.id = item.id
    const pick = element("button", "pick", place)
    pick.type = "button"
    pick.setAttribute("aria-pressed", String(item.id === model.selected))
    const picture = element("img", "", pick)
    picture.alt = ""
    // only pictures that carry their own data: an address would be a request
    if (item.picture.startsWith("data:image/")) picture.src = item.picture
    element("span", "name", pick).textContent = item.id
    element("span", "facts", pick).textContent = item.facts
    pick.addEventListener("click", () => { model.selected = item.id })
    const drop = element("button", "drop", place)
    drop.type = "button"
    drop.textContent = "×"
    drop.setAttribute("aria-label", `Take ${item.id} out of the tray`)
    drop.addEventListener("click", () => model.send_msg({remove: item.id}))
  }

  function draw() {
    const items = JSON.parse(model.sent)
    root.classList.toggle("dd-dark", model.dark)
    root.replaceChildren()
    if (!items.length) {
      element("div", "empty", root).textContent = model.empty
      return
    }
    const list = element("ul", "dd-tray", root)
    list.setAttribute("aria-label", "Pinned minima, the lowest first")
    for (const item of items) card(item, list)
  }

  function mark() {
    for (const pick of root.querySelectorAll(".pick"))
      pick.setAttribute("aria-pressed", String(pick.parentElement.dataset.id === model.selected))
  }

  for (const name of ["sent", "empty", "dark"]) model.on(name, draw)
  model.on("selected", mark)
  draw()
}

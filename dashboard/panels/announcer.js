// Two places whose changes a screen reader says: they stay, and only their text changes. One that is drawn anew
// with its text is often not heard.

const CSS = ".said { position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }"

function region(live, el) {
  const made = document.createElement("div")
  made.className = `said dd-said-${live}`
  made.setAttribute("aria-live", live)
  el.append(made)
  return made
}

export function render({model, el}) {
  const style = document.createElement("style")
  style.textContent = CSS
  el.append(style)
  const regions = {polite: region("polite", el), assertive: region("assertive", el)}
  const show = (live) => { regions[live].textContent = model[live] }
  for (const live of Object.keys(regions)) {
    model.on(live, () => show(live))
    show(live)
  }
}

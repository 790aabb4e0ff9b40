// A place in a log: the browser's own slider, which has a name for who listens and all its keys.

const CSS = `
input { width: 100%; margin: 0; accent-color: var(--dd-accent); }
input:focus-visible { outline: 2px solid var(--dd-accent); outline-offset: 4px; border-radius: 4px; }
`

export function render({model, el}) {
  const style = document.createElement("style")
  style.textContent = CSS
  const root = document.createElement("div")
  root.className = "dd-root"
  const input = document.createElement("input")
  input.type = "range"
  input.min = 1
  input.className = "dd-moment"
  input.setAttribute("aria-label", "Event of the log")
  root.append(input)
  el.append(style, root)
  const draw = () => {
    input.max = model.last
    input.value = model.value
    input.setAttribute("aria-valuetext", `event ${model.value} of ${model.last}`)
    root.classList.toggle("dd-dark", model.dark)
  }
  input.addEventListener("input", () => { model.value = Number(input.value) })
  for (const name of ["value", "last", "dark"]) model.on(name, draw)
  draw()
}

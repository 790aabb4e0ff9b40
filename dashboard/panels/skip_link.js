// The first stop of the Tab key: past bar and rail into the page (findSeen: find_deep.js, before this text).

const CSS = `
a { position: fixed; left: 12px; top: -80px; z-index: 4000; padding: 10px 16px; border-radius: 8px; font: 600 var(--dd-type-lead, 18px)/1.3 var(--dd-font); color: var(--dd-on-accent); background: var(--dd-accent); }
a:focus { top: 12px; outline: 2px solid var(--dd-text); outline-offset: 2px; }
.dd-root { height: 0; }
`

export function render({model}) {
  const host = document.createElement("nav")
  host.setAttribute("aria-label", "Skip")
  const inside = host.attachShadow({mode: "open"})
  const style = document.createElement("style")
  style.textContent = model.look + CSS
  const root = document.createElement("div")
  root.className = "dd-root"
  const link = document.createElement("a")
  link.href = "#main"
  link.className = "dd-skip"
  link.textContent = "Skip to the page"
  link.addEventListener("click", (event) => {
    event.preventDefault()
    const main = findSeen("main")
    main.tabIndex = -1
    main.style.outline = "none"
    main.focus()
  })
  root.append(link)
  inside.append(style, root)
  document.body.prepend(host)
  const theme = () => root.classList.toggle("dd-dark", model.dark)
  model.on("dark", theme)
  model.on("remove", () => host.remove())
  theme()
}

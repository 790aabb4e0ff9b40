// Messages in the corner of the window. Text is only ever textContent.

const CSS = `
.shelf { position: fixed; right: 20px; bottom: 20px; z-index: 2000; display: grid; gap: 8px; justify-items: end; pointer-events: none; }
.dd-toast { pointer-events: auto; display: flex; align-items: center; gap: 10px; max-width: 420px; padding: 9px 8px 9px 14px; border-radius: 10px; color: var(--dd-text); background: var(--dd-raised); border: 1px solid var(--dd-border); box-shadow: var(--dd-shadow); animation: rise .18s ease-out; }
.dd-toast::before { content: ""; flex: none; width: 8px; height: 8px; border-radius: 50%; background: var(--tone); }
.text { white-space: pre-line; overflow-wrap: anywhere; }
button { font: inherit; border: 0; border-radius: 6px; padding: 3px 8px; cursor: pointer; background: transparent; color: var(--dd-muted); }
button:hover { background: var(--dd-quiet-soft); }
button:focus-visible { outline: 2px solid var(--dd-accent); }
.action { color: var(--dd-accent); font-weight: 600; white-space: nowrap; }
@keyframes rise { from { opacity: 0; transform: translateY(6px); } }
@media (prefers-reduced-motion: reduce) { .dd-toast { animation: none; } }
`

function element(tag, className, parent) {
  const made = document.createElement(tag)
  made.className = className
  parent.append(made)
  return made
}

function button(label, className, parent, onClick) {
  const made = element("button", className, parent)
  made.type = "button"
  made.textContent = label
  made.addEventListener("click", onClick)
  return made
}

class Shelf {
  constructor(model, el) {
    this.model = model
    this.shown = new Map()
    element("style", "", el).textContent = CSS
    this.root = element("div", "dd-root", el)
    this.shelf = element("div", "shelf", this.root)
    this.shelf.setAttribute("aria-live", "polite")
  }

  theme() {
    this.root.classList.toggle("dd-dark", this.model.dark)
  }

  show({id, text, tone, seconds, action}) {
    const toast = element("div", "dd-toast", this.shelf)
    toast.setAttribute("role", tone === "bad" ? "alert" : "status")
    toast.dataset.tone = tone
    toast.style.setProperty("--tone", `var(--dd-${tone})`)
    element("span", "text", toast).textContent = text
    if (action) button(action, "action", toast, () => this.finish(id, "action"))
    button("✕", "dismiss", toast, () => this.finish(id, "closed")).setAttribute("aria-label", "Dismiss")
    const entry = {toast, timer: null}
    const start = () => { if (seconds > 0) entry.timer = setTimeout(() => this.finish(id, "closed"), 1000 * seconds) }
    // what is being read does not vanish
    toast.addEventListener("mouseenter", () => clearTimeout(entry.timer))
    toast.addEventListener("mouseleave", start)
    this.shown.set(id, entry)
    start()
  }

  close(id) {
    const entry = this.shown.get(id)
    if (!entry) return false
    clearTimeout(entry.timer)
    entry.toast.remove()
    return this.shown.delete(id)
  }

  finish(id, type) {
    if (this.close(id)) this.model.send_msg({type, id})
  }

  clear() {
    for (const id of [...this.shown.keys()]) this.close(id)
  }
}

export function render({model, el}) {
  const shelf = new Shelf(model, el)
  shelf.theme()
  model.on("dark", () => shelf.theme())
  model.on("msg:custom", (message) => (message.type === "show" ? shelf.show(message) : shelf.close(message.id)))
  model.on("remove", () => shelf.clear())
}

// A native dialog: the browser keeps the focus inside and closes it on Escape. Text is only ever textContent.

const CSS = `
dialog { width: min(640px, calc(100vw - 32px)); max-height: 84vh; padding: 22px 26px 24px; overflow: auto; color: var(--dd-text); background: var(--dd-raised); border: 1px solid var(--dd-border); border-radius: 14px; box-shadow: var(--dd-shadow); font: inherit; }
dialog::backdrop { background: rgba(8, 9, 14, .45); }
header { display: flex; align-items: center; justify-content: space-between; margin-bottom: 14px; }
h2 { margin: 0; font-size: var(--dd-type-title); font-weight: 650; letter-spacing: -.01em; }
h3 { margin: 0 0 6px; font-size: var(--dd-type-label); font-weight: 600; letter-spacing: .04em; text-transform: uppercase; color: var(--dd-muted); }
.groups { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 18px 30px; }
dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: 5px 14px; align-items: baseline; }
dt { white-space: nowrap; }
dd { margin: 0; color: var(--dd-muted); }
kbd { padding: 1px 6px; font: inherit; font-size: var(--dd-type-small); font-weight: 600; border: 1px solid var(--dd-border); border-bottom-width: 2px; border-radius: 5px; background: var(--dd-sunken); }
button { font: inherit; border: 0; border-radius: 6px; padding: 3px 9px; cursor: pointer; background: transparent; color: var(--dd-muted); }
button:hover { background: var(--dd-quiet-soft); }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 18px; }
.actions button { color: var(--dd-accent); border: 1px solid color-mix(in srgb, var(--dd-accent) 50%, transparent); }
button:focus-visible { outline: 2px solid var(--dd-accent); }
`
const JOINTS = ["or", "then"]

function element(tag, text, parent) {
  const made = document.createElement(tag)
  made.textContent = text
  parent.append(made)
  return made
}

function caps(keys, parent) {
  keys.split(" ").forEach((key, at) => {
    if (at) parent.append(" ")
    if (JOINTS.includes(key)) parent.append(key)
    else element("kbd", key, parent)
  })
}

export function render({model, el}) {
  element("style", CSS, el)
  const root = element("div", "", el)
  root.className = "dd-root"
  const dialog = element("dialog", "", root)
  dialog.className = "dd-help"
  dialog.setAttribute("aria-label", "Keys")
  const header = element("header", "", dialog)
  element("h2", "Keys", header)
  const close = element("button", "Close", header)
  close.addEventListener("click", () => dialog.close())
  const groups = element("div", "", dialog)
  groups.className = "groups"
  for (const [title, keys] of model.groups) {
    const group = element("section", "", groups)
    element("h3", title, group)
    const list = element("dl", "", group)
    for (const [names, words] of keys) {
      caps(names, element("dt", "", list))
      element("dd", words, list)
    }
  }
  const actions = element("div", "", dialog)
  actions.className = "actions"
  for (const label of model.labels) {
    element("button", label, actions).addEventListener("click", () => {
      dialog.close()
      model.send_msg({label})
    })
  }
  // what is pressed here is not pressed on the desk
  dialog.addEventListener("keydown", (event) => event.stopPropagation())
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close() })
  const theme = () => root.classList.toggle("dd-dark", model.dark)
  model.on("dark", theme)
  model.on("msg:custom", () => { if (!dialog.open) dialog.showModal() })
  theme()
}

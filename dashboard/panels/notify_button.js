// The browser answers a request only in the handler of a press, so the button lives here and not on the server.

const CSS = `
.dd-notify { display: grid; gap: 6px; justify-items: start; }
button { font: inherit; font-weight: 550; padding: 5px 14px; cursor: pointer; color: var(--dd-accent); background: transparent; border: 1px solid color-mix(in srgb, var(--dd-accent) 50%, transparent); border-radius: 8px; }
button:hover { background: var(--dd-accent-soft); }
button:focus-visible { outline: 2px solid var(--dd-accent); outline-offset: 1px; }
button:disabled { color: var(--dd-muted); border-color: var(--dd-border); cursor: default; }
.words { color: var(--dd-muted); }
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
  const frame = element("div", "dd-notify", root)
  const button = element("button", "", frame)
  const words = element("div", "words", frame)
  words.setAttribute("aria-live", "polite")
  button.type = "button"

  let answer = ""

  const draw = () => {
    root.classList.toggle("dd-dark", model.dark)
    const known = "Notification" in window
    const denied = known && Notification.permission === "denied"
    const on = known && model.on && Notification.permission === "granted"
    button.textContent = on ? "Turn notifications off" : "Turn notifications on"
    button.disabled = !known || !window.isSecureContext || denied
    words.textContent = !known ? "This browser has no notifications."
      : !window.isSecureContext ? "Browsers show them only for pages of this machine, or served with https."
      : denied ? "This browser was told to refuse them: allow them in its settings for this page."
      : answer ? answer
      : on ? "You are told when candidates wait, when a calculation fails, when the campaign pauses itself, when the engine stops and when the budget is spent."
      : "Off. The browser asks for your permission when you press this."
  }
  button.addEventListener("click", async () => {
    const wanted = !(model.on && Notification.permission === "granted")
    const said = wanted ? await Notification.requestPermission() : "granted"
    const granted = said === "granted"
    answer = granted ? "" : "This browser gave no permission, so nothing will be shown. Press again to be asked again."
    model.send_msg({on: wanted && granted})
    draw()
  })
  model.on("on", draw)
  model.on("dark", draw)
  draw()
}

// A lost or silent websocket: a banner, a look at the server now and then, and a reload once it answers.

const EVERY = 1000 // ms between two looks
const SILENT = 15000 // ms without a beat: the server sends one each second
const DEAD = 40000 // ms without one from a server that answers otherwise
const ANSWER = 4000 // ms that a look may take

const CSS = `
.dd-lost { position: fixed; left: 50%; top: 10px; transform: translateX(-50%); z-index: 3000; width: max-content; max-width: calc(100vw - 24px); padding: 10px 16px; border-radius: 10px; color: var(--dd-warn); background: var(--dd-warn-soft); border: 1px solid currentColor; box-shadow: var(--dd-shadow); }
b { font-weight: 650; }
[hidden] { display: none; }
`

// any static file of the server will do: asking for it opens no session
function fileOfServer() {
  for (const script of document.querySelectorAll("script[src]")) {
    const url = new URL(script.src, document.baseURI)
    if (url.origin === location.origin) return url.href
  }
  return location.href
}

async function answers(url) {
  try {
    return (await fetch(url, {method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(ANSWER)})).ok
  } catch {
    return false
  }
}

export function render({model, view, el}) {
  const style = document.createElement("style")
  style.textContent = CSS
  const root = document.createElement("div")
  root.className = "dd-root"
  const banner = document.createElement("div")
  banner.className = "dd-lost"
  banner.setAttribute("role", "alert")
  banner.hidden = true
  root.append(banner)
  el.append(style, root)
  let leaving = false
  let timer = null // of a connection that is lost
  let heard = Date.now()
  let asks = false
  const say = (what, words) => {
    const title = document.createElement("b")
    title.textContent = what
    banner.replaceChildren(title, words)
    banner.hidden = false
  }
  const leave = () => { leaving = true }
  const look = async () => {
    if (await answers(fileOfServer())) {
      location.reload()
    } else {
      timer = setTimeout(look, EVERY)
    }
  }
  const lost = () => {
    if (leaving || timer != null) return
    say("Connection lost. ", "The run goes on without you as long as its server lives; this page comes back by itself.")
    timer = setTimeout(look, EVERY)
  }
  const beat = () => {
    heard = Date.now()
    if (timer == null) banner.hidden = true
  }
  // a network that swallows everything closes nothing: a server that answers, but not here, wants a reload
  const watch = async () => {
    if (leaving || asks || timer != null || document.hidden || Date.now() - heard < SILENT) return
    asks = true
    if (banner.hidden) say("No word from the server. ", "What you decide now may not arrive; this page comes back by itself.")
    if (await answers(fileOfServer()) && Date.now() - heard >= DEAD) location.reload()
    asks = false
  }
  const watching = setInterval(watch, EVERY)
  const theme = () => root.classList.toggle("dd-dark", model.dark)
  window.addEventListener("pagehide", leave)
  window.addEventListener("beforeunload", leave)
  view.model.document.on_event("connection_lost", lost)
  model.on("dark", theme)
  model.on("beat", beat)
  model.on("remove", () => {
    clearTimeout(timer)
    clearInterval(watching)
    window.removeEventListener("pagehide", leave)
    window.removeEventListener("beforeunload", leave)
  })
  theme()
}

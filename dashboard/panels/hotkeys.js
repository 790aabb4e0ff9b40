// Sends each key press as a message; a synced value would keep only the last of several fast ones. Says also when
// something on the page itself is used: pressed, typed into, wheeled.

const NOT_TYPED_INTO = ["button", "checkbox", "color", "file", "image", "radio", "reset", "submit"]
const USES_ARROWS = ["range", "radio"]

// inside shadow roots only composedPath knows the field
function isTyping(event) {
  return event.composedPath().some((node) => {
    if (!(node instanceof HTMLElement)) return false
    if (node instanceof HTMLInputElement) return !NOT_TYPED_INTO.includes(node.type) && node.type !== "range"
    return node instanceof HTMLTextAreaElement || node instanceof HTMLSelectElement || node.isContentEditable
  })
}

// what the focused control does with the key itself: Space and Enter press a button, arrows move a slider or a menu
function belongsToControl(event) {
  const target = event.composedPath()[0]
  if (!(target instanceof HTMLElement)) return false
  const role = target.getAttribute("role") ?? ""
  const pressable = target.matches("button, a[href], summary, input") || /^(button|tab|menuitem|option|combobox)$/.test(role)
  if ([" ", "Enter"].includes(event.key)) return pressable
  const moved = (target instanceof HTMLInputElement && USES_ARROWS.includes(target.type)) || /^(slider|tab|menuitem|combobox|listbox)$/.test(role)
  return event.key.startsWith("Arrow") && moved
}

// the visible field inside an element of this class, also in shadow roots
function fieldIn(hook, root = document) {
  for (const node of root.querySelectorAll("*")) {
    const field = node.classList.contains(hook) ? (node.shadowRoot ?? node).querySelector("input, textarea") : null
    if (field && field.offsetParent !== null) return field
    const inside = node.shadowRoot ? fieldIn(hook, node.shadowRoot) : null
    if (inside) return inside
  }
  return null
}

function isOnPage(event) {
  return event.composedPath().some((node) => node instanceof HTMLElement && node.matches("main, [role=main]"))
}

function leaveField(event) {
  const field = event.composedPath()[0]
  if (event.key === "Escape" && field instanceof HTMLElement) field.blur()
}

export function render({model, el}) {
  let chosen = false // whether a control was gone to since the page waits for a key
  let held = null // a key that the page waited for and that is still down: its repeats are no button's either
  model.on("taken", () => { chosen = false })
  const onKeyup = (event) => { if (event.key === held) held = null }
  let led = false // whether the key before this one was the first of two
  const onUse = (event) => {
    if (isOnPage(event)) model.send_msg({used: true})
  }
  let wheeled = null // each turn of a wheel is many events
  const onWheel = (event) => {
    const over = event.composedPath()[0]
    if (over instanceof HTMLCanvasElement && over !== wheeled) onUse(event)
    wheeled = over
  }
  const onKeydown = (event) => {
    if (event.repeat && event.key === held) return event.preventDefault()
    if (event.key === "Tab") chosen = true
    const takes = !chosen && model.taken.includes(event.key)
    const isControls = belongsToControl(event) && !takes
    if (isTyping(event) || isControls) onUse(event)
    if (event.isComposing || event.altKey || ["Shift", "Control", "Meta", "Alt", "Dead"].includes(event.key)) return
    if (isTyping(event)) return leaveField(event)
    const ctrl = event.ctrlKey || event.metaKey
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (event.defaultPrevented || isControls) return
    if (ctrl && !model.with_ctrl.includes(key)) return
    if (event.repeat && !model.repeating.includes(key)) return
    // Space and arrows scroll, "/" opens Firefox's search, ctrl+z undoes in the last field
    if (takes) held = event.key
    if (ctrl || takes || [" ", "/", "'"].includes(key) || key.startsWith("Arrow")) event.preventDefault()
    const hook = (model.fields.get ? model.fields.get(key) : model.fields[key])
    const field = hook && !ctrl && !led ? fieldIn(hook) : null
    led = !led && !ctrl && model.leading.includes(key)
    if (field) {
      event.preventDefault()
      return field.focus()
    }
    model.send_msg({key, shift: event.shiftKey, ctrl})
  }
  // capturing: figures and viewers keep what they take for themselves
  const listen = (method) => {
    document[method]("keydown", onKeydown)
    document[method]("keyup", onKeyup)
    document[method]("pointerdown", onUse, {capture: true})
    document[method]("wheel", onWheel, {capture: true, passive: true})
  }
  listen("addEventListener")
  model.on("remove", () => listen("removeEventListener"))
  el.dataset.ready = "true"
  el.classList.add("dd-hotkeys")
}

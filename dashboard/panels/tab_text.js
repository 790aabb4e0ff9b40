export function render({model}) {
  const show = () => { if (model.text) document.title = model.text }
  model.on("text", show)
  show()
}

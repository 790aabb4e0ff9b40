export function render({model}) {
  model.on("msg:custom", ({title, text}) => {
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return
    const shown = new Notification(title, {body: text, tag: "deltadesk"})
    shown.onclick = () => { window.focus(); shown.close() }
  })
}

const QUERIES = {
  dark: "(prefers-color-scheme: dark)",
  narrow: "(max-width: 599.95px)", // below it the rail lies over the page (Material's "sm")
}

export function render({model}) {
  const asked = Object.entries(QUERIES).map(([name, query]) => [name, window.matchMedia(query)])
  const say = () => model.send_msg(Object.fromEntries(asked.map(([name, {matches}]) => [name, matches])))
  for (const [, query] of asked) query.addEventListener("change", say)
  model.on("remove", () => { for (const [, query] of asked) query.removeEventListener("change", say) })
  say()
}

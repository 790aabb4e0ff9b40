// Where something of the page is: a selector looks into no shadow root, and most of the page is in one.

// the first on the screen of those that fit
function findSeen(selector, root = document) {
  for (const node of root.querySelectorAll("*")) {
    if (node.matches(selector)) {
      const {width, height} = node.getBoundingClientRect()
      if (width > 0 && height > 0) return node
    }
    const inside = node.shadowRoot && findSeen(selector, node.shadowRoot)
    if (inside) return inside
  }
  return null
}

// what really has the focus: the document itself names only the outermost host
function focused() {
  let node = document.activeElement
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement
  return node
}

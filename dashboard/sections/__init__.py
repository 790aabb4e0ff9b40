"""Parts of the page Data & model; each is built when it is first opened."""

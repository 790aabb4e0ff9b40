"""One file a page; each draws the session it is given."""

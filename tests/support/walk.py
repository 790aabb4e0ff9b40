"""Walking through the pages of the desk by key, as a person does."""

from tests.support.desk_client import PATIENCE

KEYS = {
    "runs": "r",
    "live": "l",
    "review": "v",
    "landscape": "s",
    "data": "d",
    "audit": "a",
    "settings": ",",
    "new": "n",
}
"""The key that follows g, for each page."""
TITLES = {page: page.capitalize() for page in KEYS} | {"data": "Data & model", "new": "New campaign"}


async def go(tab, page, patience=PATIENCE):
    """Turn a `DeskClient` to a page; it is there when its name is in the tab's title."""
    await tab.key("g")
    await tab.key(KEYS[page])
    there = f"{TITLES[page]} – "
    await tab.until(lambda: there in (tab.get("TabText", "text") or ""), f"the page {page}", patience)

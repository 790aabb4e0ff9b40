"""A page names no other machine, also where its session was made anew, without a page being served."""

import asyncio
import json

import pytest
from bokeh.util.token import generate_jwt_token, generate_session_id

from tests.dashboard.conftest import NAME
from tests.support.desk_client import DeskClient


@pytest.mark.parametrize("way", ["served", "anew"])
def test_a_session_names_no_other_machine(serve, way):
    url = serve("panel")
    asked = {"campaign": NAME, "page": "review"}

    async def look():
        if way == "served":
            tab = await DeskClient.open(url, **asked)
        else:
            told = {
                "arguments": {name: [value.encode()] for name, value in asked.items()},
                "headers": {},
                "cookies": {},
            }
            token = generate_jwt_token(generate_session_id(signed=False), signed=False, extra_payload=told)
            tab = await DeskClient.join(url, token)
        await tab.until(lambda: "QueueList" in tab.models or "Hotkeys" in tab.models, "the desk")
        everything = json.dumps(tab.values)
        await tab.close()
        return everything

    everything = asyncio.run(look())
    assert "static/extensions/panel/" in everything
    assert "cdn." not in everything

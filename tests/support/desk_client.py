"""A person without a browser: a page fetched, its websocket opened, its widgets told what a browser tells.

Everything a browser would send goes over the wire in Bokeh's protocol to a real server; nothing is drawn.
"""

import asyncio
import json
import re
from contextlib import suppress
from html import unescape
from urllib.parse import urlencode, urlsplit

from bokeh.protocol.messages.patch_doc import patch_doc
from bokeh.protocol.messages.pull_doc_req import pull_doc_req
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

PATIENCE = 60.0  # s
LARGEST = 2**28  # bytes of one websocket message


async def fetch(url, cookie="", **more):
    """The answer to a request that follows no redirect, whatever its status."""
    headers = {**({"Cookie": cookie} if cookie else {}), **more.pop("headers", {})}
    request = HTTPRequest(url, headers=headers, follow_redirects=False, request_timeout=PATIENCE, **more)
    return await AsyncHTTPClient(force_instance=True, max_clients=50).fetch(request, raise_error=False)


def cookies(answer):
    """What an answer asks to send with the next requests, as a Cookie header."""
    found = dict(line.split(";", 1)[0].split("=", 1) for line in answer.headers.get_list("Set-Cookie"))
    return "; ".join(f"{name}={value}" for name, value in found.items() if value not in ("", '""'))


async def sign_in(url, name, password):
    """Fill in the sign-in page of the server at `url`; return the Cookie header, empty if it was refused."""
    form = urlencode({"username": name, "password": password})
    answer = await fetch(f"{_root(url)}/login", method="POST", body=form)
    return cookies(answer) if "user" in cookies(answer) else ""


def token_of(page):
    """The token of the session that a page was served with."""
    return re.search(r'"token":"([^"]+)"', page).group(1)


class DeskClient:
    """One tab.

    Attributes
    ----------
    models : ids of what is on the page, by class and by CSS hook: ``Hotkeys``, ``dd-approve``
    values : newest attributes of every model, by its id, as they were sent
    told : texts of the toasts, in the order they came
    """

    def __init__(self, socket):
        self._socket = socket
        self._numbers = 0
        self._news = asyncio.Condition()
        self.models = {}
        self.values = {}
        self._texts = {}
        self.told = []
        self.acknowledged = False
        self.closed = False
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url, cookie="", origin=None, **query):
        """Fetch the page, open its websocket and say that it is drawn, as a browser does."""
        answer = await fetch(f"{url}?{urlencode(query)}", cookie)
        assert answer.code == 200, f"{answer.code} {answer.headers.get('Location', '')}"
        return await cls.join(url, token_of(answer.body.decode()), cookie, origin)

    @classmethod
    async def join(cls, url, token, cookie="", origin=None):
        """Open the websocket of a page that was fetched, or of one that never was."""
        client = cls(await connect(url, token, cookie, origin))
        await client.until(lambda: client.acknowledged, "the server's word that it listens")
        await client._send(pull_doc_req, {})
        await client.until(lambda: client.values, "the document")
        await client._event("document_ready", {})
        return client

    async def until(self, condition, what, patience=PATIENCE):
        """Wait for something that the server tells."""
        try:
            async with self._news:
                await asyncio.wait_for(self._news.wait_for(lambda: self.closed or condition()), patience)
        except TimeoutError:
            raise AssertionError(f"waited {patience} s for {what}; told so far: {self.told[-5:]}") from None
        assert condition(), f"the connection was lost before {what}"

    def get(self, name, attribute):
        """Newest value of an attribute of the component, by class or hook."""
        model, data = self.models[name]
        return plain(self.values[data].get(attribute, self.values[model].get(attribute)))

    def queue(self):
        """Cards of Review's list."""
        return json.loads(self.get("QueueList", "sent"))

    def html(self):
        """Every text that the page shows now, as it is sent to the browser."""
        texts = (value.get("text") for value in self.values.values())
        return unescape("\n".join(text for text in texts if isinstance(text, str)))

    def text(self, hook):
        """HTML of our text with this hook, as it is now."""
        start = f'<div class="{hook}"'
        if hook not in self._texts:
            texts = {name: unescape(str(value.get("text", ""))) for name, value in self.values.items()}
            self._texts[hook] = next(name for name, text in texts.items() if text.startswith(start))
        return unescape(self.values[self._texts[hook]]["text"])

    async def key(self, key, *, shift=False, ctrl=False):
        """Press a key."""
        await self.message("Hotkeys", {"key": key, "shift": shift, "ctrl": ctrl})

    async def message(self, name, content):
        """What a component of ours sends from the browser."""
        await self._event("data_event", {"model": {"id": self.models[name][0]}, "data": content})

    async def click(self, hook):
        """Press a button; one that the page has disabled as well, as a tampered page would."""
        await self._event("dom_event", {"model": {"id": self.models[hook][0]}, "node": "click", "data": {}})

    async def set(self, name, **attributes):
        """Change what a person changes: a choice, a text."""
        data = self.models[name][1]
        events = [
            {"kind": "ModelChanged", "model": {"id": data}, "attr": key, "new": value}
            for key, value in attributes.items()
        ]
        self.values[data].update(attributes)
        await self._send(patch_doc, {"events": events})

    async def close(self):
        """Close the tab."""
        self._socket.close()
        with suppress(asyncio.CancelledError):
            await self._reader

    async def _event(self, name, values):
        entries = [[key, _wire(value)] for key, value in values.items()]
        said = {"type": "event", "name": name, "values": {"type": "map", "entries": entries}}
        event = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": said}
        await self._send(patch_doc, {"events": [event]})

    async def _send(self, kind, content):
        self._numbers += 1
        message = kind({**kind.create_header(), "msgid": str(self._numbers)}, {}, content)
        # one write each, in order: nothing else writes in between
        for part in (message.header_json, message.metadata_json, message.content_json):
            await self._socket.write_message(part)

    async def _read(self):
        parts = []
        while (part := await self._socket.read_message()) is not None:
            parts.append(part)
            if len(parts) < 3 + 2 * json.loads(parts[0]).get("num_buffers", 0):
                continue
            kind, body, parts = json.loads(parts[0])["msgtype"], parts[2], []
            async with self._news:
                self.acknowledged |= kind == "ACK"
                self._learn(json.loads(body), new_models='"object"' in body)
                self._news.notify_all()
        async with self._news:
            self.closed = True
            self._news.notify_all()

    def _learn(self, content, new_models):
        if new_models:
            self._objects(content)
        for event in content.get("events", []):
            if event["kind"] == "ModelChanged":
                self.values.setdefault(event["model"]["id"], {})[event["attr"]] = event["new"]
            elif event["kind"] == "MessageSent" and event.get("msg_type") == "bokeh_event":
                data = plain(event["msg_data"]).get("values", {}).get("data")
                if isinstance(data, dict) and data.get("type") == "show":
                    self.told.append(data["text"])

    def _objects(self, part):
        if isinstance(part, list):
            for one in part:
                self._objects(one)
        if not isinstance(part, dict):
            return
        if part.get("type") == "object" and "id" in part:
            attributes = part.get("attributes", {})
            self.values[part["id"]] = attributes
            data = attributes.get("data")
            inner = data["id"] if isinstance(data, dict) and "id" in data else part["id"]
            hooks = [h for h in plain(attributes.get("css_classes", [])) if str(h).startswith("dd-")]
            for name in [attributes.get("class_name"), *hooks]:
                if name:
                    self.models[name] = (part["id"], inner)
        for one in part.values():
            self._objects(one)


async def connect(url, token, cookie="", origin=None):
    """The websocket of a page; raises tornado's `HTTPClientError` where the server refuses it."""
    headers = {"Origin": origin or _root(url), **({"Cookie": cookie} if cookie else {})}
    address = url.replace("http", "ws", 1) + "/ws"
    request = HTTPRequest(address, headers=headers, connect_timeout=PATIENCE, request_timeout=PATIENCE)
    return await websocket_connect(request, subprotocols=["bokeh", token], max_message_size=LARGEST)


async def refused(url, token, cookie="", origin=None):
    """HTTP status with which the server refused a websocket, ``closed`` if it hung up, 0 if it took it."""
    try:
        socket = await connect(url, token, cookie, origin)
    except HTTPClientError as error:
        return error.code
    said = await socket.read_message()
    socket.close()
    return 0 if said is not None else "closed"


def plain(value):
    """Plain values of Bokeh's serialised ones; a model stays its id."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    match value.get("type"):
        case "map":
            return {key: plain(one) for key, one in value.get("entries", [])}
        case "object":
            return {"id": value.get("id")}
        case "list" | "set":
            return [plain(one) for one in value.get("entries", [])]
    return {key: plain(one) for key, one in value.items()}


def _wire(value):
    if isinstance(value, dict) and set(value) != {"id"}:
        return {"type": "map", "entries": [[key, _wire(one)] for key, one in value.items()]}
    return value


def _root(url):
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

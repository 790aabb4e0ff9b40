"""An OAuth 2 provider on this machine: it gives a name to whoever asks, by real requests and redirects."""

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.desk_client import cookies, fetch


class FakeProvider:
    """Authorize, token and userinfo endpoints; a code is good once, for the client and address it was for."""

    client, secret = "deltadesk", "kept between the two"

    def __enter__(self):
        self.codes, self.tokens = {}, {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self):
        """What Panel's provider ``generic`` must be told."""
        return {
            "PANEL_OAUTH_KEY": self.client,
            "PANEL_OAUTH_SECRET": self.secret,
            "PANEL_OAUTH_AUTHORIZE_URL": f"{self.url}/authorize",
            "PANEL_OAUTH_TOKEN_URL": f"{self.url}/token",
            "PANEL_OAUTH_USER_URL": f"{self.url}/userinfo",
        }

    async def walk_in(self, url, name):
        """Follow the redirects as a browser does and sign in as `name`; return the Cookie header."""
        root = url.removesuffix("/dashboard")
        there = await fetch(f"{root}/login")
        assert there.code == 302
        assert there.headers["Location"].startswith(f"{self.url}/authorize")
        back = await fetch(f"{there.headers['Location']}&{urlencode({'name': name})}")
        query = urlsplit(back.headers["Location"]).query
        done = await fetch(f"{root}/login?{query}", cookies(there))
        assert done.code == 302, done.body
        return cookies(done)

    def authorize(self, query):
        """Return where the browser is sent back to, with a code."""
        assert query["client_id"] == self.client
        assert query["response_type"] == "code"
        code = secrets.token_urlsafe(8)
        self.codes[code] = (query["redirect_uri"], query["name"])
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form):
        """Give a token for a code that is good."""
        address, name = self.codes.pop(form["code"])
        assert (form["client_id"], form["client_secret"]) == (self.client, self.secret)
        assert form["redirect_uri"] == address
        token = secrets.token_urlsafe(8)
        self.tokens[token] = name
        return {"access_token": token, "token_type": "Bearer", "expires_in": 3600}


def _handler(provider):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            if parts.path == "/authorize" and "name" not in parse_qs(parts.query):
                self._answer({"who": "are you?"})  # where a person would fill in a form
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(_single(parts.query)))
                self.end_headers()
            else:
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                self._answer({"email": provider.tokens[token], "sub": "1"})

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(provider.token(_single(body)))

        def _answer(self, said):
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def _single(text):
    return {key: values[0] for key, values in parse_qs(text).items()}

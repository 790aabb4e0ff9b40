"""Who comes in and may do what: real requests and websockets on real servers, tampered ones among them."""

import asyncio
import json
import os
import re
import sqlite3
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin

import pytest
from bokeh.util.token import generate_jwt_token, generate_session_id, get_session_id

from engine.core import CandidateVetoed, RunControlled
from tests.dashboard.conftest import NAME, PASSWORDS, review
from tests.support import history
from tests.support.desk_client import DeskClient, fetch, refused, sign_in, token_of
from tests.support.fake_provider import FakeProvider
from tests.support.serving import other_address

PEOPLE = '[people]\nada = "administer"\nbo = "curate"\ncy = "look"\n'


def doorbook(home):
    return [json.loads(line) for line in (home / "access.log").read_text().splitlines()]


def written(home):
    """Events of the campaign, and every wish that was ever posted."""
    with sqlite3.connect(home / NAME / "campaign.db") as connection:
        wishes = connection.execute("SELECT count(*) FROM inbox").fetchone()[0]
    return len(history.events(home / NAME)), wishes


def shows_nothing(tab):
    """Whether a page holds nothing of the campaign, beside the name in its own address, and takes no key."""
    return "c-00000" not in json.dumps(tab.values) and not {"Hotkeys", "Select"} & set(tab.models)


def forged(**cookies):
    payload = {"arguments": {}, "headers": {}, "cookies": cookies}
    return generate_jwt_token(generate_session_id(signed=False), signed=False, extra_payload=payload)


def named(session, cookie, arguments=None):
    """A token for a session of this name, for whoever has the cookie."""
    cookies = {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
    payload = {"arguments": arguments or {}, "headers": {}, "cookies": cookies}
    return generate_jwt_token(session, signed=False, extra_payload=payload)


@pytest.mark.address
def test_from_another_address_nobody_gets_in_without_signing_in(serve, home):
    address = other_address()
    port_options = ["--allow-websocket-origin", "*"]
    url = serve("panel", *port_options, address="0.0.0.0", host=address)
    local = url.replace(address, "127.0.0.1")
    before = written(home)

    async def knock():
        tabs = {
            "stranger": await DeskClient.open(url, campaign=NAME, page="review"),
            "guest": await DeskClient.open(url, "is_guest=1", campaign=NAME),
        }
        for words in ({"X-Forwarded-For": "127.0.0.1"}, {"X-Real-Ip": "127.0.0.1"}):
            page = (await fetch(url, headers=words)).body.decode()
            tabs[str(words)] = await DeskClient.join(url, token_of(page))
        proxied = (await fetch(local, headers={"X-Forwarded-For": address})).body.decode()
        tabs["proxy"] = await DeskClient.join(local, token_of(proxied))
        tabs["forged"] = await DeskClient.join(url, forged(is_guest="1", user="ada"))
        for name, tab in tabs.items():
            await tab.until(lambda tab=tab: "This desk is locked" in tab.html(), f"the locked page of {name}")
            assert shows_nothing(tab)
            await tab.close()
        here = await review(local)
        await here.close()

    asyncio.run(knock())
    assert written(home) == before
    roles = [(entry["role"], entry["address"]) for entry in doorbook(home)]
    assert ("none", address) in roles
    assert ("administer", "127.0.0.1") in roles


def test_roles_are_kept_by_the_server_whatever_the_page_sends(serve, home, password_file, tmp_path):
    (home / "people.toml").write_text(PEOPLE)
    address = other_address() or "localhost"
    url = serve("deltadesk", "--password-file", password_file, address=address)
    log = home / NAME

    async def day():
        answer = await fetch(url)
        assert (answer.code, answer.headers["Location"].partition("?")[0]) == (302, "./login")
        page = (await fetch(url.replace("/dashboard", "/login"))).body.decode()
        assert "Sign in to see the campaigns" in page
        assert "http" not in page.replace("http-equiv", "")
        assert await refused(url, forged()) in (403, "closed")
        for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
            login = url.replace("/dashboard", f"/login?{urlencode({'next': elsewhere})}")
            assert (await fetch(login)).code == 400
        assert await sign_in(url, "ada", "wrong") == ""
        assert await sign_in(url, "nobody", "correct horse") == ""
        cookies = {name: await sign_in(url, name, password) for name, password in PASSWORDS.items()}
        assert all(cookies.values())

        # di may sign in, and has no role; a cookie that says "guest" does not make anybody local
        for cookie in (cookies["di"], f"{cookies['cy']}; is_guest=1"):
            locked = await DeskClient.open(url, cookie, campaign=NAME)
            words = "di" if cookie == cookies["di"] else "locked"
            await locked.until(lambda tab=locked, w=words: w in tab.html(), "a locked page")
            assert shows_nothing(locked)
            await locked.close()

        # cy looks: every button and key is tried, as a tampered page would
        cy = await review(url, cookies["cy"])
        assert cy.get("dd-approve", "disabled")
        assert "You may look here" in cy.html()
        before = written(home)
        for hook in ("dd-approve", "dd-reason-1", "dd-defer", "dd-pause", "dd-resume", "dd-stop"):
            told = len(cy.told)
            await cy.click(hook)
            await cy.until(lambda n=told: len(cy.told) > n, f"the refusal of {hook}")
            assert cy.told[-1].startswith("cy may look, but not decide")
        await cy.key("a")
        await cy.until(lambda: len(cy.told) == 7, "the refusal of a key")
        assert written(home) == before

        # bo decides, and runs nothing
        bo = await review(url, cookies["bo"])
        chosen = bo.get("QueueList", "selected")
        await bo.key("x")
        await bo.key("3")
        await cy.until(lambda: len(cy.queue()) == 3, "bo's veto on cy's page")
        await bo.click("dd-resume")
        await bo.until(lambda: bo.told, "bo's refusal")
        assert "may decide, but not change runs" in bo.told[-1]

        # ada does; a role that is taken away counts at the next wish
        ada = await review(url, cookies["ada"])
        await ada.click("dd-stop")
        await cy.until(lambda: "STOP" in cy.html(), "the stopped run")
        (home / "people.toml").write_text('[people]\nada = "look"\n')
        await ada.click("dd-resume")
        await ada.until(lambda: ada.told, "ada's refusal")
        (home / "people.toml").write_text("[people\n")
        await ada.click("dd-resume")
        await ada.until(lambda: len(ada.told) == 2, "a refusal while the file is broken")
        assert "cannot be read" in ada.told[-1]
        di = await DeskClient.open(url, cookies["di"], campaign=NAME)
        await di.until(lambda: "whoever runs this server finds why in its log" in di.html(), "a locked page")
        assert str(home) not in di.html()
        await di.close()
        for tab in (ada, bo, cy):
            await tab.close()
        return chosen

    chosen = asyncio.run(day())
    vetoed = [i.event for i in history.events(log) if isinstance(i.event, CandidateVetoed)]
    assert [(e.candidate, e.by, e.auth) for e in vetoed] == [(chosen, "bo", "password")]
    runs = [i.event for i in history.events(log) if isinstance(i.event, RunControlled)]
    assert [(e.action, e.by, e.auth) for e in runs[2:]] == [("stop", "ada", "password")]
    kept = [(entry["name"], entry["wish"]) for entry in doorbook(home) if entry["what"] == "refused"]
    assert ("cy", "ApproveCandidate") in kept
    assert ("bo", "ControlRun") in kept
    assert kept.count(("ada", "ControlRun")) == 2
    assert (tmp_path / "log-0.txt").read_text().count(f"{home / 'people.toml'} cannot be read") == 1


def test_who_has_no_role_any_more_or_is_not_signed_in_any_more_reads_nothing(serve, home, password_file):
    (home / "people.toml").write_text(PEOPLE)
    days = {"PANEL_OAUTH_EXPIRY": str(25 / 86400)}  # Panel's name for it, whoever proves the name
    url = serve("deltadesk", "--password-file", password_file, env=days)

    async def visit():
        bo, cy = [await review(url, await sign_in(url, name, PASSWORDS[name])) for name in ("bo", "cy")]
        (home / "people.toml").write_text('[people]\nada = "administer"\nbo = "curate"\n')
        await cy.until(lambda: "You have no role here" in cy.html(), "cy's locked page")
        told = json.dumps(cy.values)
        await bo.key("x")
        await bo.key("1")
        await bo.until(lambda: len(bo.queue()) == 3, "bo's veto")
        await asyncio.sleep(1)
        assert json.dumps(cy.values) == told
        await bo.until(lambda: "Your sign-in has ended" in bo.html(), "the end of bo's day")
        for tab in (bo, cy):
            await tab.close()

    asyncio.run(visit())


def test_nobody_joins_the_page_of_somebody_else(serve, home, password_file):
    url = serve("deltadesk", "--password-file", password_file)

    async def visit():
        ada, cy = [await sign_in(url, name, PASSWORDS[name]) for name in ("ada", "cy")]
        token = token_of((await fetch(f"{url}?campaign={NAME}&page=review", ada)).body.decode())
        assert await refused(url, token, cy) == "closed"
        assert await refused(url, token) in (403, "closed")
        tab = await DeskClient.join(url, token, ada)
        await tab.until(lambda: "QueueList" in tab.models, "her own page")
        same = named(get_session_id(token), cy)
        assert await refused(url, same, cy) == "closed"
        assert await refused(url, same, ada) == 0
        await tab.close()

    asyncio.run(visit())


def test_a_link_that_names_the_session_leads_to_a_locked_page(serve, home, password_file):
    url = serve("deltadesk", "--password-file", password_file)

    async def visit():
        ada, cy = [await sign_in(url, name, PASSWORDS[name]) for name in ("ada", "cy")]
        for known in ({"bokeh-session-id": "abc"}, {"bokeh-token": forged()}, {"bokeh-session-id": "abc"}):
            tab = await DeskClient.open(url, ada, campaign=NAME, page="review", **known)
            await tab.until(lambda tab=tab: "This desk is locked" in tab.html(), "the locked page")
            assert "names a session" in tab.html()
            assert shows_nothing(tab)
            await tab.close()
        anew = named("ghi", ada, {"bokeh-session-id": [b"ghi"]})  # the server forgot it meanwhile
        tab = await DeskClient.join(url, anew, ada)
        await tab.until(lambda: "names a session" in tab.html(), "the locked page")
        await tab.close()
        # a page that waits under that name since its maker opened it is the maker's
        mine = await DeskClient.join(url, named("def", cy), cy)
        await mine.until(lambda: "Hotkeys" in mine.models, "cy's page")
        hers = token_of((await fetch(f"{url}?bokeh-session-id=def", ada)).body.decode())
        assert await refused(url, hers, ada) == "closed"
        await mine.close()
        tab = await review(url, ada)
        await tab.close()

    asyncio.run(visit())


def test_while_the_password_file_cannot_be_read_nobody_comes_in(serve, home, tmp_path):
    file = tmp_path / "Passwords.json"
    file.write_text(json.dumps(PASSWORDS))
    file.chmod(0o600)
    url = serve("deltadesk", "--password-file", file)

    async def visit():
        cookie = await sign_in(url, "ada", PASSWORDS["ada"])
        tab = await review(url, cookie)
        await tab.close()
        file.rename(tmp_path / "aside")
        for password in (str(file), str(file).lower(), PASSWORDS["ada"]):
            assert await sign_in(url, "ada", password) == ""
        locked = await DeskClient.open(url, cookie, campaign=NAME)
        await locked.until(
            lambda: "passwords of this server cannot be read" in locked.html(), "the locked page"
        )
        assert shows_nothing(locked)
        await locked.close()
        (tmp_path / "aside").rename(file)
        tab = await review(url, await sign_in(url, "ada", PASSWORDS["ada"]))
        await tab.close()

    asyncio.run(visit())


def test_one_password_of_all_proves_no_name(serve, home):
    (home / "people.toml").write_text(PEOPLE)
    url = serve("panel", env={"PANEL_BASIC_AUTH": "open sesame", "PANEL_COOKIE_SECRET": "s" * 40})

    async def visit():
        cookie = await sign_in(url, "ada", "open sesame")  # who administers, if it were her
        tab = await review(url, cookie)
        await tab.click("dd-stop")
        await tab.until(lambda: tab.told, "the refusal")
        await tab.key("x")
        await tab.key("1")
        await tab.until(lambda: len(tab.queue()) == 3, "the veto")
        await tab.key("g")
        await tab.key("a")
        await tab.until(lambda: "the name is not proven" in tab.html(), "the audit")
        await tab.close()

    asyncio.run(visit())
    vetoed = [i.event for i in history.events(home / NAME) if isinstance(i.event, CandidateVetoed)]
    assert [(e.by, e.auth) for e in vetoed] == [("ada", "shared")]


def test_names_that_a_provider_proves(serve, home):
    (home / "people.toml").write_text('[people]\n"ada@lab.example" = "curate"\n')
    with FakeProvider() as provider:
        url = serve("deltadesk", "--oauth", "generic", env=provider.environment)

        async def visit():
            stranger = await provider.walk_in(url, "mallory@elsewhere.example")
            locked = await DeskClient.open(url, stranger, campaign=NAME)
            await locked.until(lambda: "You have no role here" in locked.html(), "the locked page")
            assert shows_nothing(locked)
            await locked.close()
            tab = await review(url, await provider.walk_in(url, "ada@lab.example"))
            await tab.key("x")
            await tab.key("1")
            await tab.until(lambda: len(tab.queue()) == 3, "the veto")
            await tab.key("g")
            await tab.key("a")
            proven = '<b>ada@lab.example</b><br><span class="fine">OAuth</span>'
            await tab.until(lambda: proven in tab.html(), "how the name was proven")
            await tab.close()
            # a code that came back to another browser: the state in its cookie does not fit
            answer = await fetch(f"{url.removesuffix('/dashboard')}/login?code=stolen&state=made-up")
            assert answer.code == 401
            assert "made-up" not in answer.body.decode()

        asyncio.run(visit())
    vetoed = [i.event for i in history.events(home / NAME) if isinstance(i.event, CandidateVetoed)]
    assert [(e.by, e.auth) for e in vetoed] == [("ada@lab.example", "oauth")]


def test_a_page_from_elsewhere_cannot_open_a_session_here(serve, home):
    url = serve("deltadesk")

    async def visit():
        token = token_of((await fetch(url)).body.decode())
        for origin in (
            "http://evil.example",
            "https://localhost.evil.example:5006",
            "null",
            "http://localhost:1",
        ):
            assert await refused(url, token, origin=origin) == 403
        assert await refused(url, token) == 0

    asyncio.run(visit())


def test_no_other_site_shows_the_desk_in_a_frame_or_loads_it_as_a_script(serve, home, password_file):
    url = serve("deltadesk", "--password-file", password_file)
    root = url.removesuffix("/dashboard")

    async def visit():
        cookie = await sign_in(url, "ada", PASSWORDS["ada"])
        for page in (url, f"{root}/login", f"{root}/static/js/bokeh.min.js", f"{root}/nowhere"):
            answer = await fetch(page, headers={"Cookie": cookie})
            assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'self'", page
        script = f"{url}/autoload.js?bokeh-autoload-element=x&bokeh-app-path=/dashboard"
        answer = await fetch(script, headers={"Cookie": cookie})
        assert answer.code == 404
        assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'self'"
        assert "token" not in answer.body.decode()

    asyncio.run(visit())


def test_no_address_leads_to_a_file_of_a_campaign(serve, home):
    root = serve("deltadesk").removesuffix("/dashboard")
    depth = "../" * len(home.parts)
    wanted = f"{home}/{NAME}/campaign.toml".lstrip("/")
    starts = (
        "",
        "dashboard/",
        "static/",
        "static/js/",
        "static/extensions/panel/",
        "components/dashboard.layout/",
    )

    async def visit():
        for start in starts:
            for path in (f"{NAME}/campaign.toml", f"../{NAME}/campaign.toml", depth + wanted, f"/{wanted}"):
                for said in (path, path.replace("../", "%2e%2e/"), path.replace("../", "..%2f")):
                    answer = await fetch(f"{root}/{start}{said}")
                    body = answer.body or b""
                    assert answer.code >= 300 or b"[reference]" not in body, (start, said)
        answer = await fetch(f"{root}/dashboard", method="POST", body="x")
        assert answer.code in (403, 405)
        told = (await fetch(f"{root}/dashboard")).body.decode()
        assert "[reference]" not in told

    asyncio.run(visit())


def test_no_address_makes_the_server_import_a_module(serve, home, tmp_path, monkeypatch):
    (tmp_path / "bait.py").write_text(
        "from pathlib import Path\nPath(__file__).with_suffix('.eaten').touch()\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    url = serve("panel")
    modules = (
        "engine.cli.__main__",
        "unittest.__main__",
        "dashboard.__main__",
        "__main__",
        "bait",
        "json.tool",
        "os",
        ".os",
        "",
    )

    async def visit():
        tab = await review(url)
        ngl = re.search(r"[^\"]*components/[^\"]*ngl[^\"]*\.js", json.dumps(tab.values)).group()
        page = await fetch(urljoin(url, ngl))
        assert page.code == 200
        assert b"NGL" in page.body
        root = url.removesuffix("/dashboard")
        for module in modules:
            answer = await fetch(f"{root}/components/{module}/x/_css/y")
            assert answer.code == 404, module
        assert (await fetch(url)).code == 200
        await tab.close()

    asyncio.run(visit())
    assert not (tmp_path / "bait.eaten").exists()

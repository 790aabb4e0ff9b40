"""Who else is here: as rows, as HTML, and on the pages of people who come and go."""

import asyncio
import json

import pytest

from dashboard.panels.company import faces_html, initials, looking_html
from dashboard.people import Person
from dashboard.presence import Place, Presence
from tests.dashboard.conftest import NAME, PASSWORDS, review
from tests.support.desk_client import sign_in

ADA, BO, CY = (Person(name, "password") for name in ("ada", "bo", "cy"))


def test_rows_come_change_and_go():
    presence = Presence()
    presence.put("1", Place(ADA, "x", "c-1"))
    presence.put("2", Place(BO, "x", "c-1"))
    presence.put("3", Place(BO, "y"))
    presence.put("4", Place(ADA, "x", "c-2"))
    assert presence.others(ADA, "x") == [Place(BO, "x", "c-1")]
    assert presence.others(BO, "x") == [Place(ADA, "x", "c-1"), Place(ADA, "x", "c-2")]
    presence.put("2", Place(BO, "x", "c-3"))
    presence.leave("4")
    presence.leave("4")
    assert presence.others(CY, "x") == [Place(ADA, "x", "c-1"), Place(BO, "x", "c-3")]


@pytest.mark.parametrize(
    ("name", "letters"),
    [("ada", "A"), ("Ada Lovelace", "AL"), ("ada.lovelace@lab.example", "AL"), ("<script>", "S"), ("—", "?")],
)
def test_initials(name, letters):
    assert initials(name) == letters


def test_many_faces_are_a_number_and_a_name_is_text():
    places = [Place(Person(f"p{k} <b>", "password"), "x", "c-1") for k in range(8)]
    html = faces_html([*places, *places])
    assert html.count("<i ") == 6
    assert "+3" in html
    assert looking_html(places[:2], "c-1").startswith("<b>p0 &lt;b&gt; and p1 &lt;b&gt;</b> are")
    assert "<b>p0 <b>" not in html + looking_html(places, "c-1")
    assert looking_html(places, "c-2") == looking_html(places, None) == faces_html([]) == ""


def test_people_see_each_other_come_look_and_go(serve, password_file, home):
    url = serve("deltadesk", "--password-file", password_file)

    async def day():
        ada, bo, cy = [await review(url, await sign_in(url, n, PASSWORDS[n])) for n in ("ada", "bo", "cy")]
        first = ada.get("QueueList", "selected")
        await ada.until(
            lambda: "<b>bo and cy</b> are looking at this" in ada.text("dd-looking"),
            "bo and cy at the first card",
        )
        assert 'Also here: bo, cy"' in ada.text("dd-company")
        assert 'Also here: ada, bo"' in cy.text("dd-company")

        await bo.key("j")
        await ada.until(lambda: "<b>cy</b> is looking" in ada.text("dd-looking"), "bo at the next card")
        await ada.key("j")
        await ada.until(lambda: "<b>bo</b> is looking" in ada.text("dd-looking"), "bo again")
        await bo.key("g")
        await bo.key("l")
        await ada.until(lambda: "looking at" not in ada.text("dd-looking"), "bo away from all cards")
        assert "bo" in ada.text("dd-company")

        await bo.close()
        await ada.until(lambda: 'Also here: cy"' in ada.text("dd-company"), "bo gone")
        await cy.close()
        await ada.until(lambda: "Also here" not in ada.text("dd-company"), "cy gone")
        bo = await review(url, await sign_in(url, "bo", PASSWORDS["bo"]))
        await ada.until(lambda: 'Also here: bo"' in ada.text("dd-company"), "bo back")
        assert bo.get("QueueList", "selected") == first
        for tab in (ada, bo):
            await tab.close()

    asyncio.run(day())
    kept = "".join(path.read_text() for path in home.glob("*.json"))
    assert "c-0000" not in kept + json.dumps([path.name for path in (home / NAME).iterdir()])

"""Whatever anybody typed, in every place where it is kept, is text on every page."""

import json
import re
import sqlite3
import time
from urllib.parse import quote

import numpy as np
import pytest
from ase.io import write
from playwright.sync_api import expect

from engine.core import (
    CancelRequested,
    CandidateApproved,
    CandidateDeferred,
    CandidateEdited,
    CandidateSelected,
    CandidateVetoed,
    CommandRefused,
    DecisionUndone,
    EditAsked,
    ImportedReference,
    LabelsImported,
    ModelRefitted,
    ReferenceChange,
    ReferenceCompleted,
    ReferenceFailed,
    ReferenceSubmitted,
    RetryApproved,
    RunControlled,
    SelectedFlag,
    SettingsChanged,
    Shown,
    VetoRuleAdopted,
    fold,
)
from engine.loop.writer import writing
from engine.store import Store
from tests.support import large
from tests.support.serving import deltadesk_serve

pytestmark = pytest.mark.browser
IMG = "<img src=x onerror=window.pwned=1>"
SCRIPT = "<script>window.pwned=1</script>"
LINK = "[x](javascript:window.pwned=1)"
ALL = f"{IMG}{SCRIPT}{LINK}</pre></div>&lt;img"
FOLDER = f"{IMG} {LINK}"
NOTE = f"noted {IMG}"
RULE = f"a rule {IMG}"
PASSWORD = "a long password"
LOCKED_OUT = "<img src=y onerror=window.pwned=1>"
WHO = {"by": IMG, "auth": "password"}


def chosen(candidate):
    return CandidateSelected(
        candidate=candidate,
        rank=1,
        reason=ALL,
        generator=IMG,
        model_id="m-0001",
        energy_eV=-1200.0,
        energy_std_eV=0.3,
        terms={SCRIPT: 0.2, "promise": -0.3},
        flags=(SelectedFlag(check=IMG, reason=ALL),),
    )


def story(ids, campaign):
    """Every event that keeps words of somebody: two get labels, the third fails, the fourth waits."""
    imported = ImportedReference(code=IMG, version=SCRIPT, settings=ALL, count=3)
    yield LabelsImported(source=f"{IMG}.xyz", count=3, same_reference=False, references=(imported,))
    yield SettingsChanged(rules=campaign.rules, settings=dict(campaign.settings), changed=(ALL,))
    yield from map(chosen, ids)
    for candidate in ids[:3]:
        yield CandidateApproved(
            candidate=candidate, reason=ALL, note=ALL, hold_s=0.0, overruled=(IMG,), **WHO
        )
        yield ReferenceSubmitted(candidate=candidate, attempt=1, folder="references/x")
    for candidate in ids[:2]:
        yield ReferenceCompleted(
            candidate=candidate,
            attempt=1,
            energy_eV=-1.0,
            fmax=0.1,
            seconds=1.0,
            cores=1,
            code=IMG,
            version=IMG,
        )
    yield ReferenceFailed(candidate=ids[2], attempt=1, failure="crashed", log=f"{ALL}\n{ALL}")
    yield ModelRefitted(
        model_id="m-0001", n_train=2, mae_new_eV=0.1, mae_train_eV=0.1, queue_std_eV=0.1, probe_entropy=None,
        probe_entropy_p95=None, probe_entropy_error=None, seconds=1.0,
    )  # fmt: skip
    yield CandidateDeferred(candidate=ids[3], note=ALL, **WHO)
    yield CandidateVetoed(candidate=ids[4], reason=ALL, note=ALL, **WHO)
    shown = Shown(
        sentence=ALL, model_id=IMG, energy_eV=-1.0, terms={IMG: 1.0}, checks=(IMG,), nearest=IMG, cost=IMG,
        gain=IMG, ranks={IMG: 1}, among=1, warning=IMG,
    )  # fmt: skip
    yield CandidateApproved(candidate=ids[5], note=NOTE, hold_s=60.0, shown=shown, **WHO)
    yield DecisionUndone(candidate=ids[5], **WHO)
    yield RetryApproved(
        candidate=ids[2], change=ReferenceChange(settings={IMG: SCRIPT}), note=NOTE, hold_s=0.0, **WHO
    )
    yield ReferenceSubmitted(candidate=ids[2], attempt=2, folder="references/y")
    yield CancelRequested(candidate=ids[2], attempt=2, note=NOTE, **WHO)
    yield ReferenceFailed(candidate=ids[2], attempt=2, failure="crashed", log=f"{ALL}\n{ALL}")
    yield VetoRuleAdopted(trait="closest pair", side="below", limit=1.0, reason=RULE, **WHO)
    yield EditAsked(edit="e-0001", parent=ids[3], moves=((0, 0.0, 0.0, 0.0),), steps=1, note=NOTE, **WHO)
    yield CandidateEdited(edit="e-0001", parent=ids[3], candidate=None, reason=ALL, model_id="m-0001")
    yield CommandRefused(command="ApproveCandidate", candidate=ids[4], reason=ALL, **WHO)
    yield RunControlled(action="crash", by="engine", auth="engine", reason=ALL)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with one campaign full of markup, and one that says it in what is wrong with it."""
    root = tmp_path_factory.mktemp("home")
    system = {"start": f"{IMG}.xyz"}
    folder = large.make(root / FOLDER, 0, n_found=8, paused=True, name=f"{IMG}{SCRIPT}", system=system)
    write(folder / f"{IMG}.xyz", large.ball(12, np.random.default_rng(0)))
    store = Store(folder)
    campaign = fold(store.events())
    ids = [row.candidate for row in store.summaries()]
    with writing(store, campaign, time.time()) as writer:
        for event in story(ids, campaign):
            writer.append(event)
        for candidate in ids[:2]:
            writer.rows.label(candidate, -1.0, np.zeros((12, 3)))
    store.close()
    with sqlite3.connect(folder / "campaign.db") as connection:
        flags = json.dumps([{"check": IMG, "reason": ALL}])
        connection.execute("UPDATE proposals SET generator = ?, flags = ?", (IMG, flags))
        connection.execute("INSERT INTO steps VALUES (?, 1, 1, 'm-0000', '{}', 1.0, 0.5)", (f"{IMG}/0",))
    (root / "broken").mkdir()
    (root / "broken" / "campaign.toml").write_text(f'name = "x"\n"{IMG}" = 1\n')
    roles = {IMG: "administer", SCRIPT: "curate", LOCKED_OUT: "none"}
    (root / "people.toml").write_text("[people]\n" + "".join(f"'{n}' = '{r}'\n" for n, r in roles.items()))
    return root


@pytest.fixture(scope="module")
def url(home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    table = folder / "passwords.json"
    table.write_text(json.dumps(dict.fromkeys((IMG, SCRIPT, LOCKED_OUT), PASSWORD)))
    table.chmod(0o600)
    server = deltadesk_serve(folder / "log.txt", "--password-file", table, env={"DELTADESK_HOME": str(home)})
    yield server.url
    server.stop()


def sign_in(page, url, name, password=PASSWORD):
    page.goto(url)
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()


def harmless(page):
    """Nothing ran, nothing would run when it is clicked, and no element came out of a text."""
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert page.locator("[onerror]").count() == 0
    assert page.locator('img[src="x"], img[src="y"]').count() == 0
    assert page.locator('[href^="javascript" i], [src^="javascript" i]').count() == 0


PAGES = (
    ("r", ".dd-run", [FOLDER, f"{IMG}{SCRIPT}"]),
    ("l", ".dd-log", [f"deferred by {IMG}", f"vetoed by {IMG}: {ALL}", f"copied from {IMG}.xyz"]),
    ("l", ".dd-failures", ["Last lines of its log"]),
    ("l", ".dd-searches", [IMG]),
    ("v", ".dd-why", [IMG, ALL]),
    ("s", ".dd-landscape", []),
    ("d", ".dd-table", [IMG]),
    ("a", ".dd-audit", [ALL, f"edited: {ALL}", IMG, NOTE, RULE]),
    (",", ".dd-you", [IMG]),
    (",", ".dd-programs", ["as installed"]),
)
"""Pages by their keys, with what they show."""


def test_every_page_shows_what_was_typed_as_text(page, url, browser, watch):
    sign_in(page, url, IMG)
    other = browser.new_context().new_page()
    sign_in(other, url, SCRIPT)
    address = f"{url}?campaign={quote(FOLDER)}"
    ids = [f"c-{k:06d}" for k in range(1, 9)]
    other.goto(f"{address}&page=review&candidate={ids[3]}")
    expect(other.locator(".dd-company")).to_contain_text("I")
    page.goto(f"{address}&candidate={ids[3]}")
    page.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")
    for key, hook, texts in PAGES:
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page.locator(hook).first).to_be_visible()
        for text in texts:
            expect(page.locator(hook).filter(has_text=text).first).to_be_visible()
        expect(page.locator(".dd-notice")).to_contain_text(ALL)
        expect(page).to_have_title(re.compile(re.escape(FOLDER)))
        harmless(page)
    page.goto(f"{address}&page=data&section=decisions")
    expect(page.locator(".dd-data").filter(has_text=f"rule of {IMG}")).to_be_visible()
    harmless(page)
    page.goto(f"{address}&page=data&section=export")
    expect(page.locator(".dd-methods")).to_contain_text(f"campaign {IMG}{SCRIPT}")
    harmless(page)
    for name, candidate in (("landscape", ids[6]), ("review", ids[0])):  # never asked about, labelled
        page.goto(f"{address}&page={name}&candidate={candidate}")
        expect(page.locator(".dd-why").filter(has_text=candidate).first).to_be_visible()
        harmless(page)

    # what another person is called, and what a refusal says
    page.goto(f"{address}&page=review&candidate={ids[3]}")
    expect(page.locator(".dd-looking")).to_contain_text(f"{SCRIPT} is looking at this")
    expect(page.locator(f'.dd-company [data-name="{SCRIPT}"]')).to_have_text("SS")
    page.goto(f"{address}&page=review&candidate={ids[4]}")
    page.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")
    page.keyboard.press("a")
    expect(page.locator(".dd-toast")).to_contain_text(f"{IMG} vetoed this")
    harmless(page)

    # a campaign that cannot be read, and the form of a new one
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.locator(".dd-open button").filter(has_text="Start").click()
    expect(page.locator(".dd-toast").filter(has_text="campaign.toml")).to_contain_text(IMG)
    harmless(page)
    page.goto(f"{address}&page=runs")
    page.locator(".dd-use-template button").first.click()
    expect(page.locator(".dd-new .dd-viewer[data-drawn]")).to_be_visible()
    page.locator(".dd-field-system-composition input").fill(IMG)
    expect(page.locator(".dd-problems")).to_contain_text(IMG)
    harmless(page)
    other.context.close()


def test_on_the_sign_in_page_and_the_locked_one(page, url):
    sign_in(page, url, SCRIPT, "not the password")
    expect(page.get_by_role("alert")).to_be_visible()
    harmless(page)
    page.goto(f"{url.removesuffix('/dashboard')}/login?error={quote(ALL)}")
    expect(page.get_by_role("alert")).to_contain_text(IMG)
    harmless(page)
    sign_in(page, url, LOCKED_OUT)
    expect(page.locator(".dd-words")).to_contain_text(f"You signed in as {LOCKED_OUT}")
    harmless(page)

"""The audit trail as data: rows, filters and the CSV."""

import csv
import gc
import io
import weakref

from dashboard.audit import KINDS, Trail, matching, to_csv, trail_of
from dashboard.pages.audit import TONES, table
from engine.core import (
    BudgetChanged,
    CandidateApproved,
    CandidateSelected,
    CandidateVetoed,
    CommandRefused,
    EditAsked,
    HoldEnded,
    Recorded,
    RunControlled,
    Shown,
    fold,
)
from engine.store import Store
from tests.support import large

WHO = {"by": "ada", "auth": "password"}


def chosen(candidate, reason, model="m-0002"):
    return CandidateSelected(
        candidate=candidate,
        rank=1,
        reason=reason,
        generator="random-search",
        model_id=model,
        energy_eV=-1.0,
        energy_std_eV=0.1,
        terms={},
    )


def trail(*events):
    made = Trail()
    log = [Recorded(seq=k, time=1e9 + k, event=event) for k, event in enumerate(events, start=1)]
    made.extend(log, candidates(log))
    return made


def candidates(log):
    return fold([item for item in log if isinstance(item.event, CandidateSelected)]).candidates


def story():
    return trail(
        chosen("c-000001", "Chosen because it is far from all labels."),
        RunControlled(action="start", by="bo", auth="local"),
        CandidateApproved(
            candidate="c-000001", hold_s=10, overruled=("fragments",), note="looks fine", **WHO
        ),
        CandidateVetoed(candidate="c-000001", reason="duplicate", note="=1+1", **WHO),
        CommandRefused(command="ApproveCandidate", candidate="c-000001", reason="too late", **WHO),
        BudgetChanged(budget=30, **WHO),
    )


def test_a_row_says_what_was_shown_at_that_moment():
    approved = next(row for row in story().rows if row.kind == "approve")
    assert approved.words.why == "Chosen because it is far from all labels."
    assert (approved.words.model_id, approved.by, approved.auth) == ("m-0002", "ada", "password")
    assert (approved.words.overruled, approved.words.note) == ("fragments", "looks fine")


def test_what_the_page_said_at_a_decision_stands_in_its_row_and_its_csv():
    said = Shown(
        sentence="Chosen <b>now</b>.",
        model_id="m-0007",
        energy_eV=-2.5,
        nearest="c-000003",
        nearest_distance=0.02,
    )
    made = trail(
        chosen("c-000001", "Chosen before."),
        CandidateVetoed(candidate="c-000001", reason="duplicate", shown=said, **WHO),
        CandidateVetoed(candidate="c-000001", reason="duplicate", **WHO),
    )
    kept, older = (row.words for row in made.rows)
    assert (kept.why, kept.model_id) == ("Chosen <b>now</b>.", "m-0007")
    assert kept.shown == "predicted -2.500 eV; nearest label c-000003, 2.00 % of the SOAP vector away"
    assert (older.why, older.shown) == ("Chosen before.", "")
    assert next(csv.DictReader(io.StringIO(to_csv(made.rows))))["shown"] == kept.shown
    assert table(made.rows).count("<details>") == 1
    assert "nearest label c-000003" in table(made.rows)
    assert "Chosen &lt;b&gt;now" in table(made.rows)


def test_newest_first_and_filters():
    rows = story().rows
    assert [row.kind for row in matching(rows)] == ["budget", "refused", "veto", "approve", "control"]
    assert [row.by for row in matching(rows, person="bo")] == ["bo"]
    assert [row.kind for row in matching(rows, kind="veto")] == ["veto"]
    assert [row.kind for row in matching(rows, text="FRAGMENTS fine")] == ["approve"]
    assert matching(rows, text="fragments nowhere") == []


def test_a_log_that_grows_is_read_once():
    made = story()
    veto = CandidateVetoed(candidate="c-000001", reason="x", **WHO)
    about = candidates([Recorded(seq=1, time=1e9, event=chosen("c-000001", "Chosen because."))])
    made.extend([Recorded(seq=7, time=2e9, event=veto)], about)
    assert len(made.rows) == 6
    assert made.rows[-1].words.why == "Chosen because."


def test_csv_reads_back_and_holds_no_formula():
    rows = list(csv.DictReader(io.StringIO(to_csv(story().rows))))
    assert [row["kind"] for row in rows] == ["control", "approve", "veto", "refused", "budget"]
    assert rows[2]["note"] == "'=1+1"
    assert rows[0]["time"] == "2001-09-09T01:46:42.000+00:00"


def test_what_a_person_typed_is_text():
    made = trail(CandidateVetoed(candidate="c-1", reason="other", note="<img src=x onerror=alert(1)>", **WHO))
    assert "&lt;img src=x" in table(made.rows)
    assert "<img" not in table(made.rows)


def test_of_a_log_only_what_is_said_here_is_read(tmp_path):
    folder = large.make(tmp_path / "camp", 3, n_labelled=6, budget=100, paused=True)
    whole, asked = Trail(), Trail()
    store = Store(folder)
    everything, some = store.events(), store.events(kinds=asked.kinds)
    store.close()
    about = fold(everything).candidates
    whole.extend(everything, about)
    asked.extend(some, about)
    assert asked.rows == whole.rows
    assert sum(row.kind == "approve" for row in asked.rows) == 6
    assert {item.event.kind for item in everything} > {item.event.kind for item in some}


def test_all_tabs_read_one_trail_and_it_goes_with_its_database(tmp_path):
    folder = large.make(tmp_path / "camp", 3, n_labelled=6, budget=100, paused=True)
    store = Store(folder)
    log = store.events()
    trail_of(store).follow(store, fold(log[:-1]))
    mine = trail_of(store)
    mine.follow(store, fold(log))
    kept, rows = weakref.ref(mine), len(mine.rows)
    assert rows == 8, "six approvals, a start and a pause"
    mine.follow(store, fold(log[:-2]))
    assert len(mine.rows) == rows
    store.close()
    del mine, store
    gc.collect()
    assert kept() is None


def test_each_kind_has_a_tone_and_a_send_and_an_edit_are_drawn():
    assert set(TONES) == set(KINDS)
    made = trail(
        chosen("c-000001", "Chosen because it is far from all labels."),
        HoldEnded(candidate="c-000001", **WHO),
        EditAsked(edit="e-1", parent="c-000001", moves=((0, 1.0, 2.0, 3.0),), steps=20, **WHO),
    )
    drawn = table(made.rows)
    assert 'data-kind="send"' in drawn
    assert 'data-kind="edit"' in drawn
    assert "1 atom moved, 20 steps relaxed" in drawn

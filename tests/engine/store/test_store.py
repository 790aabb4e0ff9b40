import gc
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import ase.db
import numpy as np
import pytest
from ase.build import molecule

from engine.core import BudgetChanged, Exploration, RunControlled, UndoDecision
from engine.errors import CampaignBusyError, CampaignError, StorageError
from engine.protocols import Flag
from engine.store import REFERENCE, Measured, NewestScore, Score, Store, folder_lock, is_locked
from tests.support import toy
from tests.support.locks import refusals

START = RunControlled(action="start", by="ada", auth="local")


@pytest.fixture
def store(tmp_path):
    store = Store.create(tmp_path)
    yield store
    store.close()


def propose(tx, structure=None, **changes):
    row = {
        "generator": "toy/0",
        "step": 0,
        "model_id": "m-0000",
        "parent": None,
        "base_energy": -1.0,
        "features": np.arange(3.0),
        "flags": [Flag("fragments", "2 fragments: H2 and O")],
    }
    return tx.propose(structure or molecule("H2O"), **{**row, **changes})


def test_events_come_back_as_they_went_in(store):
    with store.transaction(0, 12.5) as tx:
        tx.append(START, command_id="abc")
        tx.append(BudgetChanged(budget=3, by="ada", auth="local"))
    first, second = store.events()
    assert (first.seq, first.time, first.command_id, first.event) == (1, 12.5, "abc", START)
    assert second.event.budget == 3
    assert store.events(after=1) == [second]
    assert store.events(up_to=1) == [first]


def test_compositions_are_read_without_their_structures(store):
    with store.transaction(0, 1.0) as tx:
        water, methane = propose(tx), propose(tx, molecule("CH4"))
        propose(tx, molecule("CO"))
    expected = {water: (1, 1, 8), methane: (1, 1, 1, 1, 6)}
    assert store.compositions([methane, water]) == expected


def test_a_sample_is_evenly_spaced_and_says_of_what_kind_each_is(store):
    with store.transaction(0, 1.0) as tx:
        for n in range(10):
            structure = molecule("H2O")
            if n % 2:
                structure.info["kind"] = "odd"
            propose(tx, structure)
    assert store.sample(4) == ["c-000001", "c-000004", "c-000007", "c-000010"]
    assert store.sample(3, 6) == ["c-000001", "c-000003", "c-000005"]
    assert store.sample(100) == store.sample(100, 100) == [f"c-{n:06d}" for n in range(1, 11)]
    assert store.kinds(["c-000001", "c-000002"]) == {"c-000002": "odd"}
    assert store.kinds() == {f"c-{n:06d}": "odd" for n in (2, 4, 6, 8, 10)}


def test_all_of_a_transaction_or_nothing(store):
    with pytest.raises(ZeroDivisionError), store.transaction(0, 1.0) as tx:
        tx.append(START)
        propose(tx)
        raise ZeroDivisionError
    assert store.events() == []
    assert store.count_proposals() == 0
    assert ase.db.connect(str(store.path)).count() == 0


def test_so_is_one_of_more_structures_than_ase_writes_at_once(store):
    def write_many():
        with store.transaction(0, 1.0) as tx:
            tx.append(START)
            one = molecule("H2")
            for _ in range(5001):
                tx._ase.write(one)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_many()
    assert store.events() == []
    assert ase.db.connect(store.path).count() == 0


def test_ase_sees_candidates_and_their_labels(store):
    water = molecule("H2O")
    water.positions += np.pi / 7  # digits that text would lose
    with store.transaction(0, 1.0) as tx:
        candidate = propose(tx, water)
    with store.transaction(0, 2.0) as tx:
        tx.label(candidate, -14.25, np.full((3, 3), 0.125))
    row = ase.db.connect(str(store.path)).get(candidate=candidate)
    assert row.energy == -14.25
    assert row.toatoms().get_forces() == pytest.approx(np.full((3, 3), 0.125))
    (back,) = store.structures([candidate])
    assert (back.positions == water.positions).all()
    assert back.get_potential_energy() == -14.25
    assert "stress" not in back.calc.results
    with store.transaction(0, 3.0) as tx:
        tx.label(candidate, -14.25, np.full((3, 3), 0.125), [0.1, 0.2, 0.3, 0.0, 0.0, -0.1])
    (back,) = store.structures([candidate])
    assert back.get_stress().tolist() == [0.1, 0.2, 0.3, 0.0, 0.0, -0.1]


def test_reading_leaves_no_connection_to_the_collector(store):
    with store.transaction(0, 1.0) as tx:
        names = [propose(tx) for _ in range(3)]
    gc.collect()
    before = open_connections()
    gc.disable()
    try:
        for _ in range(5):
            assert len(store.structures(names)) == 3
            assert store.imported() == []
        store.post(START, 2.0)
        assert open_connections() == before
    finally:
        gc.enable()


def open_connections():
    return sum(issubclass(type(one), sqlite3.Connection) for one in gc.get_objects())  # a proxy may be dead


def test_what_was_measured_comes_back_in_order_the_reference_first(store):
    nan = float("nan")
    energies = np.array([[-4.3, nan], [-4.2, -4.1]])
    first = Measured("m-0001", {"C11": (101.5, nan), "a": (5.43, 5.44)}, np.array([19.0, 20.0]), energies)
    second = Measured("m-0002", {"C11": (nan, nan)}, np.empty(0), np.empty((2, 0)), "no stress of Si8")
    own = Measured(REFERENCE, {"C11": (151.4,)}, np.array([19.0]), np.array([[-4.336]]))
    with store.transaction(3, 1.0) as tx:
        tx.measure(first)
        tx.measure(second)
    with store.transaction(9, 2.0) as tx:
        tx.measure(own)
    back = store.measured()
    assert [one.model_id for one in back] == [REFERENCE, "m-0001", "m-0002"]
    assert [one.trouble for one in back] == ["", "", "no stress of Si8"]
    for said, was in zip(back, (own, first, second), strict=True):
        assert list(said.values) == list(was.values)
        for name, values in was.values.items():
            assert said.values[name] == pytest.approx(values, rel=0, nan_ok=True)
        np.testing.assert_array_equal(said.volumes, was.volumes)
        np.testing.assert_array_equal(said.energies, was.energies)
    with pytest.raises(StorageError), store.transaction(9, 3.0) as tx:
        tx.measure(first)


def test_a_campaign_from_before_properties_were_measured_has_none(store):
    with sqlite3.connect(store.path) as connection:
        connection.execute("DROP TABLE measured")
    assert Store(store.folder).measured() == ()
    again = Store.create(store.folder)
    with again.transaction(0, 1.0) as tx:
        tx.measure(Measured("m-0001", {}, np.empty(0), np.empty((2, 0))))
    assert len(again.measured()) == 1


def test_rows_come_back_as_they_went_in(store):
    with store.transaction(4, 1.0) as tx:
        candidate = propose(tx, parent="c-000000")
        tx.score(candidate, "m-0001", Score(candidate, -2.0, 0.5, np.array([0.1, 0.2, 0.3])))
        tx.score(candidate, "m-0002", Score(candidate, -3.0, None, None))
        tx.step("toy/0", 0, "m-0000", {"placed": 1}, seconds=0.5, base_seconds=0.25)
    (row,) = store.proposals([candidate])
    assert (row.parent, row.base_energy, row.flags[0].check) == ("c-000000", -1.0, "fragments")
    assert row.features.tolist() == [0.0, 1.0, 2.0]
    assert store.scores([candidate])[candidate].energy == -3.0
    assert store.scores([candidate], "m-0001")[candidate].atom_std.tolist() == [0.1, 0.2, 0.3]
    assert store.last_step("toy/0").state == {"placed": 1}
    assert store.last_step("toy/1") is None


def test_pool_and_probe(store):
    with store.transaction(0, 1.0) as tx:
        for _ in range(5):
            propose(tx)
        tx.select("c-000002")
    assert store.pool(3) == ["c-000003", "c-000004", "c-000005"]
    assert store.count_pool("m-0000") == 4
    assert store.count_pool("m-0001") == 0
    assert store.probe(2) == ["c-000001", "c-000002"]
    assert store.probe(6) == []


def test_a_wish_is_answered_once_in_the_transaction_of_its_events(store):
    wish = UndoDecision(candidate="c-000001", by="ada", auth="local")
    assert store.post(wish, 1.0, "same") == store.post(wish, 2.0, "same") == "same"
    (pending,) = store.pending()
    assert pending.command == wish
    assert store.answer("same") is None
    with store.transaction(0, 3.0) as tx:
        tx.append(START, "same")
        tx.consume(pending.id)
    assert store.pending() == []
    assert [item.seq for item in store.answer("same")] == [1]


def test_what_is_no_command_does_not_stop_the_inbox(store):
    with sqlite3.connect(store.path) as connection:
        connection.execute("INSERT INTO inbox (command_id, time, body) VALUES ('x', 0, '{\"kind\": 7}')")
    store.post(UndoDecision(candidate="c-000001", by="ada", auth="local"), 1.0)
    assert [pending.command is None for pending in store.pending()] == [True, False]


def test_posting_waits_for_the_writer_and_is_not_lost(store):
    wish = UndoDecision(candidate="c-000001", by="ada", auth="local")
    code = (
        "from pathlib import Path; from engine.store import Store; from engine.core import UndoDecision;"
        f"store = Store(Path({str(store.folder)!r}));"
        "store.post(UndoDecision(candidate='c-000001', by='ada', auth='local'), 1.0)"
    )
    with store.transaction(0, 1.0) as tx:
        tx.append(START)
        poster = subprocess.Popen([sys.executable, "-c", code], cwd=toy.REPOSITORY)
        with pytest.raises(subprocess.TimeoutExpired):
            poster.wait(timeout=2)
    assert poster.wait(timeout=20) == 0
    assert [pending.command for pending in store.pending()] == [wish]


def test_whoever_opens_it_again_here_does_not_let_go_of_it_for_others(store):
    """A process that closes a descriptor of its own of the file loses its locks on it, and what it writes."""
    code = "import sys, pathlib, engine.store; engine.store.Store(pathlib.Path(sys.argv[1])).close()"
    for reopen in (Store, Store.create):
        reopen(store.folder).close()
        with store.transaction(0, 1.0):
            pass
        subprocess.run([sys.executable, "-c", code, store.folder], cwd=toy.REPOSITORY, check=True)
        assert store.path.with_name("campaign.db-wal").exists(), (
            "another process took itself for the last one"
        )


def test_what_is_no_database_is_one_clear_line(tmp_path):
    with pytest.raises(CampaignError, match=r"holds no campaign\.db"):
        Store(tmp_path)
    (tmp_path / "campaign.db").write_bytes(b"not a database, but long enough to be read as one" * 40)
    with pytest.raises(StorageError, match=r"is damaged .*not a database.*deltadesk backup"):
        Store(tmp_path)


def test_lock_dies_with_its_process(tmp_path):
    path = tmp_path / "lock"
    code = (
        "import time; from pathlib import Path; from engine.store import folder_lock\n"
        f"with folder_lock(Path({str(path)!r})): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=toy.REPOSITORY)
    assert holder.stdout.readline() == b"held\n"
    assert is_locked(path)
    with pytest.raises(CampaignBusyError, match="another process"), folder_lock(path):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    started = time.monotonic()
    with folder_lock(path):
        assert time.monotonic() - started < 5
    assert not is_locked(path)


def test_who_is_patient_waits_for_a_lock_that_is_held_for_a_moment(tmp_path, monkeypatch):
    path, refused = tmp_path / "lock", refusals(monkeypatch)

    def own():
        with folder_lock(path, patience=60.0):
            return True

    with ThreadPoolExecutor(1) as other:
        with folder_lock(path):
            waiting = other.submit(own)
            assert refused.wait(60)
            assert not waiting.done()
        assert waiting.result(60)
        with (
            folder_lock(path),
            pytest.raises(CampaignBusyError, match="another process"),
            folder_lock(path, patience=0.1),
        ):
            pass


def test_proposals_come_as_columns_piece_by_piece_with_their_newest_score(store):
    with store.transaction(0, 1.0) as tx:
        ids = [propose(tx, step=k, base_energy=-float(k), features=np.full(3, k)) for k in range(5)]
        tx.score(ids[1], "m-0000", Score(ids[1], -1.0, None, None))
        tx.score(ids[1], "m-0002", Score(ids[1], -3.0, 0.2, None))
        tx.score(ids[1], "m-0001", Score(ids[1], -2.0, 0.1, None))
    first = store.proposal_table(limit=3)
    rest = store.proposal_table(first.candidate[-1], limit=3)
    assert [*first.candidate, *rest.candidate] == ids
    assert first.base_energy.tolist() == [0.0, -1.0, -2.0]
    assert first.step.tolist() == [0, 1, 2]
    assert first.features.tolist() == [[0.0] * 3, [1.0] * 3, [2.0] * 3]
    assert first.scores == {ids[1]: NewestScore("m-0002", -3.0, 0.2)}
    nothing = store.proposal_table(ids[-1])
    assert (nothing.candidate, nothing.features.shape) == ((), (0, 0))


def test_new_scores_are_those_of_the_newest_model_since_an_event(store):
    with store.transaction(0, 1.0) as tx:
        early, late = propose(tx), propose(tx)
        tx.score(early, "m-0002", Score(early, -2.0, 0.1, None))
        tx.append(START)
        tx.score(late, "m-0001", Score(late, -1.0, 0.3, None))
        tx.score(early, "m-0001", Score(early, -9.0, 0.9, None))
    assert store.scores_since(1) == {late: NewestScore("m-0001", -1.0, 0.3)}
    assert set(store.scores_since(0)) == {early, late}


def test_steps_are_counted_up_to_an_event_with_what_they_cost(store):
    for step, (seq, seconds) in enumerate([(3, 1.0), (3, 2.0), (7, 4.0)]):
        with store.transaction(seq, 1.0) as tx:
            state = {"placed": step}
            tx.step("toy/0", step, "m-0000", state, seconds=seconds, base_seconds=seconds / 4)
    (all_of_them,) = store.searched()
    assert (all_of_them.steps, all_of_them.seconds, all_of_them.base_seconds) == (3, 7.0, 1.75)
    (earlier,) = store.searched(before=7)
    assert (earlier.steps, earlier.seconds, earlier.state) == (2, 3.0, {"placed": 1})
    assert store.searched(before=3) == []


def explored(judged=0, accepted=0, rewinds=0, statistics=None, n_test=4):
    counts = {"judged": judged, "accepted": accepted, "rewinds": rewinds}
    return {"test": [{}] * n_test, "statistics": statistics, **counts}


def test_what_searches_cost_is_read_without_their_states(store):
    """They are long: beside them lies an index that holds all that is summed, and one of what is fresh."""
    with sqlite3.connect(store.path) as database:
        for asked, index in (
            (
                "SELECT generator, sum(base_seconds), max(step) FROM steps WHERE +seq < 9 GROUP BY 1",
                "steps_cost",
            ),
            (
                "SELECT count(*) FROM proposals WHERE selected_seq IS NULL AND model_id = 'm'",
                "proposals_fresh",
            ),
        ):
            plan = database.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()
            assert [f"COVERING INDEX {index}" in row[-1] for row in plan] == [True], plan


def test_what_molecular_dynamics_met_is_told_model_by_model(store):
    first = {"energy": [1.0, 0.3], "uncertainty": [0.2, 0.1], "acceptance": [0.02, 0.04]}
    second = {"energy": [2.0, 0.4], "uncertainty": [0.1, 0.1], "acceptance": [0.03, 0.05]}
    steps = {
        "md/0": [
            ("m-0000", explored(rewinds=1)),
            ("m-0001", explored(40, 2, 1, first)),
            ("m-0001", explored(80, 5, 3, first)),
            ("m-0002", explored(120, 5, 3, second)),
            ("m-0003", explored(120, 5, 9, second)),  # all exploded: nothing was judged in it
        ],
        "md/1": [("m-0002", explored(60, 4, 2, {**second, "energy": [5.0, 0.4]}, n_test=2))],
        "other/0": [("m-0002", {"walkers": 5})],
    }
    for chain, states in steps.items():
        for step, (model_id, state) in enumerate(states):
            with store.transaction(3 if chain == "md/1" else step, 1.0) as tx:
                tx.step(chain, step, model_id, state, seconds=1.0, base_seconds=0.0)
    one, two = store.explorations()
    assert one == Exploration(
        model_id="m-0001",
        test_frames=4,
        energy=(1.0, 0.3),
        uncertainty=(0.2, 0.1),
        expected=(0.02, 0.04),
        judged=80,
        accepted=5,
        rewinds=2,
    )
    assert (two.model_id, two.test_frames, two.judged, two.accepted, two.rewinds) == ("m-0002", 6, 100, 4, 2)
    assert two.acceptance == 0.04
    together = np.repeat([1.6, 2.4, 4.6, 5.4], [2, 2, 1, 1])
    assert two.energy == pytest.approx((together.mean(), together.std()))
    assert two.uncertainty == pytest.approx((0.1, 0.1))
    assert store.explorations(before=2) == (
        one.model_copy(update={"judged": 40, "accepted": 2, "rewinds": 0}),
    )


def test_frames_that_gave_nothing_to_ask_about_are_counted_chain_by_chain(store):
    judged = {
        "md/0": [("m-0000", 40), ("m-0001", 80), ("m-0001", 120), ("m-0001", 160), ("m-0001", 200)],
        "md/1": [("m-0001", 30), ("m-0001", 60)],
        "md/2": [("m-0000", 50)],
        "other/0": [("m-0001", 70)],
    }
    found = {("md/0", 0), ("md/0", 2), ("md/2", 0), ("other/0", 0)}
    for chain, steps in judged.items():
        for step, (model_id, count) in enumerate(steps):
            with store.transaction(step, 1.0) as tx:
                state = explored(count)
                tx.step(chain, step, model_id, state, seconds=1.0, base_seconds=0.0)
                if (chain, step) in found:
                    propose(tx, generator=chain, step=step, model_id=model_id)
    assert store.quiet("m-0001", 0) == {"md/0": 80, "md/1": 60}
    assert store.quiet("m-0001", 1) == {"md/0": 80, "md/1": 30}
    assert store.quiet("m-0001", 4) == {"md/0": 40}
    assert store.quiet("m-0000", 0) == {"md/0": 0, "md/2": 0}
    assert store.quiet("m-0002", 0) == {}


def test_a_database_from_before_the_base_time_was_kept_is_read_and_goes_on(store):
    with sqlite3.connect(store.path) as old:
        old.execute("DROP INDEX steps_cost")
        old.execute("ALTER TABLE steps DROP COLUMN base_seconds")
        old.execute("INSERT INTO steps VALUES ('toy/0', 0, 2, 'm-0000', '{}', 1.5)")
    reader = Store(store.folder)
    assert [(chain.seconds, chain.base_seconds) for chain in reader.searched()] == [(1.5, 0.0)]
    reader.close()
    writer = Store.create(store.folder)
    with writer.transaction(3, 1.0) as tx:
        tx.step("toy/0", 1, "m-0000", {}, seconds=2.5, base_seconds=2.0)
    assert [(chain.seconds, chain.base_seconds) for chain in writer.searched()] == [(4.0, 2.0)]
    writer.close()

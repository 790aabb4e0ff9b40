"""Barriers of a toy campaign: as many as are asked for, once each, known from the event before them on."""

import re

import pytest

from engine.config import PoolSettings, load, parse
from engine.core import Bridge, Refit, RunControlled, fold
from engine.errors import ConfigError
from engine.loop.messages import Connect
from engine.loop.opening import opening_events
from engine.loop.task_desk import TaskDesk
from engine.loop.tasks import perform
from engine.loop.writer import writing
from engine.store import PastStore, Store
from tests.support import toy, watched
from tests.support.here import Here

LANDSCAPE = "[landscape]\nbarriers = true\nminima = 4\npairs = 2\nimages = 2\nsteps = 15\n[curation]"


class Toy:
    """A campaign that is taken from one step to the next by hand."""

    def __init__(self, folder):
        toy.make(folder)
        path = folder / "campaign.toml"
        emt = "ase.calculators.emt:EMT"
        text = path.read_text().replace("[curation]", LANDSCAPE)
        path.write_text(text.replace("tests.support.witness_emt:WitnessEMT", emt))
        self.settings, self.store = load(folder), Store.create(folder)
        self.desk = TaskDesk(folder, self.settings, Here(), lambda: None)
        with self._writing() as writer:
            for event in opening_events(writer.campaign, self.settings):
                writer.append(event)
            writer.append(RunControlled(action="start", by="ada", auth="local"))

    @property
    def campaign(self):
        return fold(self.store.events())

    def do(self, action=None):
        if action is not None:
            self.desk.owe(action)
        self.desk.start(self.store, self.campaign)
        with self._writing() as writer:
            self.desk.collect(writer)

    def _writing(self):
        return writing(self.store, self.campaign, self.campaign.time + 1)


@pytest.fixture(scope="module")
def bridged(tmp_path_factory):
    """A toy with one fit, whose pairs were all looked at; and how many looks that took."""
    made = Toy(tmp_path_factory.mktemp("bridged") / "toy")
    while not made.campaign.waiting:
        made.do()
    assert made.desk.unbridged(made.campaign) is None, "nothing is looked for in the bare potential"
    watched.labelled(made.store, [candidate.id for candidate in made.campaign.waiting])
    made.do(Refit("m-0001", made.campaign.labels))
    looks = 0
    while (model := made.desk.unbridged(made.campaign)) is not None:
        made.do(Bridge(model))
        looks += 1
    yield made, looks
    made.store.close()


def test_so_many_near_pairs_are_looked_at_one_a_task(bridged):
    made, looks = bridged
    rows = made.store.barriers()
    assert len(rows) == looks == 2
    for one in rows:
        assert (one.model_id, one.trouble) == ("m-0001", "")
        assert one.first < one.second
        assert min(one.rises) >= 0
        assert one.seconds > 0


def test_where_nothing_was_relaxed_there_is_nothing_to_join(bridged):
    made, _ = bridged
    pool = PoolSettings(source="pool.xyz")
    settings = made.settings.model_copy(update={"search": (pool,)})
    found = perform(Connect(made.store.folder, settings, "m-0001", None))
    assert (found.barrier, found.left) == (None, ())


def test_a_new_start_looks_at_none_again(bridged):
    made, _ = bridged
    again = perform(Connect(made.store.folder, made.settings, "m-0001", None))
    assert (again.barrier, again.left) == (None, ())


def test_what_cannot_be_looked_at_is_a_row_that_says_why(bridged):
    made, _ = bridged
    found = perform(Connect(made.store.folder, made.settings, "m-0009", None))
    assert found.barrier.rises is None
    assert not found.barrier.converged
    assert re.search(r"No such file .*m-0009.npz", found.barrier.trouble)
    known = {(one.first, one.second) for one in made.store.barriers() if one.converged}
    assert not known & {(found.barrier.first, found.barrier.second), *found.left}


def test_the_past_knows_barriers_from_the_event_they_came_after(bridged):
    made, _ = bridged
    seq = made.campaign.seq
    past = PastStore(made.store.folder, seq - 1)
    assert past.barriers() == ()
    past.look(seq)
    assert past.barriers() == made.store.barriers()
    past.close()


def test_a_campaign_from_before_barriers_has_none(tmp_path):
    store = watched.make(tmp_path / "old")
    with store.transaction(store.events()[-1].seq, 3.0) as rows:
        rows._sql.execute("DROP TABLE barriers")
    assert store.barriers() == ()
    store.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[system.crystal]\nlattice = "diamond"\n[[search]]\nname = "pool"\nkinds = ["volume"]\n', "leave"),
        ('[[search]]\nname = "md"\n', "which a search relaxes"),
        ("minima = 1\n", "landscape.minima = 1"),
    ],
)
def test_barriers_where_there_are_no_minima_are_refused_in_one_line(text, words):
    head, tail = ("", text) if text.startswith("minima") else (text, "")
    with pytest.raises(ConfigError, match=re.escape(words)) as told:
        parse(f"{head}[landscape]\nbarriers = true\n{tail}")
    assert "\n" not in str(told.value)

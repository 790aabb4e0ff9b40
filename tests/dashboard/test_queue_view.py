"""Which candidates the queue shows, and in what order."""

import pytest

from dashboard.queue_view import ALL, ORDERS, QueueView, arrange, choices, window
from engine.core import SelectedFlag, Status
from tests.laws.strategies import World


@pytest.fixture(scope="module")
def waiting():
    world = World()
    for k in range(1, 6):
        world.select(f"c-{k:06d}", flagged=k == 2)
        world.now += 100
    a, b, c, d, e = world.campaign.waiting
    return [
        a._replace(energy_eV=-3.0, energy_std_eV=0.1, sentence=b"A ring of sulphur"),
        b._replace(energy_eV=-5.0, energy_std_eV=0.3, model_id="m-0002"),
        c._replace(energy_eV=-4.0, status=Status.DEFERRED),
        d._replace(energy_eV=-1.0, energy_std_eV=0.9, generator="gofee"),
        e._replace(energy_eV=-2.0, energy_std_eV=0.2),
    ]


def ids(candidates):
    return [int(candidate.id[-1]) for candidate in candidates]


@pytest.mark.parametrize(
    ("order", "expected"),
    list(zip(ORDERS, ([2, 1, 4, 5, 3], [2, 1, 5, 4, 3], [4, 2, 5, 1, 3], [1, 2, 4, 5, 3]), strict=True)),
)
def test_orders_and_deferred_ones_come_last(waiting, order, expected):
    assert ids(arrange(waiting, QueueView(order=order), 0.0)) == expected


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (QueueView(text="  RING sulphur "), [1]),
        (QueueView(text="ring too"), []),
        (QueueView(text="closest-pair"), [2]),
        (QueueView(show="flagged"), [2]),
        (QueueView(show="all checks passed"), [1, 4, 5, 3]),
        (QueueView(show="deferred"), [3]),
        (QueueView(show="found by gofee"), [4]),
        (QueueView(show="new"), [5]),
    ],
)
def test_filters(waiting, view, expected):
    assert ids(arrange(waiting, view, waiting[-1].selected_time + 30)) == expected
    assert view.narrows


def test_what_is_offered_is_what_there_is(waiting):
    assert choices(waiting)[-2:] == ["found by gofee", "found by toy"]
    assert choices([])[0] == ALL
    assert not QueueView().narrows
    assert isinstance(waiting[1].flags[0], SelectedFlag)


@pytest.mark.parametrize(
    ("first", "place", "begins"),
    [
        (0, 0, 0),
        (0, 189, 0),
        (0, 190, 1),  # ten more are drawn beyond it
        (1, 189, 1),
        (0, 449, 250),
        (250, 259, 249),
        (250, 300, 250),
        (250, None, 250),
        (400, None, 250),  # as many are gone
        (250, 0, 0),
    ],
)
def test_the_cards_that_are_drawn_go_with_the_selected_one(first, place, begins):
    assert window(first, place, room=200, total=450) == begins


@pytest.mark.parametrize("room", [0, 1, 2, 5, 200])
def test_the_selected_one_is_always_drawn_and_no_place_is_left_empty(room):
    for total in (0, 1, 7, 300):
        for first in (0, 3, 290):
            for place in range(total):
                begins = window(first, place, room, total)
                assert 0 <= begins <= max(0, total - room)
                assert begins <= place < begins + room or room == 0

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.core import commands as cm
from engine.core import events as ev
from tests.laws.strategies import changes, moves, shown
from tests.laws.strategies import commands as any_command

finite = st.floats(allow_nan=False, allow_infinity=False)
EVENT_KINDS = list(ev.Event.__args__)
pairs = st.tuples(finite, finite)
explorations = st.builds(ev.Exploration, energy=pairs, uncertainty=st.none() | pairs, expected=pairs)
GIVEN = {"change": changes, "moves": moves, "exploration": st.none() | explorations, "shown": shown}
STRATEGIES = {float: finite, dict[str, object]: st.dictionaries(st.text(), st.integers())}


@st.composite
def events(draw):
    kind = draw(st.sampled_from(EVENT_KINDS))
    fields = {}
    for name, field in kind.model_fields.items():
        if name in ("kind", "settings", "rules"):
            continue
        if name in GIVEN:
            fields[name] = draw(GIVEN[name])
            continue
        strategy = st.from_type(field.annotation)
        if "float" in str(field.annotation):
            strategy = {
                float: finite,
                float | None: st.none() | finite,
                dict[str, float]: st.dictionaries(st.text(), finite),
            }[field.annotation]
        fields[name] = draw(strategy)
    if "rules" in kind.model_fields:
        from tests.laws.strategies import RULES

        fields |= {"rules": RULES, "settings": {"seed": 1, "words": draw(st.text())}}
    return kind(**fields)


@given(events())
@settings(max_examples=300, deadline=None)
def test_decode_is_the_inverse_of_encode(event):
    assert ev.decode(ev.encode(event)) == event


@given(any_command())
def test_decode_is_the_inverse_of_encode_for_commands(command):
    assert cm.decode(cm.encode(command)) == command


def test_what_was_shown_before_gain_ranks_and_warning_were_kept_is_read_without_them():
    text = (
        '{"kind": "CandidateApproved", "candidate": "c-000001", "by": "ada", "auth": "local", "hold_s": 9.0, '
        '"shown": {"sentence": "Because.", "model_id": "m-0001", "energy_eV": -1.0, "energy_std_eV": 0.1, '
        '"terms": {"promise": -0.2}, "checks": ["fragments: two"], "nearest": "c-000009", '
        '"nearest_distance": 0.02, "cost": "about 1 min on one core"}}'
    )
    said = ev.decode(text).shown
    assert (said.gain, said.ranks, said.among, said.warning) == ("", {}, 0, "")
    assert ev.decode(ev.encode(ev.decode(text))).shown == said


def test_every_kind_is_named_for_its_class():
    assert [kind.model_fields["kind"].default for kind in EVENT_KINDS] == [
        kind.__name__ for kind in EVENT_KINDS
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"kind": "CandidateTeleported", "candidate": "c-000001"}',
        '{"kind": "DecisionUndone", "candidate": "c-000001", "by": "ada", "auth": "local", "mood": "good"}',
        '{"kind": "DecisionUndone", "candidate": "c-000001"}',
        '{"kind": "BudgetChanged", "budget": NaN, "by": "ada", "auth": "local"}',
        "[]",
        "",
    ],
)
def test_what_is_not_an_event_is_an_error(text):
    with pytest.raises(ValidationError):
        ev.decode(text)


def test_events_are_plain_json_and_frozen():
    event = ev.DecisionUndone(candidate="c-000001", by="ada", auth="local")
    assert json.loads(ev.encode(event)) == {
        "kind": "DecisionUndone",
        "candidate": "c-000001",
        "by": "ada",
        "auth": "local",
    }
    with pytest.raises(ValidationError):
        event.by = "ben"

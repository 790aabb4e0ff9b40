from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core import Campaign, fold
from tests.laws.strategies import CANDIDATES, World, commands


@st.composite
def logs(draw):
    world = World()
    for candidate in CANDIDATES[:4]:
        world.select(candidate, flagged=draw(st.booleans()))
    for command in draw(st.lists(commands(), max_size=15)):
        world.obey(command)
        world.now += draw(st.sampled_from([0.0, 11.0]))
        for action in world.submit_due():
            world.finish(action.candidate, fails=draw(st.sampled_from(["", "crashed", "timeout"])))
    return world.log


@given(logs(), st.data())
@settings(deadline=None)
def test_fold_of_a_prefix_then_the_rest_is_the_fold_of_all(log, data):
    cut = data.draw(st.integers(0, len(log)))
    assert fold(log[cut:], fold(log[:cut])) == fold(log)


@given(logs())
@settings(deadline=None)
def test_seq_counts_the_events(log):
    assert fold(log).seq == len(log)
    assert fold([]) == Campaign()

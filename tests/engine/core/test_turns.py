from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.core import next_search

shares = st.lists(st.floats(0.01, 100), min_size=1, max_size=5).map(
    lambda values: {f"search-{k}": value for k, value in enumerate(values)}
)


@given(shares, st.integers(1, 300))
def test_after_any_number_of_steps_each_search_has_its_share(shares, n):
    taken = Counter()
    for _ in range(n):
        taken[next_search(shares, taken)] += 1
    ahead = [taken[name] - n * share / sum(shares.values()) for name, share in shares.items()]
    assert max(ahead) < 1 + 1e-6
    assert min(ahead) > -(len(shares) - 1) - 1e-6


def test_equal_shares_take_turns_in_the_order_of_the_file():
    taken, order = Counter(), []
    for _ in range(4):
        order.append(next_search({"random-search": 1.0, "basin-hopping": 1.0}, taken))
        taken[order[-1]] += 1
    assert order == ["random-search", "basin-hopping"] * 2


def test_a_search_that_has_taken_nothing_catches_up_and_a_removed_one_counts_no_more():
    assert next_search({"a": 1.0, "b": 3.0}, {"a": 5, "gone": 90}) == "b"
    assert next_search({"a": 3.0, "b": 1.0}, {"a": 3, "b": 1}) == "a"

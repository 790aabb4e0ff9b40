"""Whose step is next: searches share a campaign's steps."""

from __future__ import annotations

from collections.abc import Mapping


def next_search(shares: Mapping[str, float], taken: Mapping[str, int]) -> str:
    """Return the search that is furthest behind its share; the first of those that are equally far.

    After N steps none is more than one step ahead of its share of N.

    Parameters
    ----------
    shares : name to share, > 0 in any unit, in the order of campaign.toml
    taken : steps that each has taken or begun; a name that lacks has taken none
    """
    total = sum(shares.values())
    steps = 1 + sum(taken.get(name, 0) for name in shares)
    return max(shares, key=lambda name: steps * shares[name] / total - taken.get(name, 0))

"""How wishes for one topic become one want, and what happens when they contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from upbit_qt_ws.wire.topics import Topic, Want


def merge_wants(wants: Iterable[Want]) -> Want:
    """Return the least that satisfies all: both kinds of events if both are wanted, and the largest depth (R1, R6).

    Raises:
        ValueError: there is nothing to merge.
    """
    iterator = iter(wants)
    try:
        merged = next(iterator)
    except StopIteration:
        raise ValueError("nothing to merge: a topic that nobody wants has no want") from None
    for want in iterator:
        if want != merged:
            merged = merged.union(want)
    return merged


def book_level_losers(holders: Mapping[Topic, Collection[int]]) -> frozenset[Topic]:
    """Return which topics of one code's book are not sent: all levels but the one that was asked for first.

    Args:
        holders: per level's topic the ids of its subscriptions; a smaller id asked earlier.
    """
    if len(holders) < 2:
        return frozenset()
    winner = min(holders, key=lambda topic: min(holders[topic]))
    return frozenset(holders) - {winner}

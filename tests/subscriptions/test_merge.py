"""The merge of wishes for one topic, and of levels of one book."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.subscriptions.merge import book_level_losers, merge_wants
from upbit_qt_ws.wire.topics import BOOK_UNITS, Stream, Topic, Want

WANTS = st.builds(
    Want, st.sampled_from([Stream.SNAPSHOT, Stream.REALTIME, Stream.BOTH]), st.sampled_from([0, *BOOK_UNITS])
)
HOLDERS = st.dictionaries(
    st.sampled_from([0.0, 1000.0, 10000.0, 100000.0]), st.sets(st.integers(1, 40), min_size=1, max_size=5), max_size=4
).filter(lambda holders: len({key for keys in holders.values() for key in keys}) == sum(map(len, holders.values())))


@given(wants=st.lists(WANTS, min_size=1, max_size=8))
def test_the_merge_is_the_least_that_satisfies_everybody(wants: list[Want]) -> None:
    merged = merge_wants(wants)
    kinds = {kind for want in wants for kind in want.stream}
    assert set(merged.stream) == kinds
    assert merged.units == max(want.units for want in wants)


@given(wants=st.lists(WANTS, min_size=1, max_size=6), data=st.data())
def test_the_merge_depends_neither_on_order_nor_on_repetition(wants: list[Want], data: st.DataObject) -> None:
    again = data.draw(st.permutations(wants + wants))
    assert merge_wants(again) == merge_wants(wants)
    assert merge_wants(iter(wants)) == merge_wants(wants)


def test_snapshot_and_realtime_wanted_by_different_subscribers_become_both() -> None:
    assert merge_wants([Want(Stream.SNAPSHOT), Want(Stream.REALTIME)]) == Want(Stream.BOTH)


def test_the_deepest_book_wins() -> None:
    assert merge_wants([Want(units=5), Want(units=30), Want(units=15)]) == Want(units=30)


def test_nothing_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match="nothing to merge"):
        merge_wants([])


@given(holders=HOLDERS)
def test_all_levels_but_the_one_asked_for_first_lose(holders: dict[float, set[int]]) -> None:
    topics = {Topic("orderbook", "KRW-BTC", level): keys for level, keys in holders.items()}
    losers = book_level_losers(topics)
    assert len(losers) == max(0, len(topics) - 1)
    if topics:
        first = min(key for keys in topics.values() for key in keys)
        assert all(first not in topics[loser] for loser in losers)


def test_one_level_or_none_loses_nothing() -> None:
    assert book_level_losers({}) == frozenset()
    assert book_level_losers({Topic("orderbook", "KRW-BTC", 1000.0): {3, 9}}) == frozenset()

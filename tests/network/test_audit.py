"""What a connection has told against what REST knows: the verdicts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.network.audit import Evidence, books_to_ask, compare
from upbit_qt_ws.wire.topics import Topic

TICKER, TRADES, CANDLES, BOOK = (Topic(kind, "KRW-BTC") for kind in ("ticker", "trade", "candle.1m", "orderbook"))
NOW = 1_800_000_000_000


def test_what_rest_knows_and_the_socket_has_not_told_is_lacking() -> None:
    told = {TICKER: NOW, TRADES: NOW - 1}
    found = compare(told, Evidence({"KRW-BTC": NOW}, {}), frozenset())
    assert found.lacking == {TRADES}
    assert found.calm == {TICKER}


def test_a_candle_is_sent_once_a_second_and_may_be_that_much_behind() -> None:
    evidence = Evidence({"KRW-BTC": NOW}, {})
    assert compare({CANDLES: NOW - 2_000}, evidence, frozenset()).calm == {CANDLES}
    assert compare({CANDLES: NOW - 2_001}, evidence, frozenset()).lacking == {CANDLES}


def test_a_book_is_judged_by_its_own_time_and_by_trades_only_if_rest_was_not_asked_for_it() -> None:
    assert compare({BOOK: NOW}, Evidence({}, {BOOK: NOW + 100}), frozenset({BOOK})).lacking == {BOOK}
    assert compare({BOOK: NOW}, Evidence({}, {BOOK: NOW}), frozenset({BOOK})).calm == {BOOK}
    # REST leaves out a level that it does not support: nothing is known.
    nothing = compare({BOOK: NOW}, Evidence({"KRW-BTC": NOW + 9_000}, {}), frozenset({BOOK}))
    assert not nothing.lacking
    assert not nothing.calm
    assert compare({BOOK: NOW}, Evidence({"KRW-BTC": NOW + 1_000}, {}), frozenset()).calm == {BOOK}


def test_a_market_that_is_not_listed_any_more_has_nothing_to_tell() -> None:
    assert compare({TICKER: NOW, TRADES: NOW}, Evidence({}, {}), frozenset()).calm == {TICKER, TRADES}


def test_books_are_asked_for_that_are_suspected_or_whose_market_has_gone_on() -> None:
    told = {
        BOOK: NOW,
        Topic("orderbook", "KRW-ETH"): NOW,
        Topic("orderbook", "KRW-XRP"): NOW,
        Topic("orderbook", "KRW-SOL", 10.0): NOW,
        Topic("orderbook", "KRW-GONE"): NOW,
        TICKER: 0,
    }
    traded = {"KRW-BTC": NOW + 1_000, "KRW-ETH": NOW + 2_001, "KRW-XRP": NOW - 9, "KRW-SOL": NOW + 5_000}
    suspects = frozenset({Topic("orderbook", "KRW-XRP"), Topic("orderbook", "KRW-GONE")})
    # One that is not listed would make the exchange refuse the whole question.
    assert books_to_ask(told, traded, suspects) == {0.0: ("KRW-ETH", "KRW-XRP"), 10.0: ("KRW-SOL",)}


TOPICS = st.builds(
    Topic,
    st.sampled_from(["ticker", "trade", "candle.1m", "orderbook"]),
    st.sampled_from(["KRW-BTC", "KRW-ETH", "BTC-XRP"]),
)
TIMES = st.integers(0, 10_000)


@given(
    told=st.dictionaries(TOPICS, TIMES),
    traded=st.dictionaries(st.sampled_from(["KRW-BTC", "KRW-ETH", "BTC-XRP"]), TIMES),
    changed=st.dictionaries(TOPICS.filter(lambda topic: topic.type == "orderbook"), TIMES),
)
def test_no_topic_is_both_and_who_has_told_the_last_is_never_lacking(
    told: dict[Topic, int], traded: dict[str, int], changed: dict[Topic, int]
) -> None:
    found = compare(told, Evidence(traded, changed), frozenset(changed))
    assert not found.lacking & found.calm
    assert found.lacking | found.calm <= told.keys()
    latest = max([*traded.values(), *changed.values()], default=0)
    assert not compare(dict.fromkeys(told, latest), Evidence(traded, changed), frozenset(changed)).lacking

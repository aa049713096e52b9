"""The reconciler and the exchange's own list: what was lost is found, and nothing is called live without a reason."""

from __future__ import annotations

import pytest

from tests.subscriptions.sockets import BTC, ETH, TIMING, XRP, Socket, live
from upbit_qt_ws.subscriptions.listing import compare
from upbit_qt_ws.wire.replies import SubscriptionEntry
from upbit_qt_ws.wire.topics import Stream, Topic, Want


def test_a_satisfied_snapshot_is_not_asked_for_again_with_the_changes_of_others() -> None:
    socket = live({BTC: Want(Stream.SNAPSHOT, turn=1), ETH: Want()})
    socket.want({BTC: Want(Stream.SNAPSHOT, turn=1), ETH: Want(), XRP: Want()})
    socket.wait(1.0)
    assert socket.requests[1:] == [{ETH: Want(Stream.REALTIME), XRP: Want()}]
    socket.want({BTC: Want(Stream.SNAPSHOT, turn=2), ETH: Want(), XRP: Want()})
    socket.wait(1.0)
    assert socket.requests[-1][BTC] == Want(Stream.SNAPSHOT, turn=2)


def test_the_end_of_a_mere_snapshot_sends_nothing() -> None:
    socket = live({BTC: Want(Stream.SNAPSHOT, turn=1), ETH: Want()})
    socket.want({ETH: Want()})
    socket.wait(30.0)
    assert len(socket.requests) == 1
    assert socket.not_served == []


def test_the_exchange_is_asked_what_it_holds_after_each_change_and_now_and_then() -> None:
    socket = live({BTC: Want()})
    socket.wait(TIMING.list_after)
    assert socket.listings == 1
    socket.wait(3 * TIMING.list_every)
    assert socket.listings == 4
    socket.want({BTC: Want(), ETH: Want()})
    socket.wait(TIMING.settle + TIMING.list_after)
    assert socket.listings == 5
    assert (socket.mismatches, len(socket.requests)) == ([], 2)


def test_a_stream_that_the_exchange_has_lost_is_asked_for_again_with_its_snapshot() -> None:
    socket = live({BTC: Want(), ETH: Want()})
    socket.wait(1.0)
    socket.serve()
    del socket.view[ETH]
    socket.wait(TIMING.list_after)
    assert socket.mismatches == [((ETH,), ())]
    assert socket.requests[1:] == [{BTC: Want(Stream.REALTIME), ETH: Want()}]
    assert socket.view.keys() == {BTC, ETH}
    socket.serve()
    socket.wait(100.0)
    assert (len(socket.mismatches), socket.not_served) == (1, [])


def test_a_stream_that_nobody_wants_ends_with_a_new_request() -> None:
    socket = live({BTC: Want()})
    socket.view[ETH] = Want()
    socket.wait(TIMING.list_after)
    assert socket.mismatches == [((), (ETH,))]
    assert socket.view.keys() == {BTC}


def test_a_list_that_is_always_wrong_is_not_believed_for_ever() -> None:
    socket = live({BTC: Want(), ETH: Want()})
    socket.listed = lambda view: [*[topic for topic in view if topic != BTC], XRP]
    for _ in range(50):
        socket.wait(10.0)
        socket.serve()
    assert len(socket.requests) <= 7
    assert socket.not_served == []


def test_what_the_exchange_has_never_served_is_asked_for_ever_more_seldom_and_may_come_late() -> None:
    socket = live({BTC: Want()})
    takes: list[Topic] = [BTC]
    socket.listed = lambda view: [topic for topic in view if topic in takes]
    socket.want({BTC: Want(), ETH: Want()})
    socket.wait(TIMING.settle + TIMING.first_data)
    assert socket.not_served == [ETH]
    asked = len(socket.requests)
    socket.wait(8 * 3600)
    assert 5 <= len(socket.requests) - asked <= 12
    assert all(request == {BTC: Want(Stream.REALTIME), ETH: Want()} for request in socket.requests[2:])
    assert socket.not_served == [ETH]
    takes.append(ETH)
    asked = len(socket.requests)
    socket.wait(8 * 3600)
    assert len(socket.requests) - asked <= 1


def test_an_exchange_that_does_not_list_is_asked_on_and_nothing_else_happens() -> None:
    socket = live({BTC: Want()})
    socket.listed = None
    socket.wait(10 * TIMING.list_every)
    assert socket.reconciler.clock.unanswered >= 8
    assert len(socket.requests) == 1


def test_an_answer_about_an_older_request_is_ignored() -> None:
    socket = live({BTC: Want()})
    socket.listed = None
    socket.wait(TIMING.list_after)
    socket.want({BTC: Want(), ETH: Want()})
    socket.wait(TIMING.settle)
    assert socket.reconciler.listed("1", [SubscriptionEntry("ticker", ("KRW-BTC",))], socket.now) == (((), ()), ())
    assert len(socket.requests) == 2


def test_types_without_snapshots_are_confirmed_by_the_list_and_never_judged_by_silence() -> None:
    orders, assets = Topic("myOrder", ""), Topic("myAsset", "")
    socket = Socket()
    socket.want({orders: Want(), assets: Want()})
    socket.wait(TIMING.settle + TIMING.list_after)
    assert socket.confirmed == [assets, orders]
    socket.wait(100.0)
    assert (socket.not_served, len(socket.requests), len(socket.confirmed)) == ([], 1, 2)


def test_types_without_snapshots_are_confirmed_by_patience_when_there_is_no_list() -> None:
    assets = Topic("myAsset", "")
    socket = Socket()
    socket.listed = None
    socket.want({assets: Want()})
    socket.wait(TIMING.settle + TIMING.first_data - 0.01)
    assert socket.confirmed == []
    socket.wait(0.02)
    assert (socket.confirmed, socket.not_served) == ([assets], [])


@pytest.mark.parametrize(
    ("topic", "entry"),
    [
        (Topic("orderbook", "KRW-BTC", 10_000.0), SubscriptionEntry("orderbook", ("KRW-BTC.15",), 10_000)),
        (Topic("candle.1m", "KRW-BTC"), SubscriptionEntry("candle.1m", ("KRW-BTC", "KRW-ETH"))),
        (Topic("myOrder", "KRW-BTC"), SubscriptionEntry("myOrder", ("KRW-BTC",))),
        (Topic("myOrder", "KRW-BTC"), SubscriptionEntry("myOrder")),
        (Topic("myOrder", ""), SubscriptionEntry("myOrder", ())),
        (Topic("myAsset", ""), SubscriptionEntry("myAsset")),
        (Topic("announcement", "trade"), SubscriptionEntry("announcement")),
        (Topic('indicator.5m.rsi.{"type":"rsi"}', "KRW-BTC"), SubscriptionEntry("indicator", ("KRW-BTC",))),
    ],
)
def test_a_stream_is_found_in_the_list_however_it_is_spelled(topic: Topic, entry: SubscriptionEntry) -> None:
    assert compare({topic: Want()}, [entry]).missing == ()
    assert compare({topic: Want()}, []).missing == (topic,)
    assert compare({topic: Want()}, [SubscriptionEntry("trade", ("KRW-XRP",))]).missing == (topic,)


def test_another_level_of_a_book_is_another_stream() -> None:
    topic = Topic("orderbook", "KRW-BTC", 10_000.0)
    listed = [SubscriptionEntry("orderbook", ("KRW-BTC",))]
    assert compare({topic: Want()}, listed) == ((topic,), (Topic("orderbook", "KRW-BTC"),))

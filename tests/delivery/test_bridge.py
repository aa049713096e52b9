"""The bridge: whatever the message rate, there are no more wake-ups than frames, and the newest value arrives."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from upbit_qt_ws.delivery import DataRoutingEngine, Delivery, QtBridgeManager, Receiver, SignalEmitter
from upbit_qt_ws.events import TickerEvent
from upbit_qt_ws.health.frames import FrameMeter
from upbit_qt_ws.subscriptions import SubscriptionSpec
from upbit_qt_ws.wire.topics import Topic

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.delivery.fanout import Sink
    from upbit_qt_ws.subscriptions import Gap

TOPIC = Topic("ticker", "KRW-BTC")


class Screen:
    """A sink that keeps the prices."""

    def __init__(self) -> None:
        self.prices: list[float] = []

    def reference(self) -> Sink:
        return self

    def deliver(self, batch: list[Delivery]) -> None:
        for delivery in batch:
            delivery.receiver.delivered += 1
            assert isinstance(delivery.event, TickerEvent)
            self.prices.append(delivery.event.trade_price)

    def gaps_found(self, gaps: tuple[Gap, ...]) -> None:
        self.gaps = gaps

    def topics_changed(self, topics: frozenset[Topic]) -> None:
        """Not asked for here."""


class Bench:
    """A bridge with one subscriber, and a count of the queued wake-ups."""

    def __init__(self, frame_rate: float) -> None:
        self.router = DataRoutingEngine()
        self.screen = Screen()
        self.router.hub.attach(1, self.screen.reference)
        self.receiver = Receiver(1, 1, SubscriptionSpec("ticker", ("KRW-BTC",)))
        self.router.hub.route(self.receiver, (), (TOPIC,))
        self.bridge = QtBridgeManager(self.router, FrameMeter(), frame_rate=frame_rate, ring_size=16)
        self.bridge.mailbox.open([TOPIC])
        self.wakes = 0
        emitter = self.bridge.findChild(SignalEmitter)
        assert emitter is not None
        emitter.woken.connect(self.count)

    def count(self) -> None:
        self.wakes += 1

    def put(self, price: float) -> None:
        self.bridge.mailbox.put(TOPIC, TickerEvent(type="ticker", code="KRW-BTC", trade_price=price, epoch=1))


def test_wake_ups_are_bounded_by_frames_and_the_last_value_arrives(qtbot: QtBot) -> None:
    bench = Bench(frame_rate=200)
    count = 20_000

    def flood() -> None:
        for number in range(count):
            bench.put(float(number))

    thread = threading.Thread(target=flood)
    thread.start()
    qtbot.waitUntil(lambda: bool(bench.screen.prices) and bench.screen.prices[-1] == count - 1)
    thread.join()
    bench.bridge.stop()

    assert bench.wakes <= bench.router.frames + 1
    assert bench.screen.prices == sorted(bench.screen.prices)
    account = bench.receiver.account
    assert (account.received, account.delivered + account.coalesced, account.dropped) == (count, count, 0)


def test_a_quiet_market_is_not_delayed_and_a_busy_one_waits_for_the_next_frame(qtbot: QtBot) -> None:
    bench = Bench(frame_rate=2)
    bench.put(1.0)
    qtbot.waitUntil(lambda: bench.screen.prices == [1.0], timeout=400)
    for price in (2.0, 3.0, 4.0):
        bench.put(price)
    qtbot.waitUntil(lambda: bench.screen.prices == [1.0, 4.0])
    bench.bridge.stop()


def test_nothing_is_delivered_after_the_stop(qtbot: QtBot) -> None:
    bench = Bench(frame_rate=1000)
    bench.put(1.0)
    bench.bridge.stop()
    with qtbot.waitSignal(bench.bridge.destroyed, raising=False, timeout=50):
        pass
    assert bench.screen.prices == []

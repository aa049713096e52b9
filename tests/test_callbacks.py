"""Callbacks of subscribers: sync or async, in order, and what they raise harms nobody else."""

from __future__ import annotations

import asyncio
import functools
import time
from typing import TYPE_CHECKING, Any

import pytest

from upbit_qt_ws.callbacks import CallbackRunner
from upbit_qt_ws.delivery import Receiver
from upbit_qt_ws.delivery.backpressure import coalesce_by_symbol, drop_oldest, throttle
from upbit_qt_ws.errors import CallbackError, SubscriptionError
from upbit_qt_ws.events import Side, TickerEvent, TradeEvent
from upbit_qt_ws.subscriptions import SubscriptionSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.delivery.backpressure import Policy
    from upbit_qt_ws.events import Event


def trade(number: int, code: str = "KRW-BTC") -> TradeEvent:
    return TradeEvent(
        type="trade",
        code=code,
        trade_price=1.0,
        trade_volume=1.0,
        ask_bid=Side.BID,
        timestamp=number,
        trade_timestamp=number,
        sequential_id=number,
    )


class Subscriber:
    """A runner with its account, as a proxy uses it: each event is entered as delivered, then passed on."""

    def __init__(
        self,
        callback: Callable[[Any], object],
        error_handler: Callable[[Exception], object] | None = None,
        policy: Policy | None = None,
        kind: str = "trade",
        pause_after: int = 0,
        concurrency: int = 1,
    ) -> None:
        self.receiver = Receiver(1, 1, SubscriptionSpec(kind, ("KRW-BTC",)), policy)
        self.reported: list[Exception] = []
        self.withheld: list[int] = []
        self.slow_calls: list[str] = []
        self.slow_after = 0.05
        self.runner = CallbackRunner(callback, error_handler, self, self.receiver, pause_after, concurrency)

    def failed(self, error: Exception, withheld: int = 0) -> None:
        self.reported.append(error)
        self.withheld.append(withheld)

    def slow(self, name: str, began: float, seconds: float) -> None:
        assert seconds > self.slow_after
        self.slow_calls.append(name)

    def send(self, *numbers: int) -> None:
        self.send_events(*map(trade, numbers))

    def send_events(self, *events: Event) -> None:
        for event in events:
            self.receiver.received += 1
            self.receiver.delivered += 1
            self.runner.call(event)

    def account(self) -> tuple[int, int]:
        account = self.receiver.account
        assert account.received == account.delivered + account.coalesced + account.dropped
        return (account.delivered, account.dropped)


class Recorder:
    """An async callback that waits for permission at each event."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.cancelled = 0
        self.gate = asyncio.Event()

    async def __call__(self, event: Event) -> None:
        self.begun.append(event.timestamp)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.ended.append(event.timestamp)


async def turns(count: int = 20) -> None:
    """Let everything that is ready run."""
    for _ in range(count):
        await asyncio.sleep(0)


def fail(event: object) -> None:
    raise RuntimeError("broken callback")


async def fail_later(event: object) -> None:
    raise RuntimeError("broken callback")


def test_a_plain_function_is_called_before_the_delivery_goes_on() -> None:
    got: list[Event] = []
    subscriber = Subscriber(got.append)
    subscriber.send(1, 2)
    assert got == [trade(1), trade(2)]
    assert subscriber.account() == (2, 0)


def test_what_a_callback_raises_goes_to_its_handler_or_is_reported() -> None:
    handled: list[Exception] = []
    with_handler, without = Subscriber(fail, handled.append), Subscriber(fail)
    with_handler.send(1)
    without.send(1, 2)
    assert [str(error) for error in handled] == ["broken callback"]
    assert with_handler.reported == []
    assert [str(error) for error in without.reported] == ["broken callback"] * 2


def test_what_a_handler_raises_is_reported() -> None:
    def bad_handler(error: Exception) -> None:
        raise ValueError("broken handler")

    subscriber = Subscriber(fail, bad_handler)
    subscriber.send(1)
    assert [str(error) for error in subscriber.reported] == ["broken handler"]


def test_an_end_of_the_application_is_not_swallowed() -> None:
    def leave(event: Event) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        Subscriber(leave).send(1)


@pytest.mark.parametrize("style", ["function", "method", "partial", "callable object"])
def test_every_kind_of_async_callback_runs_on_the_loop_one_event_at_a_time_in_order(style: str) -> None:
    async def main() -> None:
        recorder = Recorder()

        async def function(event: Event) -> None:
            await recorder(event)

        callbacks: dict[str, Callable[[Any], object]] = {
            "function": function,
            "method": recorder.__call__,
            "partial": functools.partial(function),
            "callable object": recorder,
        }
        subscriber = Subscriber(callbacks[style])
        subscriber.send(1, 2, 3)
        assert recorder.begun == []
        await turns()
        assert recorder.begun == [1]
        recorder.gate.set()
        await turns()
        assert recorder.ended == [1, 2, 3]
        subscriber.send(4)
        await turns()
        assert recorder.ended == [1, 2, 3, 4]
        assert subscriber.account() == (4, 0)

    asyncio.run(main())


def test_an_async_callback_that_raises_goes_on_with_the_next_event() -> None:
    async def main() -> None:
        handled: list[Exception] = []
        subscriber = Subscriber(fail_later, handled.append)
        subscriber.send(1, 2, 3)
        await turns()
        assert len(handled) == 3
        assert subscriber.reported == []

    asyncio.run(main())


def test_an_async_callback_whose_own_work_was_cancelled_goes_on_with_the_next_event() -> None:
    async def main() -> None:
        ended: list[int] = []

        async def callback(event: Event) -> None:
            if event.timestamp == 1:
                work: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                work.cancel()
                await work
            ended.append(event.timestamp)

        subscriber = Subscriber(callback)
        subscriber.send(1)
        await turns()
        subscriber.send(2, 3)
        await turns()
        assert ended == [2, 3]

    asyncio.run(main())


def test_without_a_loop_an_async_callback_is_an_error_with_the_way_out_and_the_event_is_dropped() -> None:
    subscriber = Subscriber(fail_later)
    subscriber.send(1)
    (error,) = subscriber.reported
    assert isinstance(error, SubscriptionError)
    assert "qasync" in str(error)
    assert subscriber.account() == (0, 1)


def test_cancelling_ends_a_running_callback_and_drops_what_waits() -> None:
    async def main() -> None:
        recorder = Recorder()
        subscriber = Subscriber(recorder)
        subscriber.send(1, 2, 3)
        await turns()
        subscriber.runner.cancel()
        subscriber.runner.cancel()
        recorder.gate.set()
        await turns()
        assert (recorder.begun, recorder.ended, recorder.cancelled) == ([1], [], 1)
        assert subscriber.account() == (1, 2)
        assert subscriber.reported == []
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_callback_that_cancels_its_own_subscription_runs_to_its_end() -> None:
    async def main() -> None:
        ended: list[int] = []

        async def callback(event: Event) -> None:
            subscriber.runner.cancel()
            await turns(3)
            ended.append(event.timestamp)

        subscriber = Subscriber(callback)
        subscriber.send(1, 2, 3)
        await turns()
        assert ended == [1]
        assert subscriber.account() == (1, 2)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_cancelling_what_never_ran_needs_no_loop() -> None:
    subscriber = Subscriber(fail_later)
    subscriber.runner.cancel()
    assert subscriber.account() == (0, 0)


def test_a_callback_that_never_comes_back_costs_bounded_memory_and_the_oldest_are_dropped() -> None:
    async def main() -> None:
        recorder = Recorder()
        subscriber = Subscriber(recorder)
        subscriber.send(0)
        await turns()
        subscriber.send(*range(1, 5001))
        delivered, dropped = subscriber.account()
        assert delivered + dropped == 5001
        assert 0 < delivered < 2000
        recorder.gate.set()
        await turns(3 * delivered)
        assert recorder.ended == [0, *range(5001 - delivered + 1, 5001)]

    asyncio.run(main())


def test_a_lambda_that_returns_a_coroutine_counts_as_async() -> None:
    seen: list[int] = []
    calls = 0

    async def slow(event: Event) -> None:
        await asyncio.sleep(0)
        seen.append(event.timestamp)

    def outer(event: Event) -> object:
        nonlocal calls
        calls += 1
        return slow(event)

    async def main() -> None:
        subscriber = Subscriber(outer)
        subscriber.send(0, 1, 2)
        await turns()

    asyncio.run(main())
    assert seen == [0, 1, 2]
    assert calls == 3


def test_a_lambda_that_returns_a_coroutine_needs_a_loop_too() -> None:
    async def slow(event: Event) -> None:
        await asyncio.sleep(0)

    subscriber = Subscriber(lambda event: slow(event))
    subscriber.send(0, 1)
    assert subscriber.account() == (0, 2)
    assert {type(error) for error in subscriber.reported} == {SubscriptionError}


@pytest.mark.parametrize(
    ("policy", "seen", "lost", "replaced"),
    [
        (None, [0, 1, 2, 3, 4, 5], 0, 0),
        (drop_oldest(2), [0, 4, 5], 3, 0),
        (coalesce_by_symbol(), [0, 5], 0, 4),
        (throttle(50), [0, 5], 0, 4),
    ],
    ids=str,
)
def test_what_comes_while_an_async_callback_works_waits_by_the_policy(
    policy: Policy | None, seen: list[int], lost: int, replaced: int
) -> None:
    async def main() -> None:
        recorder = Recorder()
        subscriber = Subscriber(recorder, policy=policy)
        subscriber.send(0)
        await turns()
        subscriber.send(1, 2, 3, 4, 5)
        recorder.gate.set()
        await turns(100)
        assert recorder.ended == seen
        subscriber.account()
        assert (subscriber.receiver.dropped, subscriber.receiver.coalesced) == (lost, replaced)
        assert subscriber.receiver.overflowed == lost

    asyncio.run(main())


def test_an_async_callback_of_states_gets_the_newest_of_each_market() -> None:
    async def main() -> None:
        recorder = Recorder()
        subscriber = Subscriber(recorder, kind="ticker")
        for number in range(6):
            code = "KRW-BTC" if number % 2 else "KRW-ETH"
            subscriber.send_events(TickerEvent(type="ticker", code=code, trade_price=1.0, timestamp=number))
            await turns(3)
        recorder.gate.set()
        await turns(50)
        assert recorder.ended == [0, 4, 5]
        assert subscriber.receiver.coalesced == 3

    asyncio.run(main())


@pytest.mark.parametrize("callback", [fail, fail_later])
@pytest.mark.parametrize("handled", [False, True])
def test_a_callback_that_always_fails_is_paused_and_may_be_resumed(
    callback: Callable[[Any], object], handled: bool
) -> None:
    async def main() -> None:
        handler: list[Exception] = []
        subscriber = Subscriber(callback, handler.append if handled else None, pause_after=3)
        for number in range(6):
            subscriber.send(number)
            await turns(3)
        assert subscriber.runner.is_paused
        assert isinstance(subscriber.reported[-1], CallbackError)
        assert "3 times in a row" in str(subscriber.reported[-1])
        assert "resume()" in str(subscriber.reported[-1])
        assert len(handler if handled else subscriber.reported[:-1]) == 3
        assert subscriber.account() == (3, 3)
        subscriber.runner.resume()
        subscriber.send(7)
        await turns(3)
        assert subscriber.account() == (4, 3)

    asyncio.run(main())


def test_a_success_in_between_keeps_a_callback_from_being_paused() -> None:
    calls = 0

    def now_and_then(event: Event) -> None:
        nonlocal calls
        calls += 1
        if calls % 3:
            raise RuntimeError("broken callback")

    subscriber = Subscriber(now_and_then, pause_after=3)
    subscriber.send(*range(30))
    assert not subscriber.runner.is_paused
    assert calls == 30


def test_of_many_failures_a_few_are_reported_with_the_number_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("upbit_qt_ws.callbacks.time.monotonic", lambda: now)
    subscriber = Subscriber(fail)
    subscriber.send(*range(25))
    assert len(subscriber.reported) == 5
    now += 1.0
    subscriber.send(1, 2, 3)
    assert len(subscriber.reported) == 6
    assert subscriber.withheld == [0] * 5 + [20]


def test_a_slow_callback_is_named() -> None:
    def dawdle(event: Event) -> None:
        time.sleep(0.06)

    subscriber = Subscriber(dawdle)
    subscriber.send(1)
    assert [name.rpartition(".")[2] for name in subscriber.slow_calls] == ["dawdle"]
    quick = Subscriber(lambda event: None)
    quick.send(1)
    assert quick.slow_calls == []


def test_an_async_callback_may_work_on_several_events_at_once_if_asked_to() -> None:
    async def main() -> None:
        recorder = Recorder()
        subscriber = Subscriber(recorder, concurrency=3)
        subscriber.send(*range(7))
        await turns()
        assert sorted(recorder.begun) == [0, 1, 2]
        recorder.gate.set()
        await turns()
        assert sorted(recorder.ended) == list(range(7))
        recorder.gate.clear()
        subscriber.send(7, 8, 9, 10)
        await turns()
        subscriber.runner.cancel()
        await turns()
        assert recorder.cancelled == 3
        assert subscriber.account() == (10, 1)

    asyncio.run(main())

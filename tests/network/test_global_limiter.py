"""The limiter of the process, and the one that adapts."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.network.dynamic_limiter import (
    AdaptivePolicy,
    AdaptiveStrategy,
    DynamicConfig,
    DynamicRateLimiter,
    get_dynamic_rate_limiter,
)
from upbit_qt_ws.network.global_limiter import GlobalRateLimiter, gate_websocket, get_global_rate_limiter
from upbit_qt_ws.network.rate_groups import CONNECT, LIMITS, MESSAGE, Bucket, UpbitRateLimitGroup, limits_with
from upbit_qt_ws.network.rate_limit import Rate

if TYPE_CHECKING:
    from collections.abc import Callable

TICKER = Bucket(UpbitRateLimitGroup.REST_PUBLIC, "ticker")
QUICK = limits_with({TICKER: (Rate(2, 0.01),), CONNECT: (Rate(1, 0.01),), MESSAGE: (Rate(1, 0.01),)})
"""Limits that a test can wait for; the margin is added to each window."""


def test_calls_are_let_through_in_the_order_of_asking_and_a_cancelled_one_leaves_no_gap() -> None:
    order: list[int] = []

    async def main() -> None:
        limiter = GlobalRateLimiter(QUICK)

        async def call(number: int) -> None:
            await limiter.acquire("/v1/ticker")
            order.append(number)

        calls = [asyncio.create_task(call(number)) for number in range(7)]
        await asyncio.sleep(0)
        calls[3].cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert limiter.snapshot()[str(TICKER)]["waiting"] == 0
        assert limiter.snapshot()[str(TICKER)]["calls"] == 6

    asyncio.run(main())
    assert order == [0, 1, 2, 4, 5, 6]


def test_threads_share_the_limit() -> None:
    limiter = GlobalRateLimiter(QUICK)
    done: list[int] = []

    async def calls() -> None:
        for _ in range(4):
            await limiter.acquire("/ticker")
            done.append(1)

    threads = [threading.Thread(target=lambda: asyncio.run(calls())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(done), limiter.snapshot()[str(TICKER)]["calls"]) == (16, 16)


class Clock:
    """A clock that stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def is_free(limiter: GlobalRateLimiter, path: str) -> bool:
    """Tell whether a call may be made without waiting."""

    async def main() -> bool:
        call = asyncio.ensure_future(limiter.acquire(path))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        passed = call.done()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        return passed

    return asyncio.run(main())


def test_a_429_holds_its_own_bucket_and_a_418_all_of_them() -> None:
    clock = Clock()
    limiter = GlobalRateLimiter(clock=clock)
    limiter.report("/ticker", status=429)
    assert (is_free(limiter, "/ticker"), is_free(limiter, "/trades/ticks")) == (False, True)
    clock.now += 1.0
    assert is_free(limiter, "/ticker")
    limiter.report("/ticker", status=418, retry_after=60.0)
    assert not is_free(limiter, "/accounts")
    assert limiter.connects.delay(clock.now) == pytest.approx(60.0)
    clock.now += 60.0
    assert is_free(limiter, "/accounts")
    assert limiter.snapshot()[str(TICKER)]["refused"] == 2
    json.dumps(limiter.snapshot())


def test_when_the_exchange_says_that_nothing_is_left_the_next_second_is_waited_for() -> None:
    clock = Clock()
    limiter = GlobalRateLimiter(clock=clock)
    limiter.remaining("/ticker", 3)
    assert is_free(limiter, "/ticker")
    limiter.remaining("/ticker", 0)
    assert not is_free(limiter, "/ticker")
    clock.now += 1.0
    assert is_free(limiter, "/ticker")


def test_everybody_who_calls_a_host_shares_its_limiter() -> None:
    assert get_global_rate_limiter("127.0.0.1:1") is get_global_rate_limiter("wss://127.0.0.1:1/websocket/v1")
    assert get_global_rate_limiter("127.0.0.1:1") is not get_global_rate_limiter("127.0.0.1:2")
    assert get_dynamic_rate_limiter(host="127.0.0.1:1").limiter is get_global_rate_limiter("127.0.0.1:1")


def test_messages_are_counted_for_each_connection() -> None:
    class Connection:
        pass

    async def main() -> None:
        limiter = GlobalRateLimiter()
        first, second = Connection(), Connection()
        for _ in range(5):
            await limiter.message(first)
        waiting = asyncio.ensure_future(limiter.message(first))
        await asyncio.wait_for(limiter.message(second), 0.5)
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (lambda: gate_websocket("close"), "'close'"),  # type: ignore[arg-type]
        (lambda: gate_websocket("message"), "connection"),
    ],
)
def test_a_wrong_gate_is_named(wrong: Callable[[], Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        asyncio.run(wrong())


def test_a_connection_passes_the_gate() -> None:
    asyncio.run(gate_websocket("connect", host="127.0.0.1:3"))
    asyncio.run(gate_websocket("message", connection=Clock(), host="127.0.0.1:3"))
    with pytest.raises(ConfigurationError, match="scale"):
        get_global_rate_limiter("127.0.0.1:3").set_scale(TICKER, 0.0)


def speeds(strategy: AdaptiveStrategy, refusals: int, quiet: float) -> tuple[float, float]:
    """Return the speed after some refusals in a row, and after some quiet time with a call every second."""
    policy = AdaptivePolicy(DynamicConfig.of(strategy))
    for number in range(refusals):
        policy.refused(float(number))
    slowed = policy.scale
    for second in range(int(quiet)):
        policy.passed(refusals + float(second))
    return slowed, policy.scale


def test_the_strategies_differ_in_how_they_slow_down_and_come_back() -> None:
    assert [round(speeds(strategy, 1, 0)[0], 3) for strategy in AdaptiveStrategy] == [0.7, 1.0, 1.0]
    assert [round(speeds(strategy, 5, 0)[0], 3) for strategy in AdaptiveStrategy] == [0.4, 0.8, 0.9]
    assert [round(speeds(strategy, 50, 0)[0], 3) for strategy in AdaptiveStrategy] == [0.4, 0.5, 0.7]
    after = [round(speeds(strategy, 50, 100)[1], 3) for strategy in AdaptiveStrategy]
    assert after == [0.4, 0.5, 1.0]
    after = [round(speeds(strategy, 50, 310)[1], 3) for strategy in AdaptiveStrategy]
    assert after == [0.45, 1.0, 1.0]


@given(
    strategy=st.sampled_from(AdaptiveStrategy),
    steps=st.lists(st.tuples(st.booleans(), st.floats(0.0, 400.0)), max_size=60),
)
def test_the_speed_stays_between_the_floor_and_the_limit(
    strategy: AdaptiveStrategy, steps: list[tuple[bool, float]]
) -> None:
    config = DynamicConfig.of(strategy)
    policy, now = AdaptivePolicy(config), 0.0
    for refused, gap in steps:
        now += gap
        before = policy.scale
        changed = policy.refused(now) if refused else policy.passed(now)
        assert changed == (policy.scale != before)
        assert config.floor <= policy.scale <= 1.0
        assert policy.scale <= before if refused else policy.scale >= before


def test_a_bucket_that_is_refused_gets_slower_and_the_others_do_not() -> None:
    clock = Clock()
    limiter = GlobalRateLimiter(clock=clock)
    dynamic = DynamicRateLimiter(limiter, DynamicConfig.of(AdaptiveStrategy.CONSERVATIVE), clock)
    dynamic.report("/ticker", status=200)
    dynamic.report("/ticker", status=429)
    assert dynamic.scale(TICKER) == pytest.approx(0.7)
    assert all(dynamic.scale(bucket) == 1.0 for bucket in LIMITS if bucket != TICKER)
    clock.now += 1000.0
    dynamic.report("/ticker", status=200)
    assert dynamic.scale(TICKER) == 1.0
    asyncio.run(dynamic.acquire("/ticker"))
    dynamic.remaining("/ticker", 5)


@pytest.mark.parametrize("wrong", ["fast", ""])
def test_an_unknown_strategy_is_named(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="conservative"):
        get_dynamic_rate_limiter(wrong)


@pytest.mark.parametrize(
    ("name", "value"), [("refusals", 0), ("factor", 1.0), ("floor", 0.0), ("calm", -1.0), ("step", 0.0), ("window", 0)]
)
def test_figures_that_cannot_work_are_named(name: str, value: float) -> None:
    good: dict[str, Any] = {
        "refusals": 1, "factor": 0.5, "floor": 0.5, "calm": 1.0, "step": 0.1, "step_every": 1.0,
    }  # fmt: skip
    with pytest.raises(ConfigurationError, match=name):
        DynamicConfig(**{**good, name: value})

"""Attempts to connect: what counts against the limit, and how long a handshake may take."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.helpers.loops import everywhere
from tests.helpers.unanswered import unanswered
from upbit_qt_ws.config import WebSocketConfig
from upbit_qt_ws.errors import WebSocketConnectionError
from upbit_qt_ws.health.exchange_clock import ExchangeClock
from upbit_qt_ws.network.attempts import Attempts
from upbit_qt_ws.testing import SimulatedExchange
from upbit_qt_ws.testing.faults import FaultProxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upbit_qt_ws.network.connection import FeedConnection


class Limiter:
    """Lets everybody through, and counts."""

    def __init__(self) -> None:
        self.taken = 0

    def delay(self, now: float) -> float:
        return 0.0

    def take(self, now: float) -> None:
        self.taken += 1


class Sink:
    """Takes nothing."""

    def frames_received(self, connection: FeedConnection, frames: list[bytes]) -> None:
        pass

    def connection_closed(self, connection: FeedConnection) -> None:
        pass


@contextmanager
def door(connect_timeout: float) -> Iterator[tuple[FaultProxy, Attempts, Limiter]]:
    with SimulatedExchange(rate=0, markets=["KRW-BTC"]) as exchange, FaultProxy(exchange) as proxy:
        config = WebSocketConfig(public_url=proxy.websocket_url, connect_timeout_s=connect_timeout)
        limiter = Limiter()
        yield proxy, Attempts(config, config.public_url, limiter, None, ExchangeClock()), limiter


async def fail(attempts: Attempts) -> tuple[WebSocketConnectionError, float]:
    """Return the error of an attempt, and how long it took."""
    began = time.monotonic()
    with pytest.raises(WebSocketConnectionError) as caught:
        await attempts.open(Sink())
    return caught.value, time.monotonic() - began


@everywhere
async def test_a_handshake_is_booked_and_a_connection_that_is_refused_is_not() -> None:
    with door(5.0) as (proxy, attempts, limiter):
        proxy.refuse()
        error, _ = await fail(attempts)
        assert error.is_unreachable
        assert limiter.taken == 0
        proxy.refuse(False)
        await (await attempts.open(Sink())).close()
        assert limiter.taken == 1


@everywhere
async def test_attempts_that_get_no_answer_are_not_booked_however_many_there_are() -> None:
    with door(3.0) as (proxy, attempts, limiter), unanswered(proxy):
        error, took = await fail(attempts)
        assert error.is_unreachable
        assert "within 3 s" in str(error)
        assert took >= 3.0
        assert limiter.taken == 0
        # It has waited for that long already.
        assert attempts.recovery.delay(time.monotonic()) == 0.0


@everywhere
async def test_a_handshake_that_runs_out_of_time_gives_the_next_one_twice_as_long() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("upbit_qt_ws.network.attempts._FIRST_HANDSHAKE", 0.25)
        with door(0.8) as (proxy, attempts, limiter):
            proxy.mute()
            limits = []
            for _ in range(4):
                error, took = await fail(attempts)
                limits.append(str(error).rpartition("within ")[2])
                assert took >= float(limits[-1].split()[0])
            assert limits == ["0.25 s", "0.5 s", "0.8 s", "0.8 s"]
            assert limiter.taken == 4
            proxy.mute(False)
            await (await attempts.open(Sink())).close()
            proxy.mute()
            error, _ = await fail(attempts)
            assert str(error).endswith("0.25 s"), "one that went well begins anew"
            proxy.mute(False)

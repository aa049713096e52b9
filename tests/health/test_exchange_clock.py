"""The exchange's clock, as its messages and headers tell it, whatever this machine's clock shows."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.bounds import LAST_MS
from upbit_qt_ws.health.exchange_clock import TOLERANCE_MS, ClockReading, ExchangeClock

START = 1_790_134_742_106
HOUR = 3_600_000


def header(moment: int) -> str:
    """Spell a moment in ms as HTTP does, in whole seconds."""
    return format_datetime(datetime.fromtimestamp(moment // 1000, UTC), usegmt=True)


class Exchange:
    """An exchange, a way to it, and a clock that listens. Monotonic time begins at 1,000 s."""

    def __init__(self, *, latency: float = 0.05, with_header: bool = True) -> None:
        self.told: list[ClockReading] = []
        self.clock = ExchangeClock(self.told.append)
        self.now = 1_000.0
        self.ahead = 0
        self._latency = latency
        if with_header:
            self.answer()

    @property
    def present(self) -> int:
        """What the exchange's clock shows."""
        return START + self.ahead + round((self.now - 1_000.0) * 1000)

    def answer(self) -> None:
        self.now += self._latency
        self.clock.header(header(self.present - round(self._latency * 1000)), self.now)

    def send(self, count: int = 1, *, off: int = 0, is_fresh: bool = True, pause: float = 1.0) -> None:
        """Send messages whose times are off by so many ms."""
        for _ in range(count):
            self.now += pause
            sent = self.present - round(self._latency * 1000)
            self.clock.heard(sent + off, self.now, is_fresh=is_fresh)

    @property
    def error(self) -> int:
        """How far the estimate is ahead of the exchange's clock, in ms."""
        found = self.clock.now_ms(self.now)
        assert found is not None
        return found - self.present


def test_nothing_is_known_before_the_exchange_has_told_a_time() -> None:
    clock = ExchangeClock()
    assert clock.reading is None
    assert clock.now_ms(5.0) is None
    assert clock.latest_ms(5.0) == LAST_MS
    for date in (None, "", "soon", "Mon, 01 Jan 1601 00:00:00 GMT", "Mon, 01 Jan 9999 00:00:00 GMT"):
        clock.header(date, 5.0)
    assert clock.reading is None


def test_a_header_tells_it_to_a_second_and_messages_to_their_latency() -> None:
    exchange = Exchange()
    assert -1_100 <= exchange.error <= 0
    assert [reading.is_exact for reading in exchange.told] == [False]
    exchange.send()
    assert exchange.error == pytest.approx(-50, abs=1)
    assert [reading.is_exact for reading in exchange.told] == [False, True]
    exchange.answer()
    assert exchange.error == pytest.approx(-50, abs=1), "messages know better"


def test_messages_alone_tell_it() -> None:
    exchange = Exchange(with_header=False)
    exchange.send(4)
    assert exchange.error == pytest.approx(-50, abs=1)
    assert exchange.clock.is_settled
    shown = exchange.clock.now_ms(exchange.now)
    assert shown is not None
    assert exchange.clock.latest_ms(exchange.now) == shown + TOLERANCE_MS


def test_what_tells_of_the_past_does_not_turn_it_back() -> None:
    exchange = Exchange(with_header=False)
    exchange.send(off=-10 * HOUR, is_fresh=False)
    assert exchange.error < -9 * HOUR
    exchange.send()
    assert exchange.error == pytest.approx(-50, abs=1), "the first was a book that had not changed for ten hours"
    exchange.send(50, off=-10 * HOUR, is_fresh=False)
    assert exchange.error == pytest.approx(-50, abs=1)


@pytest.mark.parametrize("off", [6_000, HOUR, 100_000 * HOUR])
def test_one_time_that_is_far_ahead_does_not_turn_it(off: int) -> None:
    exchange = Exchange()
    exchange.send(5)
    for _ in range(10):
        exchange.send(1, off=off)
        exchange.send(1)
        assert exchange.error == pytest.approx(-50, abs=1)


@pytest.mark.parametrize("ahead", [-24 * HOUR, -HOUR, -60_000, 60_000, HOUR, 24 * HOUR])
def test_an_exchange_that_sets_its_clock_is_followed(ahead: int) -> None:
    exchange = Exchange()
    exchange.send(5)
    exchange.ahead = ahead
    exchange.send(16)
    assert exchange.error == pytest.approx(-50, abs=1)


def test_a_backlog_does_not_turn_it_back() -> None:
    exchange = Exchange()
    exchange.send(5)
    exchange.now += 30.0
    exchange.send(200, off=-30_000, pause=0.001)
    assert exchange.error == pytest.approx(-50, abs=1)


@pytest.mark.parametrize("slept", [20, 3_600, 86_400])
def test_after_a_sleep_the_next_message_or_answer_is_believed(slept: int) -> None:
    exchange = Exchange()
    exchange.send(5)
    exchange.ahead = slept * 1000
    exchange.clock.doubt()
    assert exchange.clock.latest_ms(exchange.now) == LAST_MS, "nothing is too far ahead now"
    exchange.send(off=-10 * HOUR, is_fresh=False)
    exchange.send()
    assert exchange.error == pytest.approx(-50, abs=1)
    other = Exchange()
    other.send(5)
    other.ahead = slept * 1000
    other.clock.doubt()
    other.answer()
    assert -1_100 <= other.error <= 0


def test_a_first_message_that_is_mistaken_is_overruled_soon() -> None:
    exchange = Exchange(with_header=False)
    exchange.send(off=1_000 * HOUR)
    exchange.send(4)
    assert exchange.error == pytest.approx(-50, abs=1)


def test_a_drift_of_this_machines_clock_is_followed_both_ways() -> None:
    for drift in (-1, 1):
        exchange = Exchange()
        for _ in range(30):
            exchange.ahead += drift * 20
            exchange.send(60)
        assert -200 <= exchange.error <= 60


def test_only_notable_changes_are_told() -> None:
    exchange = Exchange()
    exchange.send(1_000, pause=0.5)
    assert len(exchange.told) <= 3


@given(
    wall=st.integers(-(10**6), 10**6),
    times=st.lists(st.tuples(st.integers(-3_000, 0), st.booleans()), min_size=1, max_size=60),
)
def test_no_latency_makes_it_go_ahead(wall: int, times: list[tuple[int, bool]]) -> None:
    exchange = Exchange(with_header=False)
    exchange.now += wall / 1e6
    for off, is_fresh in times:
        exchange.send(off=off, is_fresh=is_fresh)
        assert exchange.error <= 0
    best = max(off for off, _ in times)
    assert exchange.error >= best - 60

"""This machine's clock is not the exchange's: whatever it shows, the widgets show the same."""

from __future__ import annotations

import re
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from tests.helpers.numpy import HAS_NUMPY, needs_numpy
from tests.widgets.day_figures import is_right
from tests.widgets.kinds import WIDGETS, texts
from tests.widgets.leaps import let_pass, now_of
from upbit_qt_widgets import TickerWidget, TradesWidget
from upbit_qt_widgets.trades.kst import clock_text, day_of
from upbit_qt_widgets.trades.tape_row import TIME, GapRow
from upbit_qt_ws import SubscriptionState
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

if HAS_NUMPY:
    from upbit_qt_widgets import CandleChartWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager

OFFSETS = (60, -60, 86_400, -86_400)
"""How far the exchange's clock is ahead of this machine's, in seconds: another candle, and another day."""

MORE_OFFSETS = (1, -1, 3_600, -3_600)
"""What differs from those in its size only is tried where the clock itself is looked at."""

CODE = "KRW-BTC"
SLACK_MS = 20_000
"""More than a loaded machine takes for anything here, and less than the clocks differ by where that matters."""


@pytest.fixture(params=OFFSETS, ids=lambda offset: f"{offset:+}s")
def offset(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def exchange(offset: int) -> Iterator[SimulatedExchange]:
    """A running exchange whose clock is another one."""
    options = SimulatorOptions(snapshot_delays=(0.0, 0.0), clock_offset_s=float(offset))
    with SimulatedExchange(seed=7, rate=100, options=options) as running:
        yield running


@pytest.fixture
def seen(qtbot: QtBot) -> Iterator[Callable[..., QWidget]]:
    """Return what shows widgets in one window, in English; the window lives as long as the test."""
    windows: list[QWidget] = []

    def show(*widgets: Any) -> QWidget:
        window = QWidget()
        windows.append(window)
        qtbot.addWidget(window)
        layout = QHBoxLayout(window)
        for widget in widgets:
            widget.language = "en"
            layout.addWidget(widget)
        window.resize(1_600, 600)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield show
    windows.clear()


def state_of(widget: Any) -> SubscriptionState | None:
    """Return the state of a widget that has data of its own; None for those that tell of connections."""
    state = getattr(widget, "state", None)
    return state if isinstance(state, SubscriptionState) else None


def starts_of(exchange: SimulatedExchange, interval: str, count: int) -> list[int]:
    """Return the starts of the newest candles in seconds, oldest first, as the exchange has them."""

    def look() -> list[int]:
        market = exchange.server.market
        bars = market.market(CODE).candles_newest_first(interval, market.now_ms + 1)
        return [bar.start // 1000 for bar in islice(bars, count)][::-1]

    return exchange.call(look)


def test_every_widget_tells_when_it_is_live_and_when_not(
    qtbot: QtBot, seen: Callable[..., QWidget], account: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    widgets = [kind.make(CODE) for kind in WIDGETS]
    with_data = [widget for widget in widgets if state_of(widget) is not None]
    assert len(with_data) == len(WIDGETS) - 2
    seen(*widgets)

    def all_are(*wanted: SubscriptionState) -> bool:
        return all(state_of(widget) in wanted for widget in with_data)

    qtbot.waitUntil(lambda: all_are(SubscriptionState.LIVE), timeout=15_000)
    for widget in with_data:
        # "live" beside a lamp; a strip has no room for it.
        told = " ".join(texts(widget)).lower()
        assert "stale" not in told
        assert not re.search(r"\d+ (hours?|h|days?|d|min) ago", told), (type(widget).__name__, told)
    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: all_are(SubscriptionState.STALE), timeout=15_000)
    exchange.refuse_connections(False)
    qtbot.waitUntil(lambda: all_are(SubscriptionState.LIVE), timeout=15_000)


@pytest.mark.parametrize("offset", [*OFFSETS, *MORE_OFFSETS], indirect=True)
def test_the_exchanges_clock_is_known_and_the_difference_told(
    qtbot: QtBot,
    seen: Callable[..., QWidget],
    account: GlobalWebSocketManager,
    exchange: SimulatedExchange,
    offset: int,
) -> None:
    seen(TickerWidget(CODE))

    def is_known() -> bool:
        told = account.exchange_time()
        return told is not None and abs(told - now_of(exchange)) < SLACK_MS

    qtbot.waitUntil(is_known, timeout=15_000)
    assert abs((account.exchange_time() or 0) - (time.time() + offset) * 1000) < SLACK_MS
    qtbot.waitUntil(lambda: account.metrics.clock_offset is not None)
    assert account.metrics.clock_offset == pytest.approx(-offset, abs=SLACK_MS / 1000)
    qtbot.waitUntil(lambda: account.metrics.exchange_latency.count > 0)
    assert abs(account.metrics.exchange_latency.p50) < SLACK_MS / 1000


def test_the_tape_has_times_of_the_exchanges_day_and_no_gap(
    qtbot: QtBot, seen: Callable[..., QWidget], manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    tape = TradesWidget(CODE)
    seen(tape)
    model = tape._model

    def is_true() -> bool:
        today = day_of(now_of(exchange))
        told = [model.index(row, TIME).data() for row in range(len(tape.trades))]
        return told == [clock_text(trade.trade_timestamp, today) for trade in tape.trades]

    qtbot.waitUntil(lambda: len(tape.trades) == tape.max_rows)
    exchange.set_rate(0)
    qtbot.waitUntil(is_true, timeout=15_000)
    assert ":" in model.index(0, TIME).data()
    assert "-" not in model.index(0, TIME).data(), "the newest trade is of today"

    # An outage is filled, though its times are others than this machine's.
    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: tape.state is SubscriptionState.STALE)
    missed = [exchange.trade(CODE).sequential_id for _ in range(5)]
    exchange.refuse_connections(False)
    qtbot.waitUntil(lambda: [trade.sequential_id for trade in tape.trades][:5] == missed[::-1])
    assert not [row for row in model.tape.rows if isinstance(row, GapRow)]

    # Another Korean day begins.
    let_pass(qtbot, exchange, manager, 86_400, trades=0)
    exchange.trade(CODE)
    qtbot.waitUntil(lambda: "-" in model.index(1, TIME).data())
    qtbot.waitUntil(is_true, timeout=15_000)


@needs_numpy
@pytest.mark.parametrize("passed", [600, 30 * 3_600])
def test_the_history_of_a_chart_has_no_hole(
    qtbot: QtBot,
    seen: Callable[..., QWidget],
    manager: GlobalWebSocketManager,
    exchange: SimulatedExchange,
    passed: int,
) -> None:
    chart = CandleChartWidget(CODE)
    window = seen(chart)
    exchange.set_rate(0)

    def is_whole() -> bool:
        shown = [candle.start for candle in chart.candles]
        return len(shown) >= 200 and shown == starts_of(exchange, "1m", len(shown))

    qtbot.waitUntil(is_whole, timeout=15_000)
    window.hide()
    let_pass(qtbot, exchange, manager, passed, trades=min(passed, 3_000))
    window.show()
    qtbot.waitUntil(is_whole, timeout=15_000)
    exchange.trade(CODE)
    qtbot.waitUntil(is_whole, timeout=15_000)


def test_the_figures_of_24_hours_are_those_of_the_exchanges_24_hours(
    qtbot: QtBot, seen: Callable[..., QWidget], manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    ticker = TickerWidget(CODE)
    window = seen(ticker)
    exchange.set_rate(0)
    qtbot.waitUntil(lambda: is_right(ticker, exchange), timeout=15_000)
    window.hide()
    let_pass(qtbot, exchange, manager, 20 * 3_600, trades=500)
    window.show()
    qtbot.waitUntil(lambda: is_right(ticker, exchange), timeout=15_000)


def test_a_wall_clock_that_is_set_changes_nothing(
    qtbot: QtBot,
    seen: Callable[..., QWidget],
    account: GlobalWebSocketManager,
    exchange: SimulatedExchange,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tape, ticker = TradesWidget(CODE), TickerWidget(CODE)
    charts = [CandleChartWidget(CODE)] if HAS_NUMPY else []
    window = seen(*charts, tape, ticker)
    qtbot.waitUntil(lambda: all(chart.candle_count >= 200 for chart in charts) and len(tape.trades) == tape.max_rows)
    exchange.set_rate(0)
    real = time.time
    for leap in (-86_400.0, 86_400.0, 0.0):
        before = now_of(exchange)
        monkeypatch.setattr(time, "time", lambda leap=leap: real() + leap)
        window.hide()
        let_pass(qtbot, exchange, account, 300, trades=50)
        window.show()
        qtbot.waitUntil(
            lambda: all(
                [candle.start for candle in chart.candles[-50:]] == starts_of(exchange, "1m", 50) for chart in charts
            )
        )
        qtbot.waitUntil(lambda: is_right(ticker, exchange), timeout=15_000)
        assert before < (account.exchange_time() or 0) < now_of(exchange) + SLACK_MS
        assert "-" not in tape._model.index(0, TIME).data()

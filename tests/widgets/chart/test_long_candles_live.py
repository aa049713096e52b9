"""Days, weeks and months in a window are those of the exchange, with all that was traded between two frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.widgets.leaps import let_pass
from upbit_qt_widgets import CandleChartWidget
from upbit_qt_widgets.chart.intervals import start_of
from upbit_qt_ws import SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.testing import SimulatedExchange

CODE = "KRW-BTC"
DAY = 86_400


class Figures(NamedTuple):
    """A candle without the time of its news."""

    start: int
    open: float
    high: float
    low: float
    close: float
    volume: float


def truth(exchange: SimulatedExchange, interval: str, count: int) -> list[Figures]:
    """Return the newest candles as the exchange has them, newest first: its days, put together."""

    def look() -> list[Figures]:
        market = exchange.server.market
        days = market.market(CODE).candles_newest_first("1d", market.now_ms + 1)
        found: list[Figures] = []
        for day in days:
            start = start_of(interval, day.start // 1000)
            opened, high, low, close, volume = (
                each / 1e8 for each in (day.open, day.high, day.low, day.close, day.volume)
            )
            if found and found[-1].start == start:
                last = found.pop()
                high, low, close, volume = max(high, last.high), min(low, last.low), last.close, volume + last.volume
            elif len(found) == count:
                break
            found.append(Figures(start, opened, high, low, close, volume))
        return found

    return exchange.call(look)


def is_right(chart: CandleChartWidget, exchange: SimulatedExchange, count: int) -> bool:
    shown = [Figures(*candle[:6]) for candle in reversed(chart.candles[-count:])]
    told = truth(exchange, chart.interval, count)
    return len(shown) == len(told) == count and all(
        one == pytest.approx(other, rel=1e-9) for one, other in zip(shown, told, strict=True)
    )


@pytest.fixture(params=["1d", "1w", "1M"])
def chart(
    request: pytest.FixtureRequest, qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> CandleChartWidget:
    """A chart of long candles that is live; nothing is traded but what the test trades."""
    exchange.set_rate(0)
    made = CandleChartWidget(CODE)
    qtbot.addWidget(made)
    made.interval = request.param
    made.resize(700, 420)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: made.state is SubscriptionState.LIVE)
    qtbot.waitUntil(lambda: is_right(made, exchange, 3), timeout=15_000)
    return made


def spike(exchange: SimulatedExchange) -> None:
    """Let prices go far up and down and come back, faster than any frame."""
    price = exchange.server.market.market(CODE).last / 1e8

    def trade() -> None:
        for factor in (1.3, 0.7, 1.0):
            exchange.trade(CODE, price=round(price * factor, -3), volume=0.5)

    exchange.call(trade)


def test_what_was_traded_between_two_frames_counts(
    qtbot: QtBot, chart: CandleChartWidget, exchange: SimulatedExchange
) -> None:
    for _ in range(3):
        spike(exchange)
        qtbot.waitUntil(lambda: is_right(chart, exchange, 3), timeout=15_000)


def test_a_candle_that_has_closed_is_as_it_closed(
    qtbot: QtBot, chart: CandleChartWidget, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    for days in (1, 6, 25):
        let_pass(qtbot, exchange, manager, DAY - 1, trades=0)
        spike(exchange)
        let_pass(qtbot, exchange, manager, days * DAY, trades=40)
        spike(exchange)
        qtbot.waitUntil(lambda: is_right(chart, exchange, 3), timeout=15_000)


def test_what_was_traded_while_it_was_hidden_counts(
    qtbot: QtBot, chart: CandleChartWidget, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    chart.hide()
    spike(exchange)
    let_pass(qtbot, exchange, manager, 9 * DAY, trades=100)
    spike(exchange)
    chart.show()
    qtbot.waitUntil(lambda: is_right(chart, exchange, 5), timeout=15_000)

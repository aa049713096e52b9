"""The chart in a window, on the simulated exchange."""

from __future__ import annotations

import time
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QLabel, QTabBar, QWidget

from tests.widgets.leaps import let_pass
from upbit_qt_widgets import CandleChartWidget, dark_palette, light_palette
from upbit_qt_widgets.chart.canvas import ChartCanvas
from upbit_qt_widgets.chart.intervals import INTERVALS
from upbit_qt_ws import ConfigurationError, GlobalWebSocketManager, SubscriptionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange

Show = "Callable[[CandleChartWidget], CandleChartWidget]"


def canvas(chart: CandleChartWidget) -> ChartCanvas:
    found = chart.findChild(ChartCanvas)
    assert found is not None
    return found


def legend(chart: CandleChartWidget) -> str:
    return " ".join(label.text() for label in chart.findChildren(QLabel))


def wanted(exchange: SimulatedExchange) -> set[tuple[str, str]]:
    return {(entry.type, entry.code) for view in exchange.connections if view.open for entry in view.subscription}


def trade_above(chart: CandleChartWidget, exchange: SimulatedExchange) -> float:
    """Let somebody pay more than anybody did in the newest candle; return that price."""
    price = chart.candles[-1].high + 50_000.0
    exchange.trade("KRW-BTC", price=price, side="BID", volume=0.01)
    return price


def wait_for(qtbot: QtBot, moment: float) -> None:
    qtbot.waitUntil(lambda: time.time() > moment)


@pytest.fixture
def show(qtbot: QtBot, manager: GlobalWebSocketManager) -> Callable[[CandleChartWidget], CandleChartWidget]:
    def shown(chart: CandleChartWidget) -> CandleChartWidget:
        qtbot.addWidget(chart)
        chart.language = "en"
        chart.resize(700, 420)
        with qtbot.waitExposed(chart):
            chart.show()
        return chart

    return shown


@pytest.fixture
def chart(qtbot: QtBot, show: Callable[[CandleChartWidget], CandleChartWidget]) -> CandleChartWidget:
    """A chart of minutes that is live, with its first page of history."""
    made = show(CandleChartWidget("KRW-BTC"))
    qtbot.waitUntil(lambda: made.state is SubscriptionState.LIVE and made.candle_count >= 200)
    return made


def test_history_and_live_candles_meet_without_a_seam(
    qtbot: QtBot, chart: CandleChartWidget, exchange: SimulatedExchange
) -> None:
    highest = trade_above(chart, exchange)

    qtbot.waitUntil(lambda: chart.candles[-1].high >= highest)

    starts = [candle.start for candle in chart.candles]
    assert starts == sorted(set(starts))
    assert len(exchange.requests) == 1
    assert "live" in legend(chart)


def test_panning_to_the_oldest_candle_loads_more(qtbot: QtBot, chart: CandleChartWidget) -> None:
    oldest = chart.candles[0].start
    newest_edge = canvas(chart).seen[1]

    qtbot.keyClick(canvas(chart), Qt.Key.Key_Home)  # type: ignore[no-untyped-call]
    seen = canvas(chart).seen

    assert "loading" in legend(chart)
    qtbot.waitUntil(lambda: chart.candles[0].start < oldest)
    qtbot.waitUntil(lambda: "loading" not in legend(chart))
    assert chart.candle_count >= 400
    assert canvas(chart).seen == pytest.approx(seen), "what was seen is still where it was"
    qtbot.keyClick(canvas(chart), Qt.Key.Key_End)  # type: ignore[no-untyped-call]
    assert canvas(chart).seen[1] >= newest_edge


def test_the_keyboard_moves_and_zooms(qtbot: QtBot, chart: CandleChartWidget) -> None:
    left, right = canvas(chart).seen
    qtbot.keyClick(canvas(chart), Qt.Key.Key_Left)  # type: ignore[no-untyped-call]
    assert canvas(chart).seen == pytest.approx((left - (right - left) / 10, right - (right - left) / 10))
    qtbot.keyClick(canvas(chart), Qt.Key.Key_End)  # type: ignore[no-untyped-call]
    qtbot.keyClick(canvas(chart), Qt.Key.Key_Plus)  # type: ignore[no-untyped-call]
    assert canvas(chart).seen == pytest.approx((right - (right - left) * 0.8, right), abs=1.1)
    qtbot.keyClick(canvas(chart), Qt.Key.Key_Minus)  # type: ignore[no-untyped-call]
    assert canvas(chart).seen == pytest.approx((left, right), abs=1.1)


def test_the_values_of_the_candle_under_the_mouse_are_told(qtbot: QtBot, chart: CandleChartWidget) -> None:
    area = canvas(chart)
    newest = legend(chart)

    place = QPoint(area.width() // 3, area.height() // 3)
    qtbot.mouseMove(area.viewport(), QPoint(1, 1))  # type: ignore[no-untyped-call]
    qtbot.mouseMove(area.viewport(), place)  # type: ignore[no-untyped-call]

    qtbot.waitUntil(lambda: legend(chart) != newest)
    hovered = chart.hovered_candle
    assert hovered is not None
    assert f"{hovered.close:,.0f}" in legend(chart)
    qtbot.keyClick(area, Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
    assert chart.hovered_candle is None


def test_market_and_interval_switch_in_one_request_without_a_trace(
    qtbot: QtBot, chart: CandleChartWidget, exchange: SimulatedExchange
) -> None:
    requests = len(exchange.requests)
    changed: list[str] = []
    chart.interval_changed.connect(changed.append)

    chart.interval = "5m"
    chart.market = "KRW-XRP"

    assert chart.candle_count == 0
    assert changed == ["5m"]
    qtbot.waitUntil(lambda: chart.candle_count >= 200 and chart.state is SubscriptionState.LIVE)
    assert len(exchange.requests) == requests + 1
    assert wanted(exchange) == {("candle.5m", "KRW-XRP"), ("ticker", "KRW-XRP")}
    assert max(candle.high for candle in chart.candles) < 100_000
    assert all(candle.start % 300 == 0 for candle in chart.candles)
    tabs = chart.findChild(QTabBar)
    assert tabs is not None
    assert tabs.tabText(tabs.currentIndex()) == "5m"


def test_an_outage_leaves_no_hole(qtbot: QtBot, chart: CandleChartWidget, exchange: SimulatedExchange) -> None:
    chart.interval = "1s"
    qtbot.waitUntil(lambda: chart.candle_count >= 100 and chart.state is SubscriptionState.LIVE)
    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: chart.state is SubscriptionState.STALE)
    lost = chart.candles[-1].start
    traded = []
    for second in (1, 2):
        wait_for(qtbot, lost + second + 0.2)
        traded.append(exchange.trade("KRW-BTC", side="BID").time_ms // 1000)
    wait_for(qtbot, lost + 3.2)
    exchange.refuse_connections(False)

    qtbot.waitUntil(lambda: chart.state is SubscriptionState.LIVE)

    qtbot.waitUntil(lambda: set(traded) <= {candle.start for candle in chart.candles})
    starts = [candle.start for candle in chart.candles]
    assert starts == sorted(set(starts))


def test_days_move_with_the_ticker(qtbot: QtBot, chart: CandleChartWidget, exchange: SimulatedExchange) -> None:
    chart.interval = "1d"
    qtbot.waitUntil(lambda: chart.candle_count >= 100 and chart.state is SubscriptionState.LIVE)
    qtbot.waitUntil(lambda: wanted(exchange) == {("ticker", "KRW-BTC")})
    highest = trade_above(chart, exchange)
    qtbot.waitUntil(lambda: chart.candles[-1].high >= highest)
    assert all(later.start - earlier.start >= 86_400 for earlier, later in pairwise(chart.candles))


def test_a_market_that_does_not_exist_is_quiet_and_says_so(
    qtbot: QtBot, show: Callable[[CandleChartWidget], CandleChartWidget]
) -> None:
    chart = show(CandleChartWidget("KRW-NOSUCH"))
    qtbot.waitUntil(lambda: chart.state is SubscriptionState.NOT_SERVED)
    qtbot.waitUntil(lambda: "does not serve this market" in legend(chart))
    assert "could not be loaded" not in legend(chart)
    assert chart.candle_count == 0


def test_it_catches_up_when_it_is_shown_again(
    qtbot: QtBot, chart: CandleChartWidget, exchange: SimulatedExchange
) -> None:
    chart.hide()
    highest = trade_above(chart, exchange)
    chart.show()
    qtbot.waitUntil(lambda: chart.candles[-1].high >= highest)


def test_what_was_missed_while_it_was_hidden_is_asked_for_until_it_comes(
    qtbot: QtBot,
    chart: CandleChartWidget,
    manager: GlobalWebSocketManager,
    exchange: SimulatedExchange,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("upbit_qt_widgets.chart.candle_chart._RETRY_MILLISECONDS", (100,))
    failures: list[str] = []
    assert chart._history is not None
    chart._history.failed.connect(failures.append)
    exchange.set_rate(0)
    chart.hide()
    let_pass(qtbot, exchange, manager, 3_600, trades=500)
    exchange.refuse_connections(True, status=503)
    chart.show()
    # The stream goes on, past what is missing.
    exchange.trade("KRW-BTC")
    qtbot.waitUntil(lambda: len(failures) >= 2)
    exchange.refuse_connections(False)

    def starts() -> list[int]:
        market = exchange.server.market
        bars = market.market("KRW-BTC").candles_newest_first("1m", market.now_ms + 1)
        return [bar.start // 1000 for bar in islice(bars, chart.candle_count)][::-1]

    qtbot.waitUntil(lambda: [candle.start for candle in chart.candles] == exchange.call(starts))


def test_bad_properties_are_refused_and_change_nothing(chart: CandleChartWidget) -> None:
    with pytest.raises(ConfigurationError, match="'2m'"):
        chart.interval = "2m"
    with pytest.raises(ConfigurationError, match="'5,5'"):
        chart.moving_averages = "5,5"
    assert (chart.interval, chart.moving_averages) == ("1m", "5,20,60")
    chart.moving_averages = "10"
    assert "MA10" in legend(chart)
    assert "MA20" not in legend(chart)
    chart.volume_shown = False
    assert not chart.volume_shown


@pytest.mark.parametrize("dark", [False, True])
def test_a_preview_needs_no_exchange(qtbot: QtBot, dark: bool) -> None:
    chart = CandleChartWidget()
    qtbot.addWidget(chart)
    chart.setPalette(dark_palette() if dark else light_palette())
    chart.preview()
    chart.resize(700, 420)
    with qtbot.waitExposed(chart):
        chart.show()
    assert chart.market == "KRW-BTC"
    assert chart.candle_count == 160
    image = canvas(chart).grab().toImage()
    ground = image.pixelColor(2, 2)
    assert (ground.lightness() < 128) == dark
    reds = blues = 0
    for x in range(0, image.width(), 2):
        for y in range(0, image.height(), 2):
            color = image.pixelColor(x, y)
            reds += color.red() > color.blue() + 80
            blues += color.blue() > color.red() + 80
    assert min(reds, blues) > 100


def test_each_interval_has_words_in_both_languages(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    chart = CandleChartWidget(parent=window)
    tabs = chart.findChild(QTabBar)
    assert tabs is not None
    for language, monthly in (("ko", "월"), ("en", "M")):
        chart.language = language
        assert tabs.tabText(len(INTERVALS) - 1) == monthly

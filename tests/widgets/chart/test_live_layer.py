"""What of a chart is painted at a tick, and that it shows the same as a chart that is painted anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QPoint
from PyQt6.QtGui import QColor, QPaintEvent, QRegion

from upbit_qt_widgets import CandleChartWidget, light_palette
from upbit_qt_widgets.chart.canvas import ChartCanvas
from upbit_qt_widgets.chart.legend import Legend, Part

if TYPE_CHECKING:
    from PyQt6.QtGui import QImage
    from pytestqt.qtbot import QtBot

    from upbit_qt_widgets.chart.chart_data import ChartData


class Areas(QObject):
    """Remembers what is exposed."""

    def __init__(self, canvas: ChartCanvas) -> None:
        super().__init__()
        self.seen: list[QRegion] = []
        canvas.viewport().installEventFilter(self)

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        if isinstance(a1, QPaintEvent):
            self.seen.append(QRegion(a1.region()))
        return False


@pytest.fixture
def chart(qtbot: QtBot) -> CandleChartWidget:
    made = CandleChartWidget("KRW-BTC")
    qtbot.addWidget(made)
    made.setPalette(light_palette())
    made.resize(800, 500)
    made.preview()
    with qtbot.waitExposed(made):
        made.show()
    for _ in range(3):
        QCoreApplication.processEvents()
    return made


@pytest.fixture
def canvas(chart: CandleChartWidget) -> ChartCanvas:
    found = chart.findChild(ChartCanvas)
    assert found is not None
    return found


def tick(chart: CandleChartWidget, canvas: ChartCanvas, share: float) -> None:
    """Move the close of the newest candle within its range, as a trade does."""
    candle = chart.candles[-1]
    close = candle.low + (candle.high - candle.low) * share
    data: ChartData = canvas._data
    data.set_last(candle._replace(close=close, volume=candle.volume * (1 + share)))
    canvas.update_last()


def shown(canvas: ChartCanvas) -> QImage:
    """Return what is on the screen, which was painted piece by piece."""
    screen = canvas.screen()
    assert screen is not None
    corner = canvas.mapTo(canvas.window(), canvas.rect().topLeft())
    window = canvas.window().winId()
    image: QImage = screen.grabWindow(window, corner.x(), corner.y(), canvas.width(), canvas.height()).toImage()
    return image


def colors_of(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}


def test_a_tick_paints_little(chart: CandleChartWidget, canvas: ChartCanvas) -> None:
    areas = Areas(canvas)
    tick(chart, canvas, 0.9)
    QCoreApplication.processEvents()

    assert len(areas.seen) == 1
    pixels = canvas.viewport().width() * canvas.viewport().height()
    [region] = areas.seen
    painted = sum(
        region.contains(QPoint(x, y))
        for x in range(0, canvas.viewport().width(), 4)
        for y in range(0, canvas.viewport().height(), 4)
    )
    assert 0 < painted * 16 < pixels / 8


def test_ticks_leave_no_trace(chart: CandleChartWidget, canvas: ChartCanvas) -> None:
    for share in (0.9, 0.1, 0.5, 0.8):
        tick(chart, canvas, share)
        QCoreApplication.processEvents()
    ticked = shown(canvas)
    assert len(colors_of(ticked)) > 10

    canvas.renew(newest=False)
    QCoreApplication.processEvents()

    assert shown(canvas) == ticked


def test_lines_under_the_mouse_come_and_go_without_a_trace(chart: CandleChartWidget, canvas: ChartCanvas) -> None:
    before = shown(canvas)
    x = canvas._data.last_x - 20
    canvas.show_cross(x, chart.candles[-15].close)
    QCoreApplication.processEvents()
    crossed = shown(canvas)
    canvas.show_cross(x - 3, None)
    QCoreApplication.processEvents()
    moved = shown(canvas)
    canvas.hide_cross()
    QCoreApplication.processEvents()

    assert crossed != before
    assert moved not in (before, crossed)
    assert shown(canvas) == before


def test_a_price_that_leaves_the_range_is_seen(chart: CandleChartWidget, canvas: ChartCanvas) -> None:
    candle = chart.candles[-1]
    high = candle.high * 1.05
    canvas._data.set_last(candle._replace(high=high, close=high))
    canvas.update_last()
    QCoreApplication.processEvents()

    _, (bottom, top) = canvas.getItem(0, 0).viewRange()
    assert bottom < high < top
    ticked = shown(canvas)
    canvas.renew(newest=False)
    QCoreApplication.processEvents()
    assert shown(canvas) == ticked


def test_a_window_that_is_covered_for_a_moment_is_painted_whole(canvas: ChartCanvas) -> None:
    before = shown(canvas)
    canvas.viewport().update(10, 10, 200, 100)
    canvas.viewport().update(300, 200, 50, 50)
    QCoreApplication.processEvents()
    assert shown(canvas) == before


@pytest.fixture
def legend(qtbot: QtBot) -> Legend:
    made = Legend()
    qtbot.addWidget(made)
    made.resize(400, 20)
    made.show()
    return made


def test_a_legend_shows_changed_parts_as_if_it_were_new(qtbot: QtBot, legend: Legend) -> None:
    red, blue = QColor("#c84a31"), QColor("#1261c4")
    for words, ink in (("116,539,000", red), ("116,540,000", red), ("9.5", blue), ("9.6", blue), ("116,539,000", red)):
        legend.show_parts([Part("C "), Part(words, ink), Part(" Vol "), Part("0.1", ink)])
        QCoreApplication.processEvents()
        fresh = Legend()
        qtbot.addWidget(fresh)
        fresh.resize(legend.size())
        fresh.show_parts([Part("C "), Part(words, ink), Part(" Vol "), Part("0.1", ink)])
        assert legend.text() == legend.accessibleName() == f"C {words} Vol 0.1"
        assert legend.grab().toImage() == fresh.grab().toImage()

"""What a frame of data costs a widget: its way through proxy and slots, and the painting, in milliseconds.

`python -m benchmarks.micro.widgets SECONDS [NAME...]`, with names of CASES. The widget is live, in a window of its
own, on a simulated exchange that stands still; the frames are made here.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from PyQt6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PyQt6.QtWidgets import QApplication, QTableView, QWidget

from benchmarks.micro.widget_frames import Frames
from upbit_qt_widgets import (
    CandleChartWidget,
    DepthChartWidget,
    Favourites,
    MarketTable,
    OrderbookWidget,
    TickerStrip,
    TickerWidget,
    TradesWidget,
)
from upbit_qt_widgets.base.flat_table import FlatTable
from upbit_qt_widgets.chart.canvas import ChartCanvas
from upbit_qt_ws import GlobalWebSocketManager, SubscriptionState, WebSocketConfig
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions
from upbit_qt_ws.wire.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from upbit_qt_ws.delivery.mailbox import Letter

CODE: Final = "KRW-BTC"
MARKETS: Final = 300
CHANGING: Final = 60
STRIP: Final = 20
TRADES: Final = 10
_LEAST_FRAMES: Final = 5
_LONGEST_WAIT: Final = 20.0


class Scene(NamedTuple):
    """Frames that a widget is given.

    Attributes:
        name: of what is measured.
        frame: makes the letters of one frame; called outside of the measurement.
    """

    name: str
    frame: Callable[[], list[Letter]]


class PaintWatch(QObject):
    """Counts how often a widget or a part of it is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.seen = 0
        self._watched = (widget, *widget.findChildren(QWidget))
        for part in self._watched:
            part.installEventFilter(self)

    def stop(self) -> None:
        """Look no longer, for that costs time."""
        for part in self._watched:
            part.removeEventFilter(self)

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        self.seen += a1 is not None and a1.type() == QEvent.Type.Paint
        return False


def until(condition: Callable[[], bool], what: str) -> None:
    """Let the application live until something is so."""
    ends = time.monotonic() + _LONGEST_WAIT
    while not condition():
        QCoreApplication.processEvents()
        if time.monotonic() > ends:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.001)


class Bench:
    """The exchange, the manager, and what all cases do with them."""

    def __init__(self, exchange: SimulatedExchange) -> None:
        self.exchange = exchange
        config = WebSocketConfig(public_url=exchange.websocket_url, rest_url=exchange.rest_url, settle_s=0.02)
        self.manager = GlobalWebSocketManager.get_instance(config)
        self.frames = Frames(self.manager)

    def show(self, widget: QWidget, width: int, height: int, *topics: Topic) -> None:
        """Show a widget and wait until it shows these topics."""
        self.shown = widget
        widget.setProperty("language", "ko")
        widget.resize(width, height)
        widget.show()
        until(lambda: all(map(self.frames.has, topics)), f"data of {type(widget).__name__}")
        until(lambda: getattr(widget, "state", None) is SubscriptionState.LIVE, f"{type(widget).__name__} to be live")

    # -- cases: each shows a widget and yields what is measured with it ------------------------------------------

    def table(self) -> Iterator[Scene]:
        listed = [code for code in self.exchange.server.market.listings if code.startswith("KRW-")]
        more = [f"KRW-ZZ{number}" for number in range(MARKETS - len(listed))]
        for code in more:
            self.exchange.list_market(code, 1_000.0 + len(code))
        codes = [*listed, *more]
        table = MarketTable(favourites=Favourites(codes=[CODE]))
        self.show(table, 520, 900, *(Topic("ticker", code) for code in codes))
        view = table.findChild(FlatTable)
        assert view is not None
        viewport, model = view.viewport(), view.model()
        assert viewport is not None
        assert model is not None
        assert model.rowCount() == MARKETS
        until(lambda: bool(model.index(MARKETS - 1, 2).data()), "rows")
        view.sort_again()
        order = [str(model.index(row, 1).data(Qt.ItemDataRole.UserRole)) for row in range(MARKETS)]
        seen = view.rowAt(viewport.height() - 1) + 1
        step = MARKETS // CHANGING
        turn = 0

        def spread() -> list[Letter]:
            nonlocal turn
            turn += 1
            return self.frames.tickers(order[turn % step :: step])

        yield Scene(f"MarketTable, {MARKETS} rows, {CHANGING} change", spread)
        rest = order[seen:]
        others = rest[:: len(rest) // (CHANGING - seen)][: CHANGING - seen]
        yield Scene(
            f"MarketTable, {MARKETS} rows, {CHANGING} change, with all {seen} that are seen",
            lambda: self.frames.tickers(order[:seen] + others),
        )

    def book(self) -> Iterator[Scene]:
        for height in (1400, 700):
            book = OrderbookWidget(CODE)
            self.show(book, 460, height, Topic("orderbook", CODE, 0.0))
            view = book.findChild(QTableView)
            assert view is not None
            viewport = view.viewport()
            assert viewport is not None
            seen = view.rowAt(viewport.height() - 1) - view.rowAt(0) + 1
            yield Scene(f"OrderbookWidget, full book, {seen} rows seen", lambda: self.frames.book(CODE))
            book.close()
            book.deleteLater()

    def chart(self) -> Iterator[Scene]:
        chart = CandleChartWidget(CODE)
        self.show(chart, 900, 600, Topic("candle.1m", CODE))
        until(lambda: chart.candle_count >= 200, "candles")
        yield Scene("CandleChartWidget, tick, 120 of 200 candles seen", lambda: self.frames.candle(CODE, "1m"))
        canvas = chart.findChild(ChartCanvas)
        assert canvas is not None
        end = canvas.seen[1]
        canvas.getItem(0, 0).setXRange(end - 204, end, padding=0)
        until(lambda: chart.candle_count >= 400, "older candles")
        yield Scene("CandleChartWidget, tick, 200 candles seen", lambda: self.frames.candle(CODE, "1m"))

    def ticker(self) -> Iterator[Scene]:
        self.show(TickerWidget(CODE), 420, 200, Topic("ticker", CODE))
        yield Scene("TickerWidget", lambda: self.frames.tickers([CODE]))

    def strip(self) -> Iterator[Scene]:
        codes = [code for code in self.exchange.server.market.listings if code.startswith("KRW-")][:STRIP]
        strip = TickerStrip()
        strip.markets = codes
        strip.speed = 0
        self.show(strip, 1400, 32, *(Topic("ticker", code) for code in codes))
        yield Scene(f"TickerStrip, {STRIP} markets", lambda: self.frames.tickers(codes))

    def depth(self) -> Iterator[Scene]:
        self.show(DepthChartWidget(CODE), 700, 400, Topic("orderbook", CODE, 0.0))
        yield Scene("DepthChartWidget, full book", lambda: self.frames.book(CODE))

    def trades(self) -> Iterator[Scene]:
        self.show(TradesWidget(CODE), 460, 700, Topic("trade", CODE))
        yield Scene(f"TradesWidget, {TRADES} trades", lambda: self.frames.trades(CODE, TRADES))

    def measure(self, scene: Scene, seconds: float) -> float:
        """Return the median of the costs of a frame, in ms."""
        route, paint = self.manager.registry.router.route, QCoreApplication.processEvents

        def show() -> bool:
            route(scene.frame(), time.monotonic())
            paint()
            return watch.seen > 0

        watch = PaintWatch(self.shown)
        until(show, f"{scene.name} to be painted")
        watch.seen = 0
        for _ in range(_LEAST_FRAMES):
            show()
        watch.stop()
        assert watch.seen >= _LEAST_FRAMES, f"{scene.name} was painted {watch.seen} times in {_LEAST_FRAMES} frames"
        found: list[float] = []
        ends = time.perf_counter() + seconds
        while len(found) < _LEAST_FRAMES or time.perf_counter() < ends:
            letters = scene.frame()
            paint()
            began = time.perf_counter()
            route(letters, time.monotonic())
            paint()
            found.append(time.perf_counter() - began)
        return statistics.median(found) * 1000


CASES: Final = ("table", "book", "chart", "ticker", "strip", "trades", "depth")


def main(seconds: float, names: list[str]) -> None:
    application = QApplication(["widgets"])
    found: dict[str, float] = {}
    with SimulatedExchange(seed=7, rate=0, options=SimulatorOptions(snapshot_delays=(0.0, 0.0))) as exchange:
        bench = Bench(exchange)
        for name in names or CASES:
            for scene in getattr(bench, name)():
                found[scene.name] = bench.measure(scene, seconds)
        print(json.dumps(found, ensure_ascii=False), flush=True)
        bench.manager.shutdown()
    del application


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])

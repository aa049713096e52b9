"""How one window with all widgets lives on a busy market: `python -m benchmarks.widget_window --seconds N`.

A simulated exchange in a process of its own trades; the window shows all widgets at once, for one market and for all
that are quoted in KRW. Written are a line of JSON with the load, how late a timer of 5 ms in the GUI thread is, what
the process costs, and what the exchange sees of it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import QCoreApplication, QEvent, QEventLoop, QSettings, QTimer
from PyQt6.QtWidgets import QApplication, QGridLayout, QWidget

from benchmarks.stage import Heartbeat, percentiles
from upbit_qt_widgets import (
    CandleChartWidget,
    ConnectionBadge,
    DepthChartWidget,
    Favourites,
    HealthPanel,
    MarketTable,
    MyAssetsWidget,
    MyOrdersWidget,
    OrderbookWidget,
    TickerStrip,
    TickerWidget,
    TradesWidget,
)
from upbit_qt_ws import GlobalWebSocketManager, SubscriptionState, WebSocketConfig
from upbit_qt_ws.system.environment import environment_without_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CODE: Final = "KRW-BTC"
STRIP: Final = [f"KRW-{base}" for base in ("BTC", "ETH", "XRP", "SOL", "DOGE", "ADA", "TRX", "AVAX", "LINK", "DOT")]
MESSAGES: Final = 2_000
TRADES: Final = 1_920.0
"""Trades a second on all markets of the exchange of which as many messages reach the window."""
_LONGEST_WAIT: Final = 30.0


class Window(QWidget):
    """All widgets, as a trader's screen has them."""

    def __init__(self, manager: GlobalWebSocketManager) -> None:
        super().__init__()
        strip, table = TickerStrip(manager=manager), MarketTable(favourites=Favourites(codes=[CODE]), manager=manager)
        strip.markets = STRIP
        self.live = [
            strip,
            table,
            TickerWidget(CODE, manager=manager),
            CandleChartWidget(CODE, manager=manager),
            DepthChartWidget(CODE, manager=manager),
            OrderbookWidget(CODE, manager=manager),
            TradesWidget(CODE, manager=manager),
        ]
        self.account = [MyOrdersWidget(manager=manager), MyAssetsWidget(manager=manager)]
        health = [ConnectionBadge(manager=manager), HealthPanel(manager=manager)]
        layout = QGridLayout(self)
        _, _, ticker, chart, depth, book, trades = self.live
        for widget, *place in (
            (strip, 0, 0, 1, 4),
            (table, 1, 0, 3, 1),
            (ticker, 1, 1, 1, 1),
            (chart, 2, 1, 1, 1),
            (depth, 3, 1, 1, 1),
            (book, 1, 2, 3, 1),
            (trades, 1, 3, 2, 1),
            (health[1], 3, 3, 1, 1),
            (self.account[0], 4, 0, 1, 2),
            (self.account[1], 4, 2, 1, 2),
            (health[0], 5, 0, 1, 4),
        ):
            layout.addWidget(widget, *place)
        layout.setColumnStretch(1, 1)
        layout.setRowStretch(2, 3)
        layout.setRowStretch(3, 2)
        self.resize(1900, 1200)

    @property
    def is_live(self) -> bool:
        """Whether every widget of markets has data, and those of the account have the right to have some."""
        return all(widget.state is SubscriptionState.LIVE for widget in (*self.live, *self.account))


def measure(exchange: subprocess.Popen[str], manager: GlobalWebSocketManager, seconds: float) -> dict[str, Any]:
    """Let the window live for a while, and return what was found."""
    router = manager.registry.router
    before, frames = look(exchange), router.frames
    heartbeat, cpu, began = Heartbeat(), time.process_time(), time.perf_counter()
    live_for(seconds)
    took, cpu, late = time.perf_counter() - began, time.process_time() - cpu, percentiles(heartbeat.late)
    frames, after = router.frames - frames, look(exchange)
    return {
        "messages_per_s": (sum(after["public"]) - sum(before["public"])) / took,
        "frames_per_s": frames / took,
        "frame_rate": manager.frame_rate,
        "late_p50_ms": late[0],
        "late_p99_ms": late[1],
        "cpu_percent": 100 * cpu / took,
        "public_sockets": len(after["public"]),
        "private_sockets": len(after["private"]),
        "topics": after["topics"],
    }


def live_for(seconds: float) -> None:
    """Run the event loop."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def until(condition: Callable[[], bool], what: str) -> None:
    """Let the window live until something is so."""
    ends = time.monotonic() + _LONGEST_WAIT
    while not condition():
        live_for(0.02)
        if time.monotonic() > ends:
            raise TimeoutError(f"waited in vain for {what}")


def look(exchange: subprocess.Popen[str]) -> dict[str, Any]:
    """Ask the exchange what it sees."""
    assert exchange.stdin is not None
    assert exchange.stdout is not None
    exchange.stdin.write("\n")
    exchange.stdin.flush()
    seen: dict[str, Any] = json.loads(exchange.stdout.readline())
    return seen


@contextmanager
def running_exchange(rate: float) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-m", "benchmarks.widget_exchange", "--rate", str(rate)]
    pipe, environment = subprocess.PIPE, environment_without_keys()
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as exchange:
        assert exchange.stdin is not None
        assert exchange.stdout is not None
        yield exchange, json.loads(exchange.stdout.readline())
        exchange.stdin.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.widget_window")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--warm-up", type=float, default=3.0)
    parser.add_argument("--rate", type=float, default=TRADES, help="trades a second on the whole exchange")
    options = parser.parse_args()
    application = QApplication(["widgets"])
    with tempfile.TemporaryDirectory() as folder, running_exchange(options.rate) as (exchange, addresses):
        # What whoever works here has starred is not touched.
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, folder)
        # Not to wait for long until the exchange sees that nothing is wanted any more.
        manager = GlobalWebSocketManager(WebSocketConfig(**addresses, linger_s=0.2, reopen_grace_s=0.1))
        window = Window(manager)
        window.show()
        until(lambda: window.is_live, "the window to be live")
        live_for(options.warm_up)
        found = measure(exchange, manager, options.seconds)
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        until(lambda: look(exchange)["topics"] == 0, "the exchange to hold nothing any more")
        manager.shutdown()
    print(json.dumps(found), flush=True)
    del application


if __name__ == "__main__":
    main()

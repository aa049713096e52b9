"""How long a click waits in a busy window: `python benchmarks/clicks.py [--seconds N] [--rate TRADES]`.

A simulated exchange in a process of its own floods a window of 50 panels. In three runs one more component does nothing
harmful, sleeps 100 ms a second in an async callback, or blocks the window for 100 ms a second in a plain one. Meanwhile
clicks are posted to a button from another thread. Run it under a real display or a virtual one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import qasync
from PyQt6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QGridLayout, QLabel, QPushButton, QWidget

from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, WebSocketConfig
from upbit_qt_ws.system.environment import environment_without_keys

if TYPE_CHECKING:
    from upbit_qt_ws import Event, TickerEvent, TradeEvent

PANELS = 50
CODES = [f"KRW-{base}" for base in ("BTC", "ETH", "XRP", "SOL", "DOGE", "ADA", "TRX", "AVAX", "LINK", "DOT")]


class Panel(QLabel):
    """Shows a price and the last trade."""

    def __init__(self, manager: GlobalWebSocketManager, code: str) -> None:
        super().__init__(code)
        self.frames = 0
        self.proxy = QtWebSocketProxy(parent=self, manager=manager)
        self.proxy.ticker_received.connect(self.show_price)
        self.proxy.trade_received.connect(self.note_trade)
        self.proxy.batch_received.connect(self.count_frame)
        self.subscriptions = (self.proxy.subscribe_ticker(code), self.proxy.subscribe_trade(code))
        self.last = ""

    def show_price(self, event: TickerEvent) -> None:
        self.setText(f"{event.code} {event.trade_price:,.0f} {self.last}")

    def note_trade(self, event: TradeEvent) -> None:
        self.last = f"{event.trade_volume:.4f}"

    def count_frame(self, _events: object) -> None:
        self.frames += 1


class Clicker:
    """Posts clicks to a button from another thread, and measures when they are handled."""

    def __init__(self, button: QPushButton) -> None:
        self.latencies: list[float] = []
        self._button = button
        self._posted = 0.0
        self._handled = threading.Event()
        self._stop = threading.Event()
        button.clicked.connect(self._on_clicked)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _on_clicked(self) -> None:
        self.latencies.append(time.perf_counter() - self._posted)
        self._handled.set()

    def _run(self) -> None:
        where = QPointF(self._button.rect().center())
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        while not self._stop.wait(random.uniform(0.01, 0.05)):
            self._handled.clear()
            self._posted = time.perf_counter()
            for kind, held in ((QEvent.Type.MouseButtonPress, left), (QEvent.Type.MouseButtonRelease, none)):
                event = QMouseEvent(kind, where, where, left, held, Qt.KeyboardModifier.NoModifier)
                QCoreApplication.postEvent(self._button, event)
            self._handled.wait(5.0)


def disturb(proxy: QtWebSocketProxy, mode: str) -> None:
    """Have a callback of this proxy take 100 ms once a second."""
    due = time.monotonic()

    def is_due() -> bool:
        nonlocal due
        if time.monotonic() < due:
            return False
        due = time.monotonic() + 1.0
        return True

    def block(_event: Event) -> None:
        if is_due():
            time.sleep(0.1)

    async def wait(_event: Event) -> None:
        if is_due():
            await asyncio.sleep(0.1)

    if mode != "none":
        proxy.subscribe_ticker(CODES, block if mode == "plain" else wait)


async def measure(addresses: dict[str, str], mode: str, seconds: float) -> dict[str, Any]:
    config = WebSocketConfig(public_url=addresses["websocket"], rest_url=addresses["rest"])
    manager = GlobalWebSocketManager(config)
    window = QWidget()
    layout = QGridLayout(window)
    panels = [Panel(manager, CODES[number % len(CODES)]) for number in range(PANELS)]
    for number, panel in enumerate(panels):
        layout.addWidget(panel, number // 5, number % 5)
    button = QPushButton("click")
    layout.addWidget(button)
    disturber = QtWebSocketProxy("disturber", parent=window, manager=manager)
    window.show()
    for panel in panels:
        for subscription in panel.subscriptions:
            await subscription
    disturb(disturber, mode)
    await asyncio.sleep(2.0)
    frames, began = sum(panel.frames for panel in panels), time.monotonic()
    before = (await _frames_in(manager), manager.account)
    clicker = Clicker(button)
    await asyncio.sleep(seconds)
    clicker.stop()
    took = time.monotonic() - began
    received = await _frames_in(manager) - before[0]
    latencies = sorted(clicker.latencies)
    result = {
        "callback": mode,
        "messages_per_s": round(received / took),
        "events_per_s": round((manager.account.received - before[1].received) / took),
        "frames_per_s_of_a_panel": round((sum(panel.frames for panel in panels) - frames) / PANELS / took, 1),
        "frame_rate": manager.frame_rate,
        "clicks": len(latencies),
        **{f"click_{name}_ms": round(_percentile(latencies, share) * 1000, 1) for name, share in PERCENTILES.items()},
    }
    await manager.shutdown()
    window.close()
    window.deleteLater()
    return result


PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


def _percentile(ranked: list[float], share: float) -> float:
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else float("nan")


async def _frames_in(manager: GlobalWebSocketManager) -> int:
    await manager.get_health_status()
    return manager.link("public").frames


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=3500.0, help="trades a second; about three messages each")
    options = parser.parse_args()
    application = QApplication([])
    application.setQuitOnLastWindowClosed(False)
    command = [sys.executable, "-m", "upbit_qt_ws.cli", "mock", "--rate", str(options.rate), "--exit-with-parent"]
    pipe, environment = subprocess.PIPE, environment_without_keys()
    with subprocess.Popen([*command, "--quiet"], stdin=pipe, stdout=pipe, text=True, env=environment) as exchange:
        assert exchange.stdout is not None
        assert exchange.stdin is not None
        addresses = json.loads(exchange.stdout.readline())
        with qasync.QEventLoop(application, already_running=False) as loop:
            for mode in ("none", "async", "plain"):
                print(json.dumps(loop.run_until_complete(measure(addresses, mode, options.seconds))), flush=True)
        exchange.stdin.close()


if __name__ == "__main__":
    main()

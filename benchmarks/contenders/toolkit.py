"""This toolkit: one proxy, and the frame's events into the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.feed_time import age_of
from benchmarks.stage import Stage
from benchmarks.table import Quote
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, TickerEvent, WebSocketConfig

if TYPE_CHECKING:
    from upbit_qt_ws import Event


class ToolkitStage(Stage):
    def __init__(self) -> None:
        super().__init__()
        config = WebSocketConfig(public_url=self.job["url"], rest_url=self.job["rest"], **self.job.get("config", {}))
        self.manager = GlobalWebSocketManager(config)
        self.proxy = QtWebSocketProxy(parent=self.table, manager=self.manager)
        self.proxy.batch_received.connect(self.show_batch)
        if self.job.get("latency"):
            self.proxy.ticker_received.connect(self.note_latency)
        self.prices = self.proxy.subscribe_ticker(self.codes)

    def show_batch(self, events: tuple[Event, ...]) -> None:
        self.show_all(
            [
                Quote(
                    event.code,
                    event.trade_price,
                    event.signed_change_rate or 0.0,
                    event.opening_price or 0.0,
                    event.high_price or 0.0,
                    event.low_price or 0.0,
                    event.prev_closing_price or 0.0,
                    event.highest_52_week_price or 0.0,
                )
                for event in events
                if isinstance(event, TickerEvent)
            ]
        )

    def note_latency(self, event: TickerEvent) -> None:
        age = age_of(event.trade_timestamp)
        if age is not None:
            self.latencies.append(age)

    def counted(self) -> int:
        return self.prices.account.received


if __name__ == "__main__":
    stage = ToolkitStage()
    stage.app.exec()

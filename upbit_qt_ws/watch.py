"""What ``upbit-qt watch`` does: the merged stream of some markets in a terminal, as lines or as JSON."""

from __future__ import annotations

import signal
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from PyQt6.QtCore import QCoreApplication, QObject, QTimer, pyqtSlot

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.events import (
    AnnouncementEvent,
    CandleEvent,
    Event,
    MyAssetEvent,
    MyOrderEvent,
    OrderbookEvent,
    Record,
    Source,
    TickerEvent,
    TradeEvent,
)
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.health.status import LinkState
from upbit_qt_ws.manager import GlobalWebSocketManager
from upbit_qt_ws.proxy import QtWebSocketProxy
from upbit_qt_ws.system.output import Output, complain
from upbit_qt_ws.system.repeats import Repeats
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.health.status import LinkStatus
    from upbit_qt_ws.subscription import Subscription

_KST: Final = timezone(timedelta(hours=9), "KST")
_LONGEST_WORDS: Final = 120
"""Most characters of what the exchange says that stand in a line for people."""
_SIGNAL_MILLISECONDS: Final = 200
"""Python handles Ctrl-C between two of its own instructions, and while Qt waits there are none."""

TYPES: Final = ("ticker", "trade", "orderbook", "candle.INTERVAL", "myOrder", "myAsset", "announcement")
"""What may be watched, for the help."""


class Watcher(QObject):
    """Subscribes, and writes each event that comes.

    Args:
        config: addresses and keys.
        kinds: event types; ``candle.1m`` and its like for candles.
        codes: markets; not needed for private types.
        as_json: write one JSON object a line instead of a text for people.
        output: where to; once nobody reads it any more, the application ends.

    Raises:
        SubscriptionError: a code or a type is misspelt.
    """

    def __init__(
        self, config: WebSocketConfig, kinds: Iterable[str], codes: tuple[str, ...], *, as_json: bool, output: Output
    ) -> None:
        """Make the manager and subscribe."""
        super().__init__()
        self._as_json = as_json
        self._output = output
        self._troubles: dict[str, Repeats] = {}
        self.manager = GlobalWebSocketManager(config)
        self._proxy = QtWebSocketProxy("watch", parent=self, manager=self.manager)
        self._proxy.batch_received.connect(self._write_batch)
        self._proxy.error_occurred.connect(self._complain)
        self.manager.link_changed.connect(self._tell_link)
        try:
            self.subscriptions = [self._subscribe(kind, codes) for kind in kinds]
        except SubscriptionError:
            self.manager.shutdown()
            raise

    def _subscribe(self, kind: str, codes: tuple[str, ...]) -> Subscription:
        proxy = self._proxy
        if kind.startswith("candle."):
            return proxy.subscribe_candle(codes, kind.removeprefix("candle."))
        known: dict[str, Callable[[], Subscription]] = {
            "ticker": partial(proxy.subscribe_ticker, codes),
            "trade": partial(proxy.subscribe_trade, codes),
            "orderbook": partial(proxy.subscribe_orderbook, codes),
            "myOrder": partial(proxy.subscribe_my_order, codes),
            "myAsset": proxy.subscribe_my_asset,
            "announcement": proxy.subscribe_announcement,
        }
        if kind not in known:
            raise SubscriptionError(f"type {kind!r} cannot be watched: choose of {', '.join(TYPES)}")
        return known[kind]()

    @pyqtSlot(object)
    @guarded
    def _write_batch(self, events: tuple[Event, ...]) -> None:
        if not self._output.is_open:
            return
        lines = "".join(f"{json_line(event) if self._as_json else text_line(event)}\n" for event in events)
        write = self._output.write_json if self._as_json else self._output.write
        if not write(lines):
            # Whoever read this, `head` for example, has had enough, or the disk is full.
            QCoreApplication.quit()

    @pyqtSlot(object)
    @guarded
    def _complain(self, error: Exception) -> None:
        complain(f"upbit-qt: {one_line(str(error))}")

    @pyqtSlot(str, object)
    @guarded
    def _tell_link(self, name: str, status: LinkStatus) -> None:
        troubles = self._troubles.setdefault(name, Repeats())
        if not status.reason:
            if status.state is LinkState.CONNECTED:
                troubles.worked(time.monotonic())
            return
        words = f"{name} link {status.state.value}: {status.reason}"
        line = troubles.complain(words, time.monotonic(), kind=status.reason)
        if line is not None:
            complain(f"upbit-qt: {line}")


def watch(
    config: WebSocketConfig, kinds: Iterable[str], codes: tuple[str, ...], *, as_json: bool, seconds: float | None
) -> int:
    """Write the stream to standard output until Ctrl-C, or for some time; return the exit code.

    Raises:
        SubscriptionError: a code or a type is misspelt.
    """
    application = QCoreApplication.instance() or QCoreApplication(sys.argv[:1])
    watcher = Watcher(config, kinds, codes, as_json=as_json, output=Output())
    ticking = QTimer()
    ticking.timeout.connect(_nothing)
    ticking.start(_SIGNAL_MILLISECONDS)
    previous = signal.signal(signal.SIGINT, lambda *_: QCoreApplication.quit())
    if seconds is not None:
        QTimer.singleShot(round(seconds * 1000), application.quit)
    try:
        application.exec()
    finally:
        signal.signal(signal.SIGINT, previous)
        ticking.stop()
        watcher.manager.shutdown()
    return 0


def _nothing() -> None:
    """Give Python an instruction to run."""


def json_line(event: Event) -> str:
    """Return an event as one line of JSON: Upbit's full field names, ``epoch``, ``source`` and its age in seconds."""
    fields = _fields(event) | {"age_s": round(event.age(), 6)}
    del fields["received_ns"]
    return msgspec.json.encode(fields).decode()


def _fields(record: Record) -> dict[str, Any]:
    """Return a record's fields by their full names, whichever format it was decoded from."""
    return {name: _plain(getattr(record, name)) for name in record.__struct_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return _fields(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def text_line(event: Event) -> str:
    """Return an event as one line for people: time in KST, type, market, and what matters of it."""
    code = _word(getattr(event, "code", ""))
    head = f"{_time_text(event.timestamp)} {_word(event.type):<12} {code:<12}"
    marks = {Source.CACHE: " (cache)", Source.REST: " (REST)"}.get(event.source, "")
    return f"{head} {_summary(event)}{marks}".rstrip()


def _time_text(milliseconds: int) -> str:
    """Return the time of day in KST of a moment in ms since 1970; dashes for one that no calendar has."""
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(_KST)
    except (ValueError, OverflowError, OSError):
        return "--:--:--.---"
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}"


def _word(value: object) -> str:
    """Return a word or a sentence of the exchange as it may stand in a line of a terminal."""
    return one_line(str(value), _LONGEST_WORDS)


def _summary(event: Event) -> str:
    match event:
        case TickerEvent():
            rate = event.signed_change_rate
            change = "" if rate is None else f" {'▲' if rate > 0 else '▼' if rate < 0 else '-'} {rate * 100:+.2f}%"
            return f"{_number(event.trade_price)}{change}"
        case TradeEvent():
            return f"{event.ask_bid.value} {_number(event.trade_volume)} @ {_number(event.trade_price)}"
        case OrderbookEvent() if event.orderbook_units:
            best = event.orderbook_units[0]
            bid, ask = f"{_number(best.bid_price)} ({_number(best.bid_size)})", f"{_number(best.ask_price)}"
            return f"bid {bid} ask {ask} ({_number(best.ask_size)}) {len(event.orderbook_units)} levels"
        case CandleEvent():
            prices = " ".join(_number(price) for price in (event.open, event.high, event.low, event.close))
            return f"{_word(event.candle_date_time_utc)} UTC o/h/l/c {prices}"
        case MyOrderEvent():
            what = f"{_word(event.state)} {event.ask_bid.value}"
            return f"{what} {event.volume} @ {event.price} {_word(event.uuid)}"
        case MyAssetEvent():
            held = (f"{_word(asset.currency)} {asset.balance} (+{asset.locked} locked)" for asset in event.assets)
            return ", ".join(held)
        case AnnouncementEvent():
            return f"{_word(event.event_type)} [{_word(event.category)}] {_word(event.title)}"
    return ""


def _number(value: float) -> str:
    """Return a number without exponent and without trailing zeros; eight digits are the finest that Upbit has."""
    whole, _, part = f"{value:,.8f}".partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part}" if part else whole

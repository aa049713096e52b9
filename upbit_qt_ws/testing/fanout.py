"""From an event of the market to the connections that stream it: encoded once per format, written together."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

from upbit_qt_ws.testing.book import BookView, grouped
from upbit_qt_ws.testing.candles import WEBSOCKET_INTERVALS
from upbit_qt_ws.testing.encode import Encoder, encoders
from upbit_qt_ws.testing.frames import Frame, StreamFormat, frame_of
from upbit_qt_ws.testing.starvation import Starvation
from upbit_qt_ws.testing.streams import Stream, TopicKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from upbit_qt_ws.testing.exchange import SimulatedMarket
    from upbit_qt_ws.testing.market import Market
    from upbit_qt_ws.testing.options import SimulatorOptions
    from upbit_qt_ws.testing.sessions import Session
    from upbit_qt_ws.testing.trade import Trade

_Receivers = dict[StreamFormat, dict["Session", None]]


class Fanout:
    """Listens to the market and knows who streams what. Lives in the loop of the server.

    Attributes:
        silenced: codes that send nothing although they exist.
        starvation: connections that get nothing of what they are said to be sent.
        captured: per (type, code) that a capture plays: makes a frame's text of its newest event, given the
            format, the depth and the stream type. The market itself is silent about them.
    """

    def __init__(self, market: SimulatedMarket, options: SimulatorOptions) -> None:
        """Attach to ``market`` as its listener."""
        self._market = market
        self._options = options
        self._encoders = encoders(spelling=options.number_spelling, with_level=options.has_level)
        self._topics: dict[TopicKey, _Receivers] = {}
        self._books: dict[str, set[TopicKey]] = {}
        self._dirty: dict[Session, None] = {}
        self._flushing = False
        self._rng = Random(0)
        self._held: dict[str, tuple[Market, Trade]] = {}
        self.silenced: set[str] = set()
        self.starvation = Starvation()
        self.captured: dict[tuple[str, str], Callable[[StreamFormat, int, str], str]] = {}
        market.listener = self

    def add(self, session: Session, key: TopicKey) -> None:
        """Send the real-time frames of ``key`` to ``session`` from now on."""
        session.topics.add(key)
        self._topics.setdefault(key, {}).setdefault(session.format, {})[session] = None
        if key.type == "orderbook":
            self._books.setdefault(key.code, set()).add(key)
            if key.code in self._market.listings:
                self._market.watch(key.code)

    def remove(self, session: Session, key: TopicKey) -> None:
        """Send ``session`` no more real-time frames of ``key``."""
        if key in session.topics:
            session.topics.discard(key)
            self._forget(session, key)

    def remove_all(self, session: Session) -> None:
        """Send ``session`` no more real-time frames."""
        for key in session.topics:
            self._forget(session, key)
        session.topics.clear()

    def reformat(self, session: Session, form: StreamFormat) -> None:
        """Go on with the streams of ``session`` in another format."""
        topics = set(session.topics)
        self.remove_all(session)
        session.format = form
        for key in topics:
            self.add(session, key)

    def discard(self, session: Session) -> None:
        """Forget a connection that has ended."""
        self.remove_all(session)
        self.starvation.discard(session)
        self._dirty.pop(session, None)

    def knows(self, code: str) -> bool:
        """Tell whether the exchange lists ``code``, or a capture plays it."""
        return code in self._market.listings or any(played == code for _, played in self.captured)

    def is_served(self, key: TopicKey) -> bool:
        """Tell whether the exchange sends anything for ``key``; if not, it is silent about it."""
        if key.code in self.silenced:
            return False
        if (key.type, key.code) in self.captured:
            return True
        if key.code not in self._market.listings:
            return False
        return key.level == 0 or key.level in self._market.market(key.code).levels

    def is_fed(self, session: Session, key: TopicKey) -> bool:
        """Tell whether the exchange sends anything for ``key`` to this connection."""
        starves = self.starvation.is_felt and self.starvation.starves(session, key.type, key.code)
        return not starves and self.is_served(key)

    def snapshot(self, stream: Stream, form: StreamFormat) -> Frame:
        """Return the snapshot of a served topic."""
        key = stream.key
        encoder = self._encoders[form]
        play = self.captured.get((key.type, key.code))
        if play is not None:
            return frame_of(play(form, key.units, "SNAPSHOT"), form)
        market, now = self._market.market(key.code), self._market.now_ms
        if key.type == "ticker":
            text = encoder.ticker(market, market.last_trade(), now, "SNAPSHOT")
        elif key.type == "trade":
            text = encoder.trade(market, market.last_trade(), now, "SNAPSHOT")
        elif key.type == "orderbook":
            text = self._book_text(encoder, key, grouped(market.display.shown(now), key.level), "SNAPSHOT")
        else:
            interval = key.type.removeprefix("candle.")
            text = encoder.candle(market, interval, market.newest_candle(interval), "SNAPSHOT")
        return frame_of(text, form)

    def deliver(self, session: Session, frame: Frame, event_type: str, code: str) -> None:
        """Queue one data frame for one connection, unless that is starved of its type and code."""
        if self.starvation.is_felt and self.starvation.starves(session, event_type, code):
            return
        if not session.ended and session.accept(frame):
            self._wake(session)

    def control(self, session: Session, text: str) -> None:
        """Queue an error, status or reply, which no rule about data holds back."""
        form = session.format if self._options.wrap_control_frames else StreamFormat.DEFAULT
        session.waiting.append(frame_of(text, form))
        self._wake(session)

    def account_event(self, event_type: str, code: str, event: Mapping[str, Any]) -> None:
        """Send a myOrder or myAsset event to those who stream its code, and to those who stream all codes."""
        for wanted in ("", code) if code else ("",):
            self._emit(TopicKey(event_type, wanted), lambda encoder: encoder.account_event(event_type, event))

    def send_event(self, session: Session, event_type: str, event: Mapping[str, Any]) -> None:
        """Send one connection an event given with its full field names."""
        encoder = self._encoders[session.format]
        frame = frame_of(encoder.account_event(event_type, event), session.format)
        self.deliver(session, frame, event_type, event.get("code", ""))

    def emit_captured(self, event_type: str, code: str) -> None:
        """Send the newest event of a captured stream to those who stream it."""
        play = self.captured[event_type, code]
        keys = self._books.get(code, ()) if event_type == "orderbook" else (TopicKey(event_type, code),)
        for key in keys:
            for form, sessions in self._topics.get(key, {}).items():
                frame = frame_of(play(form, key.units, "REALTIME"), form)
                for session in tuple(sessions):
                    self.deliver(session, frame, event_type, code)

    def traded(self, market: Market, trade: Trade) -> None:
        """Send the ticker and the trade."""
        code = market.code
        now = self._market.now_ms
        if self._topics.get(TopicKey("ticker", code)):
            self._emit_market("ticker", code, lambda encoder: encoder.ticker(market, trade, now, "REALTIME"))
        if not self._topics.get(TopicKey("trade", code)):
            return
        held = self._held.pop(code, None)
        if held is None and self._options.reorder and self._rng.random() < self._options.reorder:
            self._held[code] = (market, trade)
            return
        self._send_trade(market, trade)
        if held is not None:
            self._send_trade(*held)

    def tell(self, code: str) -> None:
        """Send the ticker although nothing was traded."""
        market, now = self._market.market(code), self._market.now_ms
        trade = market.last_trade()
        self._emit_market("ticker", code, lambda encoder: encoder.ticker(market, trade, now, "REALTIME"))

    def book_shown(self, market: Market, view: BookView) -> None:
        """Send the book in every level and depth that is streamed."""
        views: dict[int, BookView] = {0: view}
        for key in self._books.get(market.code, ()):
            shown = views.get(key.level)
            if shown is None:
                shown = views[key.level] = grouped(view, key.level)
            self._emit_book(key, shown)

    def second_passed(self, markets: list[Market], second_ms: int) -> None:
        """Send the candles that the trades of the last second changed."""
        for held in tuple(self._held.values()):
            self._send_trade(*held)
        self._held.clear()
        for market in markets:
            for interval in WEBSOCKET_INTERVALS:
                if self._topics.get(TopicKey(f"candle.{interval}", market.code)):
                    self._emit_candle(market, interval)

    def flush(self) -> None:
        """Write everything that waits; cut connections that do not read."""
        self._flushing = False
        dirty, self._dirty = self._dirty, {}
        for session in dirty:
            session.write()
            if session.unread > self._options.send_buffer_limit:
                session.cut()

    def repeat_trades(self, count: int) -> None:
        """Send the newest ``count`` trades of each streamed market once more."""
        for code in sorted(key.code for key in self._topics if key.type == "trade" and self.knows(key.code)):
            market = self._market.market(code)
            for trade in tuple(market.live_trades)[-count:]:
                self._send_trade(market, trade)

    def _send_trade(self, market: Market, trade: Trade) -> None:
        now = self._market.now_ms
        self._emit_market("trade", market.code, lambda encoder: encoder.trade(market, trade, now, "REALTIME"))

    def _emit_candle(self, market: Market, interval: str) -> None:
        bar = market.newest_candle(interval)
        self._emit_market(
            f"candle.{interval}", market.code, lambda encoder: encoder.candle(market, interval, bar, "REALTIME")
        )

    def _emit_book(self, key: TopicKey, view: BookView) -> None:
        if ("orderbook", key.code) not in self.captured and key.code not in self.silenced:
            self._emit(key, lambda encoder: self._book_text(encoder, key, view, "REALTIME"))

    def _emit_market(self, event_type: str, code: str, text: Callable[[Encoder], str]) -> None:
        if (event_type, code) not in self.captured and code not in self.silenced:
            self._emit(TopicKey(event_type, code), text)

    def _emit(self, key: TopicKey, text: Callable[[Encoder], str]) -> None:
        for form, sessions in self._topics.get(key, {}).items():
            frame = frame_of(text(self._encoders[form]), form)
            for session in sessions:
                self.deliver(session, frame, key.type, key.code)

    @staticmethod
    def _book_text(encoder: Encoder, key: TopicKey, view: BookView, stream_type: str) -> str:
        return encoder.orderbook(key.code, view, key.level, key.units, stream_type)

    def _forget(self, session: Session, key: TopicKey) -> None:
        receivers = self._topics[key]
        sessions = receivers[session.format]
        sessions.pop(session, None)
        if sessions:
            return
        del receivers[session.format]
        if receivers:
            return
        del self._topics[key]
        if key.type == "orderbook":
            keys = self._books[key.code]
            keys.discard(key)
            if not keys:
                del self._books[key.code]
                self._market.watched_books.discard(key.code)

    def _wake(self, session: Session) -> None:
        self._dirty[session] = None
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self.flush)

"""From a frame to the mailbox: decode, check its times, stamp, count. This is the hot path of the network thread."""

from __future__ import annotations

import logging
import time
from time import time as wall_clock
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec.structs import force_setattr

from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.events import Event, OrderbookEvent, Source, StreamType, TickerEvent, TradeEvent
from upbit_qt_ws.health.arrival import ArrivalMeter
from upbit_qt_ws.health.exchange_clock import LEAP_MS
from upbit_qt_ws.system.repeats import Repeats
from upbit_qt_ws.wire.bad_values import BadValues
from upbit_qt_ws.wire.codec import FrameDecoder
from upbit_qt_ws.wire.lenient import excerpt
from upbit_qt_ws.wire.matching import matching_topics
from upbit_qt_ws.wire.replies import MalformedReply, Reply, UnknownReply
from upbit_qt_ws.wire.times import SLACK_MS, UNDER_WAY_MS, settle_times
from upbit_qt_ws.wire.topics import topic_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from upbit_qt_ws.network.streams import TopicStreams
    from upbit_qt_ws.wire.topics import Topic

_log = logging.getLogger(__name__)

_SAMPLE: Final = 16
"""One in so many events is measured: every one would cost a tenth of the whole intake."""


_QUIET: Final = 600.0
"""Bad frames and values are news again when there were none for so long, in seconds."""

_TIMELY: Final = (TickerEvent, TradeEvent, OrderbookEvent)
"""Events whose time is that of what they tell; a candle's may be that of its last trade."""

_HEAR_NS: Final = 1_000_000_000
"""On a quiet socket an event is measured after so long, in ns."""

# To look a member up in its enum takes as long as a comparison.
_WEBSOCKET: Final = Source.WEBSOCKET


class Intake:
    """Takes the frames of one connection after the other and gives their events to the streams.

    Bad frames and bad values are counted, and logged once per kind; they never end the link. Malformed frames are
    logged once a connection, of the first few connections.

    Attributes:
        awaited: topics whose first data must be reported; shared with the reconciler, which changes it.
        last_data_ns: monotonic time of the newest event, None before the first of this connection.
        is_retiring: a newer connection takes over; what it has delivered already is not taken from this one.
        frames, late, malformed, unknown: counters since the start, see :class:`LinkStatus`.
        unknown_fields: field names that this version does not know.
        bad: values that were left out.
        arrival: how old real-time events are when they come.
    """

    def __init__(
        self,
        streams: TopicStreams,
        awaited: set[tuple[str, str, float]],
        arrived: Callable[[tuple[str, str, float], StreamType], None],
        replied: Callable[[Reply], None],
    ) -> None:
        """Keep where events, first arrivals and control replies go."""
        self._streams = streams
        self._clock = streams.clock
        self._arrived = arrived
        self._replied = replied
        self._decoder = FrameDecoder(self._note_bad)
        self._malformed = Repeats(_QUIET)
        self._unknown = Repeats(_QUIET)
        self._refused = Repeats(_QUIET)
        self._epoch = 0
        self.awaited = awaited
        self.is_retiring = False
        self.last_data_ns: int | None = None
        self.frames = self.late = self.malformed = self.unknown = 0
        self.unknown_fields: set[str] = set()
        self.bad = BadValues()
        self.arrival = ArrivalMeter()
        self._until_sample = _SAMPLE
        # An event that is later is looked at closely; renewed with each look at the exchange's clock.
        self._latest = 0
        self._heard_ns = 0

    def begin_epoch(self, epoch: int, *, overlaps: bool = False) -> None:
        """Stamp the events of a new connection from now on, and look at its first frames anew.

        Args:
            epoch: its number.
            overlaps: another connection of the link is still delivering.
        """
        self._epoch = epoch
        self._decoder = FrameDecoder(self._note_bad)
        self.last_data_ns = None
        self._streams.begin_epoch(epoch, overlaps=overlaps)

    def take_over(self, old: Intake) -> None:
        """Go on counting where the intake that this one replaces has stopped."""
        self.frames += old.frames
        self.late += old.late
        self.malformed += old.malformed
        self.unknown += old.unknown
        self.unknown_fields |= old.unknown_fields
        self.bad.add(old.bad.count, old.bad.names)
        self.arrival = old.arrival
        self._malformed, self._unknown, self._refused = old._malformed, old._unknown, old._refused

    def take(self, frames: Sequence[bytes]) -> None:
        """Handle the messages of one read of the current connection; all of them were received now."""
        # The window is woken once they are all there: it shows them in one frame, and does not wait for Python's lock.
        self._streams.begin_batch()
        try:
            self._take(frames, time.monotonic_ns())
        finally:
            self._streams.end_batch()

    def _take(self, frames: Sequence[bytes], now: int) -> None:
        self.frames += len(frames)
        decode, accept = self._decoder.decode, self._accept
        newest: Event | None = None
        for frame in frames:
            try:
                decoded = decode(frame)
                if isinstance(decoded, Event):
                    accept(decoded, now)
                    newest = decoded
                    continue
            except DecodeError as error:
                self._note_malformed(error)
                continue
            for part in decoded if isinstance(decoded, tuple) else (decoded,):
                if isinstance(part, Event):
                    try:
                        accept(part, now)
                    except DecodeError as error:
                        self._note_malformed(error)
                    else:
                        newest = part
                else:
                    self._control(part)
        if newest is not None:
            self._measure(newest, len(frames), now)

    def _accept(self, event: Event, now: int) -> None:
        """Stamp an event and pass it on.

        Raises:
            DecodeError: it is about something that has not happened yet.
        """
        fields: Any = event
        kind, at, topic = fields.type, fields.timestamp, None
        # A time that is missing, or cannot be, would hide the event, or all that comes after it. The topics are those
        # of topic_of: to call it, and another function for the times, would take longer than all this.
        is_timely = 0 < at <= self._latest
        if kind == "ticker":
            topic = (kind, fields.code, 0.0)
            traded = fields.trade_timestamp
            is_timely = is_timely and (traded is None or traded <= at + SLACK_MS)
        elif kind == "orderbook":
            topic = (kind, fields.code, fields.level)
        elif kind == "trade":
            topic = (kind, fields.code, 0.0)
            is_timely = is_timely and 0 < fields.trade_timestamp <= at + SLACK_MS
        elif (topic := topic_of(event)) is not None:
            is_timely = is_timely and fields.start.timestamp() * 1_000 <= at + SLACK_MS
        if not is_timely:
            if topic is not None and topic not in self._streams.kept:
                # It was not asked for on this socket, so what came before it is not known here.
                self.late += 1
                return
            self._settle_times(topic, event, now)
        self.last_data_ns = now
        # The event is frozen for everybody else; nobody has seen it yet.
        force_setattr(event, "epoch", self._epoch)
        force_setattr(event, "received_ns", now)
        if fields.source is not _WEBSOCKET:
            force_setattr(event, "source", _WEBSOCKET)
        if topic is None:
            self._accept_for(matching_topics(event, self._streams.kept), event)
        elif self.awaited or self.is_retiring:
            self._accept_for((topic,), event)
        elif not self._streams.put(topic, event):
            self.late += 1

    def _accept_for(self, topics: Iterable[tuple[str, str, float]], event: Event) -> None:
        """Put an event in that belongs to several topics, or at a time when more has to be looked at."""
        kept = False
        for topic in topics:
            if topic in self.awaited:
                self._arrived(topic, event.stream_type)
                self.unknown_fields |= self._decoder.unknown_fields
            if self.is_retiring and self._streams.is_superseded(topic, self._epoch):
                continue
            kept = self._streams.put(topic, event) or kept
        if not kept:
            self.late += 1

    def _settle_times(self, topic: tuple[str, str, float] | None, event: Event, now: int) -> None:
        """Look at the times of an event closely, which may well be right.

        Raises:
            DecodeError: it is a candle that has not begun yet.
        """
        self._hear(event, now)
        present = self._clock.now_ms(now / 1e9)
        # Not before what was told last, and not after what is under way: whatever comes next would look old.
        newest = None if topic is None else self._streams.newest.get(cast("Topic", topic))
        untold = max(0 if newest is None else newest.timestamp, 0 if present is None else present - UNDER_WAY_MS)
        settle_times(event, present, untold, self._clock.latest_ms(now / 1e9), self._note_bad)

    def _measure(self, event: Event, frames: int, now: int) -> None:
        """Measure how old one in so many events is, and see what the exchange's clock shows."""
        self._until_sample -= frames
        if self._until_sample > 0 and now < self._heard_ns + _HEAR_NS:
            return
        if self._heard_ns != now:
            self._hear(event, now)
        if self._until_sample <= 0 and event.stream_type is StreamType.REALTIME and isinstance(event, _TIMELY):
            self._until_sample = _SAMPLE
            self.arrival.record(event.timestamp, wall_clock(), now / 1e9)

    def _hear(self, event: Event, now: int) -> None:
        if event.timestamp:
            is_fresh = event.stream_type is StreamType.REALTIME and isinstance(event, _TIMELY)
            self._clock.heard(event.timestamp, now / 1e9, is_fresh=is_fresh)
        self._heard_ns = now
        # While the clock is not settled, the time of each event counts: none is taken without a closer look.
        present = self._clock.now_ms(now / 1e9)
        self._latest = present + LEAP_MS if present is not None and self._clock.is_settled else 0

    def _control(self, reply: Reply) -> None:
        if isinstance(reply, UnknownReply):
            self.unknown += 1
            words = f"frames of the unknown type {reply.type!r} are ignored"
            self._complain(self._unknown, reply.type, words)
        elif isinstance(reply, MalformedReply):
            self._note_malformed(reply.reason)
        else:
            self._replied(reply)

    def _note_malformed(self, reason: object) -> None:
        self.malformed += 1
        self._complain(self._malformed, str(self._epoch), f"a malformed frame was ignored: {reason}")

    def _note_bad(self, name: str, value: object) -> None:
        self.bad.note(name)
        self._complain(self._refused, name, f"a value that cannot be was left out: {name} is {excerpt(value)}")

    @staticmethod
    def _complain(repeats: Repeats, kind: str, message: str) -> None:
        line = repeats.complain(message, time.monotonic(), kind=kind)
        if line is not None:
            _log.warning("%s (further ones of this kind are only counted)", line)

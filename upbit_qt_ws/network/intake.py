"""From a frame to the mailbox: decode, stamp, count. This is the hot path of the network thread."""

from __future__ import annotations

import logging
import time
from time import time as wall_clock
from typing import TYPE_CHECKING, Final

from msgspec.structs import force_setattr

from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.events import Event, OrderbookEvent, Source, StreamType, TickerEvent, TradeEvent
from upbit_qt_ws.health.arrival import ArrivalMeter
from upbit_qt_ws.system.repeats import Repeats
from upbit_qt_ws.wire.codec import FrameDecoder
from upbit_qt_ws.wire.matching import matching_topics
from upbit_qt_ws.wire.replies import Reply, UnknownReply
from upbit_qt_ws.wire.topics import topic_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from upbit_qt_ws.network.streams import TopicStreams

_log = logging.getLogger(__name__)

_SAMPLE: Final = 16
"""One in so many events is measured: every one would cost a tenth of the whole intake."""


_QUIET: Final = 600.0
"""Bad frames are news again when there were none for so long, in seconds."""

_TIMELY: Final = (TickerEvent, TradeEvent, OrderbookEvent)
"""Events whose time is that of what they tell; a candle's may be that of its last trade."""


class Intake:
    """Takes the frames of one connection after the other and gives their events to the streams.

    Bad frames are counted, and logged once per kind; they never end the link. Malformed ones are logged once a
    connection, of the first few connections.

    Attributes:
        awaited: topics whose first data must be reported; shared with the reconciler, which changes it.
        last_data_ns: monotonic time of the newest event, None before the first of this connection.
        is_retiring: a newer connection takes over; what it has delivered already is not taken from this one.
        frames, late, malformed, unknown: counters since the start, see :class:`LinkStatus`.
        unknown_fields: field names that this version does not know.
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
        self._arrived = arrived
        self._replied = replied
        self._decoder = FrameDecoder()
        self._malformed = Repeats(_QUIET)
        self._unknown = Repeats(_QUIET)
        self._epoch = 0
        self.awaited = awaited
        self.is_retiring = False
        self.last_data_ns: int | None = None
        self.frames = self.late = self.malformed = self.unknown = 0
        self.unknown_fields: set[str] = set()
        self.arrival = ArrivalMeter()
        self._until_sample = _SAMPLE

    def begin_epoch(self, epoch: int, *, overlaps: bool = False) -> None:
        """Stamp the events of a new connection from now on, and look at its first frames anew.

        Args:
            epoch: its number.
            overlaps: another connection of the link is still delivering.
        """
        self._epoch = epoch
        self._decoder = FrameDecoder()
        self.last_data_ns = None
        self._streams.begin_epoch(epoch, overlaps=overlaps)

    def take_over(self, old: Intake) -> None:
        """Go on counting where the intake that this one replaces has stopped."""
        self.frames += old.frames
        self.late += old.late
        self.malformed += old.malformed
        self.unknown += old.unknown
        self.unknown_fields |= old.unknown_fields
        self.arrival = old.arrival
        self._malformed, self._unknown = old._malformed, old._unknown

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
            except DecodeError as error:
                self.malformed += 1
                self._complain(self._malformed, str(self._epoch), f"a malformed frame was ignored: {error}", now / 1e9)
                continue
            if isinstance(decoded, Event):
                newest = decoded
                accept(decoded, now)
            elif isinstance(decoded, tuple):
                for part in decoded:
                    if isinstance(part, Event):
                        newest = part
                        accept(part, now)
                    else:
                        self._control(part)
            else:
                self._control(decoded)
        if newest is not None:
            self._measure(newest, len(frames), now)

    def _accept(self, event: Event, now: int) -> None:
        self.last_data_ns = now
        # The event is frozen for everybody else; nobody has seen it yet.
        force_setattr(event, "epoch", self._epoch)
        force_setattr(event, "received_ns", now)
        if event.source is not Source.WEBSOCKET:
            force_setattr(event, "source", Source.WEBSOCKET)
        topic = topic_of(event)
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

    def _measure(self, event: Event, frames: int, now: int) -> None:
        """Measure how old one in so many events is."""
        self._until_sample -= frames
        if self._until_sample <= 0 and event.stream_type is StreamType.REALTIME and isinstance(event, _TIMELY):
            self._until_sample = _SAMPLE
            self.arrival.record(event.timestamp, wall_clock(), now / 1e9)

    def _control(self, reply: Reply) -> None:
        if isinstance(reply, UnknownReply):
            self.unknown += 1
            words = f"frames of the unknown type {reply.type!r} are ignored"
            self._complain(self._unknown, reply.type, words, time.monotonic())
        else:
            self._replied(reply)

    @staticmethod
    def _complain(repeats: Repeats, kind: str, message: str, now: float) -> None:
        line = repeats.complain(message, now, kind=kind)
        if line is not None:
            _log.warning("%s (further ones of this kind are only counted)", line)

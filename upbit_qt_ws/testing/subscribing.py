"""How a request takes effect: the old subscription ends, snapshots come in two bursts, then real-time frames."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from upbit_qt_ws.testing.frames import StreamFormat
from upbit_qt_ws.testing.jsontext import Number, renamed, write
from upbit_qt_ws.testing.numbers import shortest
from upbit_qt_ws.testing.refusals import RequestRefused
from upbit_qt_ws.testing.requests import PRIVATE_TYPES, Request, TypeRequest
from upbit_qt_ws.testing.streams import Stream, TopicKey, codes_of_several_books, key_of, split_suffix, streams_of
from upbit_qt_ws.wire.keys import LIST_SUBSCRIPTIONS_SIMPLE_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from upbit_qt_ws.testing.fanout import Fanout
    from upbit_qt_ws.testing.options import SimulatorOptions
    from upbit_qt_ws.testing.sessions import Session


class Subscribing:
    """Applies requests to connections. Lives in the loop of the server.

    Attributes:
        poisons: per code, the name of the error with which every request that names it is refused.
    """

    def __init__(
        self, fanout: Fanout, options: SimulatorOptions, account_snapshots: Callable[[str, str], list[dict[str, Any]]]
    ) -> None:
        """Begin without any subscription.

        Args:
            fanout: where frames go.
            options: the switches.
            account_snapshots: returns the present state of a private type and code as events.
        """
        self._fanout = fanout
        self._options = options
        self._account_snapshots = account_snapshots
        self._paused = False
        self._postponed: list[Callable[[], None]] = []
        self._requests: dict[Session, tuple[TypeRequest, ...]] = {}
        self._assets_used = False
        self.poisons: dict[str, str] = {}

    def pause(self) -> None:
        """Send no snapshot until :meth:`resume`."""
        self._paused = True

    def resume(self) -> None:
        """Send the snapshots that waited."""
        self._paused = False
        postponed, self._postponed = self._postponed, []
        for action in postponed:
            action()

    def replace(self, session: Session, request: Request) -> None:
        """Replace the whole subscription of ``session`` by that of ``request``.

        Raises:
            RequestRefused: the request is well formed but the exchange does not serve it.
        """
        self._check(request)
        form = request.format or StreamFormat.DEFAULT
        streams = streams_of(request.types, self._options.several_levels)
        session.generation += 1
        session.forgotten.clear()
        session.entries = streams
        session.subscription = frozenset(stream.entry for stream in streams)
        session.unserved = ()
        session.late_left = self._options.late_frames
        self._requests[session] = request.types
        generation = session.generation
        half = (len(streams) + 1) // 2
        first, second = self._options.snapshot_delays
        self._later(first, lambda: self._begin(session, generation, streams[:half], form))
        self._later(second, lambda: self._burst(session, generation, streams[half:]))

    def reply_list(self, session: Session, request: Request) -> None:
        """Answer ``LIST_SUBSCRIPTIONS``; a format in it becomes that of the connection."""
        form = request.format
        if form is None and self._options.list_without_format == "default":
            form = StreamFormat.DEFAULT
        if form is not None and form is not session.format:
            self._fanout.reformat(session, form)
        held = {stream.key for stream in session.entries}
        asked = (entry for entry in self._requests.get(session, ()) if entry.realtime)
        result = [listed for entry in asked if (listed := self._listed(entry, held)) is not None]
        reply: dict[str, Any] = {"method": "LIST_SUBSCRIPTIONS", "result": result, "ticket": request.ticket}
        if session.format.simple:
            names = LIST_SUBSCRIPTIONS_SIMPLE_KEYS
            reply = renamed(reply, names, {"result": names})
        self._fanout.control(session, write(reply))

    def refuse(self, session: Session, refusal: RequestRefused) -> None:
        """Send an error frame; the streams end with it, and the close frame follows a little later."""
        self.end(session)
        self._fanout.control(session, refusal.frame(self._options.region))
        session.ended = True

    def end(self, session: Session) -> None:
        """Forget the subscription of a connection."""
        session.generation += 1
        session.unserved = ()
        self._requests.pop(session, None)
        self._fanout.remove_all(session)

    def asked(self, event_type: str) -> Iterator[tuple[Session, TypeRequest]]:
        """Yield the type objects of one type in every present request."""
        for session, requests in self._requests.items():
            for request in requests:
                if request.type == event_type:
                    yield session, request

    def forget(self, session: Session, code: str, event_type: str | None) -> int:
        """Lose the streams of one code as if they had never been asked for; return how many there were.

        Args:
            session: whose.
            code: without a suffix; empty for the streams of all codes.
            event_type: of the streams; None for every type.
        """
        lost = {
            stream.key
            for stream in session.entries
            if stream.key.code == code and event_type in (None, stream.key.type)
        }
        session.entries = tuple(stream for stream in session.entries if stream.key not in lost)
        session.subscription = frozenset(stream.entry for stream in session.entries)
        session.unserved = tuple(stream for stream in session.unserved if stream.key not in lost)
        session.forgotten |= lost
        for key in lost:
            self._fanout.remove(session, key)
        return len(lost)

    def serve_anew(self, sessions: Iterable[Session]) -> None:
        """Look again at streams that were silent: those that are served now start with a snapshot."""
        for session in sessions:
            streams = tuple(stream for stream in session.unserved if self._fanout.is_fed(session, stream.key))
            session.unserved = tuple(stream for stream in session.unserved if stream not in streams)
            self._burst(session, session.generation, streams)

    def _begin(self, session: Session, generation: int, streams: tuple[Stream, ...], form: StreamFormat) -> None:
        if session.generation != generation:
            return
        session.late_left = None
        self._fanout.remove_all(session)
        session.format = form
        self._burst(session, generation, streams)

    def _burst(self, session: Session, generation: int, streams: tuple[Stream, ...]) -> None:
        if session.generation != generation or session.closed_at is not None:
            return
        for stream in streams:
            key = stream.key
            if key in session.forgotten:
                continue
            if key.type in PRIVATE_TYPES:
                self._begin_private(session, key)
                continue
            if not self._fanout.is_fed(session, key):
                session.unserved += (stream,)
                continue
            if stream.snapshot:
                self._fanout.deliver(session, self._fanout.snapshot(stream, session.format), key.type, key.code)
            if stream.realtime:
                self._fanout.add(session, key)

    def _begin_private(self, session: Session, key: TopicKey) -> None:
        kinds = {"none": (), "orders": ("myOrder",), "both": ("myOrder", "myAsset")}[self._options.account_snapshots]
        if key.type in kinds:
            for event in self._account_snapshots(key.type, key.code):
                self._fanout.send_event(session, key.type, event)
        delay = self._options.first_asset_delay
        if key.type != "myAsset" or self._assets_used or delay is None:
            self._fanout.add(session, key)
            return
        self._assets_used = True
        generation = session.generation

        def begin() -> None:
            if session.generation == generation and session.closed_at is None and key not in session.forgotten:
                self._fanout.add(session, key)

        self._later(delay, begin)

    def _later(self, delay: float, action: Callable[[], None]) -> None:
        if delay > 0:
            asyncio.get_running_loop().call_later(delay, self._unless_paused, action)
        else:
            self._unless_paused(action)

    def _unless_paused(self, action: Callable[[], None]) -> None:
        if self._paused:
            self._postponed.append(action)
        else:
            action()

    def _listed(self, request: TypeRequest, held: set[TopicKey]) -> dict[str, Any] | None:
        codes = [code for code in request.codes or ("",) if self._is_listed(key_of(request, code), held)]
        if not codes:
            return None
        entry: dict[str, Any] = {"type": request.type}
        if request.type not in ("myAsset", "announcement"):
            if request.type == "orderbook" and not self._options.suffix_in_list:
                codes = list(dict.fromkeys(split_suffix(code)[0] for code in codes))
            entry["codes"] = codes if request.codes else []
        if request.type == "orderbook" and self._options.has_level:
            entry["level"] = Number(shortest(request.level))
        return entry

    def _is_listed(self, key: TopicKey, held: set[TopicKey]) -> bool:
        known = self._options.unknown_in_list == "as_asked" or not key.code or self._fanout.knows(key.code)
        return known and key in held

    def _check(self, request: Request) -> None:
        if self.poisons:
            for code in (split_suffix(code)[0] for entry in request.types for code in entry.codes):
                if code in self.poisons:
                    raise RequestRefused(self.poisons[code], code)
        if self._options.indicator_other_quotes == "refuse":
            for entry in request.types:
                foreign = next((code for code in entry.codes if entry.indicators and code[:4] != "KRW-"), None)
                if foreign is not None:
                    raise RequestRefused("INVALID_PARAM", foreign)
        if self._options.several_levels == "refuse":
            several = codes_of_several_books(streams_of(request.types, "both"))
            if several:
                raise RequestRefused("INVALID_PARAM", min(several))

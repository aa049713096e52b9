"""Frames to events: DEFAULT, SIMPLE and both LIST formats decode to the same classes.

A frame's type is read from its first bytes (``{"type":"ticker","code"``), which pick a typed decoder; this costs one
dictionary look-up. Frames that begin in another way take a slower path with the same result, since the order
of keys is a habit of the server and no promise. What a typed decoder refuses is looked at once more, field by field, so
that one bad value does not cost the event (:mod:`upbit_qt_ws.wire.second_look`).
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from upbit_qt_ws import events
from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.wire import control, lenient
from upbit_qt_ws.wire.keys import NESTED_SIMPLE_KEYS, SIMPLE_KEYS
from upbit_qt_ws.wire.lenient import REFUSED
from upbit_qt_ws.wire.replies import MalformedReply, UnknownReply
from upbit_qt_ws.wire.second_look import RecordReader, ignore
from upbit_qt_ws.wire.text import one_line
from upbit_qt_ws.wire.topics import CANDLE_INTERVALS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from upbit_qt_ws.events import Event
    from upbit_qt_ws.wire.replies import Reply
    from upbit_qt_ws.wire.second_look import Note

    Decode = Callable[[bytes], Event]

_T = TypeVar("_T")
_RecordT = TypeVar("_RecordT", bound=type[events.Record])

_CLASSES: Final[Mapping[str, type[Event]]] = {
    "ticker": events.TickerEvent,
    "trade": events.TradeEvent,
    "orderbook": events.OrderbookEvent,
    "candle": events.CandleEvent,
    "myOrder": events.MyOrderEvent,
    "myAsset": events.MyAssetEvent,
    "announcement": events.AnnouncementEvent,
    "indicator": events.IndicatorEvent,
    "indicator_signal": events.IndicatorSignalEvent,
}


def _abbreviated(cls: _RecordT, keys: Mapping[str, str], types: Mapping[str, Any] | None = None) -> _RecordT:
    """Return a subclass of an event class that decodes from abbreviated keys; its instances are ``cls`` instances."""
    fields = []
    for info in msgspec.structs.fields(cls):
        name = keys.get(info.name, info.encode_name)
        kind = (types or {}).get(info.name, info.type)
        if info.default is msgspec.NODEFAULT:
            fields.append((info.name, kind, msgspec.field(name=name)))
        else:
            fields.append((info.name, kind, msgspec.field(default=info.default, name=name)))
    return msgspec.defstruct(  # type: ignore[return-value]
        cls.__name__, fields, bases=(cls,), module=cls.__module__, frozen=True, gc=False, eq=False, kw_only=True
    )


def _simple_classes() -> dict[str, type[Event]]:
    units = _abbreviated(events.OrderbookUnit, NESTED_SIMPLE_KEYS["orderbook_units"])
    assets = _abbreviated(events.Asset, NESTED_SIMPLE_KEYS["assets"])
    nested = {"orderbook": {"orderbook_units": tuple[units, ...]}, "myAsset": {"assets": tuple[assets, ...]}}  # type: ignore[valid-type]
    return {name: _abbreviated(cls, SIMPLE_KEYS[name], nested.get(name)) for name, cls in _CLASSES.items()}


def _full_names(event: events.IndicatorEvent) -> events.IndicatorEvent:
    """Give the free-form objects of a SIMPLE indicator their full key names."""
    changes: dict[str, dict[str, Any]] = {}
    for field in ("params", "value", "event_params"):
        given = getattr(event, field, None)
        if given:
            full = {short: name for name, short in NESTED_SIMPLE_KEYS[field].items()}
            changes[field] = {full.get(key, key): item for key, item in given.items()}
    return msgspec.structs.replace(event, **changes)


class _Kind:
    """How the frames of one type are read, in one of the two spellings of keys.

    Attributes:
        decode: the typed decoder: fast, and refuses a frame for one bad value.
        known: the keys that this version knows.
    """

    def __init__(self, key: str, name: str, cls: type[Event]) -> None:
        self.decode: Decode = msgspec.json.Decoder(cls).decode
        self.known = frozenset(SIMPLE_KEYS[name].values() if key == "ty" else SIMPLE_KEYS[name])
        self._is_abbreviated = key == "ty" and issubclass(cls, events.IndicatorEvent)
        if self._is_abbreviated:
            self.decode = _then_full_names(self.decode)
        self._cls, self._name = cls, name
        self._reader: RecordReader[Event] | None = None

    def look_again(self, found: object, note: Note) -> Event:
        """Return the event that a parsed object means; raises DecodeError if it means none."""
        if self._reader is None:
            self._reader = RecordReader(self._cls, self._name)
        event = self._reader.read(found, note)
        if self._is_abbreviated:
            assert isinstance(event, events.IndicatorEvent)
            return _full_names(event)
        return event


def _kinds() -> dict[tuple[str, str], _Kind]:
    """Return, per (key of the type field, type), how such a frame is read."""
    table: dict[tuple[str, str], _Kind] = {}
    for key, classes in (("type", dict(_CLASSES)), ("ty", _simple_classes())):
        for name, cls in classes.items():
            kind = _Kind(key, name, cls)
            for each in [f"candle.{i}" for i in CANDLE_INTERVALS] if name == "candle" else [name]:
                table[key, each] = kind
    return table


def _then_full_names(decode: Callable[[bytes], Any]) -> Decode:
    return lambda frame: _full_names(decode(frame))


_HEAD: Final = len(b'{"type":"candle.240m"')
"""So many bytes tell the type of a frame whose type comes first; a frame of fewer is none."""

_MOST_UNKNOWN: Final = 32
"""Unknown fields of one type that are remembered."""

_LONGEST_REASON: Final = 160
_MOST_HEADS: Final = 256
_KINDS: Final = _kinds()
_TEXT: Final = msgspec.json.Decoder(str)
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_KEYS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class FrameDecoder:
    """Decodes the frames of one connection.

    The first frame of each type is looked at closely: keys that this version does not know are kept in
    ``unknown_fields`` (as ``"ticker.new_key"``), so that a change of the exchange's format is noticed without a
    cost per frame.

    Args:
        note: is told of each value that cannot be and is left out: its name, as ``"ticker.high_price"``, and the value.

    Attributes:
        unknown_fields: the unknown keys seen so far.
    """

    def __init__(self, note: Note = ignore) -> None:
        """Start with no type seen."""
        self._by_head: dict[bytes, Decode] = {}
        self._note = note
        self.unknown_fields: set[str] = set()

    def decode(self, frame: bytes) -> Event | Reply | tuple[Event | Reply, ...]:
        """Return what the frame holds; a tuple for the LIST formats.

        A bad element of a list is a :class:`MalformedReply` among the others.

        Raises:
            DecodeError: the frame is not JSON, not an object or array, or an event without a field that it cannot do
                without; or an array of nothing else.
        """
        decode = self._by_head.get(frame[:_HEAD])
        try:
            if decode is None:
                return self._decode_slowly(frame)
            try:
                return decode(frame)
            except REFUSED:
                return self._look_again(frame)
        except (DecodeError, *REFUSED) as error:
            # Not as its cause: the library quotes what it could not use, however long and whatever is in it.
            raise DecodeError(f"{one_line(str(error), _LONGEST_REASON)} in the frame {_excerpt(frame)}") from None

    def _decode_slowly(self, frame: bytes) -> Event | Reply | tuple[Event | Reply, ...]:
        if frame.lstrip()[:1] != b"[":
            return self._decode_object(frame)
        try:
            return self._decode_list(_ELEMENTS.decode(frame), lambda element: self._decode_object(bytes(element)))
        except REFUSED:
            return self._decode_list(lenient.parse(frame), self._read)

    @staticmethod
    def _decode_list(elements: list[_T], read: Callable[[_T], Event | Reply]) -> tuple[Event | Reply, ...]:
        """Return all elements of a list; those that cannot be read say so.

        Raises:
            DecodeError: none can be read.
        """
        parts: list[Event | Reply] = []
        bad: list[DecodeError] = []
        for element in elements:
            try:
                parts.append(read(element))
            except DecodeError as error:
                parts.append(MalformedReply(str(error)))
                bad.append(error)
        if bad and len(bad) == len(parts):
            raise bad[0]
        return tuple(parts)

    def _decode_object(self, frame: bytes) -> Event | Reply:
        try:
            fields = _KEYS.decode(frame)
            # The type comes first: whatever else an event may carry one day, it stays an event.
            for key in ("type", "ty"):
                if key in fields:
                    return self._decode_event(key, _TEXT.decode(fields[key]), frame, fields)
            return control.decode(frame, fields)
        except REFUSED:
            return self._look_again(frame)

    def _decode_event(self, key: str, name: str, frame: bytes, fields: Mapping[str, msgspec.Raw]) -> Event | Reply:
        kind = _KINDS.get((key, name))
        if kind is None:
            return UnknownReply(one_line(name, 60))
        self._learn(key, name, frame, fields, kind)
        return kind.decode(frame)

    def _look_again(self, frame: bytes) -> Event | Reply:
        """Return what a refused object means, as far as it means anything."""
        try:
            return self._read(_KEYS.decode(frame))
        except REFUSED:
            # It is no JSON as a whole, perhaps for a NaN; or no object.
            return self._read(lenient.parse(frame))

    def _read(self, found: object) -> Event | Reply:
        """Return what an object means, whose values are parsed or not."""
        if not isinstance(found, dict):
            raise DecodeError(f"{lenient.excerpt(found)} is no object")
        for key in ("type", "ty"):
            if key in found:
                told = lenient.plain(found[key])
                try:
                    name = lenient.text(told)
                except ValueError:
                    raise DecodeError(f"the type {lenient.excerpt(told)} is no text") from None
                kind = _KINDS.get((key, name))
                return UnknownReply(one_line(name, 60)) if kind is None else kind.look_again(found, self._note)
        return control.look_again(found, self._note)

    def _learn(self, key: str, name: str, frame: bytes, fields: Mapping[str, msgspec.Raw], kind: _Kind) -> None:
        """Note unknown keys of the first frame of its kind, and decode the next ones at once if they start alike."""
        unknown = (f"{name}.{one_line(field, 60)}" for field in fields if field not in kind.known)
        self.unknown_fields.update(islice(unknown, _MOST_UNKNOWN))
        # All that begins with these bytes has this type, for they hold it whole.
        is_usual = frame.startswith(b'{"%s":"%s"' % (key.encode(), name.encode()), 0, _HEAD)
        if is_usual and len(self._by_head) < _MOST_HEADS:
            self._by_head[frame[:_HEAD]] = kind.decode


def _excerpt(frame: bytes) -> str:
    return one_line(repr(frame if len(frame) <= 80 else frame[:80] + b"..."), 85)

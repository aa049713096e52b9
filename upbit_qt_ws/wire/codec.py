"""Frames to events: DEFAULT, SIMPLE and both LIST formats decode to the same classes.

A frame's type is read from its first bytes (``{"type":"ticker"``), which picks a typed decoder; this costs one
dictionary look-up. Frames that begin in another way take a slower path with the same result, since the order
of keys is a habit of the server and no promise.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from upbit_qt_ws import events
from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.wire.keys import LIST_SUBSCRIPTIONS_SIMPLE_KEYS, NESTED_SIMPLE_KEYS, SIMPLE_KEYS
from upbit_qt_ws.wire.replies import (
    ErrorReply,
    Reply,
    StatusReply,
    SubscriptionEntry,
    SubscriptionsReply,
    UnknownReply,
)
from upbit_qt_ws.wire.text import one_line
from upbit_qt_ws.wire.topics import CANDLE_INTERVALS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from upbit_qt_ws.events import Event

    Decode = Callable[[bytes], Event]

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


def _decoders() -> dict[tuple[str, str], Decode]:
    """Return, per (key of the type field, type), the function that decodes such a frame."""
    table: dict[tuple[str, str], Decode] = {}
    for key, classes in (("type", dict(_CLASSES)), ("ty", _simple_classes())):
        for name, cls in classes.items():
            decode: Decode = msgspec.json.Decoder(cls).decode
            if key == "ty" and issubclass(cls, events.IndicatorEvent):
                decode = _then_full_names(decode)
            for kind in [f"candle.{i}" for i in CANDLE_INTERVALS] if name == "candle" else [name]:
                table[key, kind] = decode
    return table


def _then_full_names(decode: Callable[[bytes], Any]) -> Decode:
    return lambda frame: _full_names(decode(frame))


_DECODERS: Final = _decoders()
_KNOWN_KEYS: Final = {
    (key, name): frozenset(keys.values() if key == "ty" else keys)
    for name, keys in SIMPLE_KEYS.items()
    for key in ("type", "ty")
}


class _Error(msgspec.Struct, frozen=True):
    name: str | int = ""
    message: str = ""


class _ErrorFrame(msgspec.Struct, frozen=True):
    error: _Error


_SHORT: Final = LIST_SUBSCRIPTIONS_SIMPLE_KEYS
_SimpleEntry: Final = msgspec.defstruct(
    "_SimpleEntry",
    [
        ("type", str, msgspec.field(name=_SHORT["type"])),
        ("codes", tuple[str, ...] | None, msgspec.field(default=None, name=_SHORT["codes"])),
        ("level", float, msgspec.field(default=0.0, name=_SHORT["level"])),
    ],
    bases=(SubscriptionEntry,),
    frozen=True,
)
_SimpleSubscriptions: Final = msgspec.defstruct(
    "_SimpleSubscriptions",
    [
        ("ticket", str, msgspec.field(name=_SHORT["ticket"])),
        ("result", tuple[_SimpleEntry, ...], msgspec.field(name=_SHORT["result"])),  # type: ignore[valid-type]
    ],
    bases=(SubscriptionsReply,),
    frozen=True,
)

_MOST_UNKNOWN: Final = 32
"""Unknown fields of one type that are remembered."""

_TEXT: Final = msgspec.json.Decoder(str)
_ERROR: Final = msgspec.json.Decoder(_ErrorFrame)
_STATUS: Final = msgspec.json.Decoder(StatusReply)
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_KEYS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LISTING: Final = msgspec.json.Decoder(SubscriptionsReply)
_SIMPLE_LISTING: Final[msgspec.json.Decoder[SubscriptionsReply]] = msgspec.json.Decoder(_SimpleSubscriptions)


class FrameDecoder:
    """Decodes the frames of one connection.

    The first frame of each type is looked at closely: keys that this version does not know are kept in
    ``unknown_fields`` (as ``"ticker.new_key"``), so that a change of the exchange's format is noticed without a
    cost per frame.

    Attributes:
        unknown_fields: the unknown keys seen so far.
    """

    def __init__(self) -> None:
        """Start with no type seen."""
        self._by_prefix: dict[bytes, Decode] = {}
        self.unknown_fields: set[str] = set()

    def decode(self, frame: bytes) -> Event | Reply | tuple[Event | Reply, ...]:
        """Return what the frame holds; a tuple for the LIST formats.

        Raises:
            DecodeError: the frame is not JSON, not an object or array, or lacks a required field.
        """
        decode = self._by_prefix.get(frame[: frame.find(b",")])
        try:
            return self._decode_slowly(frame) if decode is None else decode(frame)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # Not as its cause: the library quotes what it could not use, however long and whatever is in it.
            raise DecodeError(f"{one_line(str(error), 100)} in the frame {_excerpt(frame)}") from None

    def _decode_slowly(self, frame: bytes) -> Event | Reply | tuple[Event | Reply, ...]:
        if frame.lstrip()[:1] == b"[":
            return tuple(self._decode_object(bytes(element)) for element in _ELEMENTS.decode(frame))
        return self._decode_object(frame)

    def _decode_object(self, frame: bytes) -> Event | Reply:
        fields = _KEYS.decode(frame)
        # The type comes first: whatever else an event may carry one day, it stays an event.
        for key in ("type", "ty"):
            if key in fields:
                return self._decode_event(key, _TEXT.decode(fields[key]), frame, fields)
        if "error" in fields:
            error = _ERROR.decode(frame).error
            return ErrorReply(one_line(str(error.name)), one_line(error.message))
        if "method" in fields:
            return _LISTING.decode(frame)
        if _SHORT["method"] in fields:
            return _SIMPLE_LISTING.decode(frame)
        return _STATUS.decode(frame) if "status" in fields else UnknownReply("")

    def _decode_event(self, key: str, kind: str, frame: bytes, fields: Mapping[str, msgspec.Raw]) -> Event | Reply:
        decode = _DECODERS.get((key, kind))
        if decode is None:
            return UnknownReply(one_line(kind, 60))
        event = decode(frame)
        self._learn(key, kind, frame, fields, decode)
        return event

    def _learn(self, key: str, kind: str, frame: bytes, fields: Mapping[str, msgspec.Raw], decode: Decode) -> None:
        """Note unknown keys of the first frame of its kind, and decode the next ones at once if they start alike."""
        known = _KNOWN_KEYS[key, "candle" if kind.startswith("candle.") else kind]
        unknown = (f"{kind}.{one_line(name, 60)}" for name in fields if name not in known)
        self.unknown_fields.update(islice(unknown, _MOST_UNKNOWN))
        prefix = frame[: frame.find(b",")]
        if prefix == b'{"%s":"%s"' % (key.encode(), kind.encode()):
            self._by_prefix[prefix] = decode


def _excerpt(frame: bytes) -> str:
    return one_line(repr(frame if len(frame) <= 80 else frame[:80] + b"..."), 85)

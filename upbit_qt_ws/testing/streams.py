"""What a request asks for, stream by stream: its type objects broken up into topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from upbit_qt_ws.testing.book import MAX_LEVELS
from upbit_qt_ws.testing.numbers import SCALE
from upbit_qt_ws.testing.records import SubscriptionEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from upbit_qt_ws.testing.requests import TypeRequest

SeveralLevels = Literal["both", "first", "last", "neither", "refuse"]

_DEPTHS: Final = {"1": 1, "5": 5, "15": 15, "30": 30}


class TopicKey(NamedTuple):
    """What is published under one name. ``level`` in units of 1e-8; both numbers are 0 but for order books."""

    type: str
    code: str
    level: int = 0
    units: int = 0


class Stream(NamedTuple):
    """One topic as a connection wants it."""

    key: TopicKey
    snapshot: bool
    realtime: bool

    @property
    def entry(self) -> SubscriptionEntry:
        """The stream as a record for tests."""
        key = self.key
        return SubscriptionEntry(key.type, key.code, key.level / SCALE, key.units, self.snapshot, self.realtime)


def split_suffix(code: str) -> tuple[str, int]:
    """Return an order book code without its suffix, and its depth: 1, 5, 15 or 30; anything else means 30."""
    plain, dot, suffix = code.partition(".")
    return plain, _DEPTHS.get(suffix, MAX_LEVELS) if dot else MAX_LEVELS


def streams_of(requests: Iterable[TypeRequest], several_levels: SeveralLevels) -> tuple[Stream, ...]:
    """Break type objects up into streams, one for each type object and code.

    Args:
        requests: the type objects.
        several_levels: what happens when the books of one code are asked for with different levels or depths.
    """
    streams = tuple(_streams(requests))
    if several_levels == "both":
        return streams
    if several_levels in ("neither", "refuse"):
        several = codes_of_several_books(streams)
        return tuple(stream for stream in streams if stream.key.type != "orderbook" or stream.key.code not in several)
    ordered = streams if several_levels == "first" else tuple(reversed(streams))
    chosen: dict[str, TopicKey] = {}
    for stream in ordered:
        if stream.key.type == "orderbook":
            chosen.setdefault(stream.key.code, stream.key)
    return tuple(
        stream for stream in streams if stream.key.type != "orderbook" or chosen[stream.key.code] == stream.key
    )


def codes_of_several_books(streams: Iterable[Stream]) -> frozenset[str]:
    """Return the codes whose books are asked for with more than one level or depth."""
    keys = {stream.key for stream in streams if stream.key.type == "orderbook"}
    codes = [key.code for key in keys]
    return frozenset(code for code in codes if codes.count(code) > 1)


def key_of(request: TypeRequest, code: str) -> TopicKey:
    """Return the topic that ``code`` stands for, as it is written in ``request``; empty for a type without codes."""
    if request.type != "orderbook":
        return TopicKey(request.type, code)
    plain, units = split_suffix(code)
    return TopicKey(request.type, plain, request.level, units)


def _streams(requests: Iterable[TypeRequest]) -> Iterator[Stream]:
    for request in requests:
        # Without codes: myAsset, and myOrder of all codes.
        keys = [key_of(request, code) for code in request.codes or ("",)]
        for key in dict.fromkeys(keys):
            yield Stream(key, request.snapshot, request.realtime)

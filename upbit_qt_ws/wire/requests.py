"""Requests to the exchange: the whole wanted set of a socket in one text frame.

Upbit replaces a socket's subscription with each request, every type, so a request always carries everything
(rule R2). Types and codes are sorted, so the same wishes give the same text whatever the order in which
they were made (rule R7).
"""

from __future__ import annotations

import enum
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from upbit_qt_ws.wire.indicators import read_indicator
from upbit_qt_ws.wire.topics import BOOK_UNITS, Endpoint, Stream, Topic, Want, endpoint_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from upbit_qt_ws.wire.indicators import Indicator


class WireFormat(enum.StrEnum):
    """Spelling of the frames; it belongs to a connection, not to one subscription."""

    DEFAULT = "DEFAULT"
    SIMPLE = "SIMPLE"
    JSON_LIST = "JSON_LIST"
    SIMPLE_LIST = "SIMPLE_LIST"


def encode_request(ticket: str, wants: Mapping[Topic, Want], wire_format: WireFormat = WireFormat.DEFAULT) -> str:
    """Return the request that makes ``wants`` the socket's whole subscription.

    One type may appear as several objects: topics that need a snapshot stand apart from those that only go on
    in real time (rule R3), order books of different levels and indicators of different timeframes stand apart too.

    Args:
        ticket: any text; the exchange echoes it only in ``LIST_SUBSCRIPTIONS``.
        wants: what to ask of each topic, all of one endpoint; must not be empty, since Upbit knows no empty
            subscription.
        wire_format: how the exchange shall spell its frames on this connection.
    """
    entries = [*_quotations(wants), *_private(wants), *_indicators(wants)]
    return _encode([{"ticket": ticket}, *entries, {"format": wire_format.value}])


def encode_listing(ticket: str, wire_format: WireFormat = WireFormat.DEFAULT) -> str:
    """Return the question what the exchange holds for this connection.

    It carries the connection's own format, since another one would switch the streams too.
    """
    return _encode([{"ticket": ticket}, {"method": "LIST_SUBSCRIPTIONS"}, {"format": wire_format.value}])


def _encode(request: list[dict[str, Any]]) -> str:
    return msgspec.json.encode(request).decode()


def _quotations(wants: Mapping[Topic, Want]) -> Iterator[dict[str, Any]]:
    groups: dict[tuple[str, float, int], list[str]] = {}
    for topic, want in wants.items():
        if endpoint_of(topic.type) is not Endpoint.PUBLIC:
            continue
        code = topic.code
        if topic.type == "orderbook" and want.units and want.units != BOOK_UNITS[-1]:
            code = f"{code}.{want.units}"
        groups.setdefault((topic.type, topic.level, want.stream.value), []).append(code)
    for (kind, level, stream), codes in sorted(groups.items()):
        entry: dict[str, Any] = {"type": kind, "codes": sorted(codes)}
        if level:
            entry["level"] = int(level) if level.is_integer() else level
        if stream == Stream.SNAPSHOT.value:
            entry["is_only_snapshot"] = True
        elif stream == Stream.REALTIME.value:
            entry["is_only_realtime"] = True
        yield entry


def _private(wants: Mapping[Topic, Want]) -> Iterator[dict[str, Any]]:
    """One object a type; without its filter when anybody wants everything; never ``codes`` with myAsset (rule R5)."""
    for kind, filtered in (("announcement", "categories"), ("myAsset", ""), ("myOrder", "codes")):
        topics = {topic.code: want for topic, want in wants.items() if topic.type == kind}
        if not topics:
            continue
        entry: dict[str, Any] = {"type": kind}
        if "" not in topics:
            entry[filtered] = sorted(topics)
        if any(want.body for want in topics.values()):
            entry["include_body"] = True
        yield entry


def _indicators(wants: Iterable[Topic]) -> Iterator[dict[str, Any]]:
    """One object for all indicators of a timeframe that are wanted of the same codes."""
    codes: dict[str, list[str]] = {}
    for topic in wants:
        if endpoint_of(topic.type) is Endpoint.INFO:
            codes.setdefault(topic.type, []).append(topic.code)
    asked = [(read_indicator(kind), tuple(sorted(codes[kind]))) for kind in sorted(codes)]
    asked.sort(key=_object_of)
    for (kind, timeframe, listed), group in groupby(asked, key=_object_of):
        indicators = [indicator.wire_form for indicator, _ in group]
        yield {"type": kind, "codes": list(listed), "timeframe": timeframe, "indicators": indicators}


def _object_of(asked: tuple[Indicator, tuple[str, ...]]) -> tuple[str, str, tuple[str, ...]]:
    indicator, codes = asked
    return indicator.kind, indicator.timeframe, codes

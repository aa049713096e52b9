"""Requests to the exchange: the whole wanted set of a socket in one text frame.

Upbit replaces a socket's subscription with each request, every type, so a request always carries everything
(rule R2). Types and codes are sorted, so the same wishes give the same text whatever the order in which
they were made (rule R7).
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import msgspec

from upbit_qt_ws.wire.topics import BOOK_UNITS, Stream, Topic, Want

if TYPE_CHECKING:
    from collections.abc import Mapping


class WireFormat(enum.StrEnum):
    """Spelling of the frames; it belongs to a connection, not to one subscription."""

    DEFAULT = "DEFAULT"
    SIMPLE = "SIMPLE"
    JSON_LIST = "JSON_LIST"
    SIMPLE_LIST = "SIMPLE_LIST"


def encode_request(ticket: str, wants: Mapping[Topic, Want], wire_format: WireFormat = WireFormat.DEFAULT) -> str:
    """Return the request that makes ``wants`` the socket's whole subscription.

    One type may appear as several objects: topics that need a snapshot stand apart from those that only go on
    in real time (rule R3), and order books of different levels stand apart as well.

    Args:
        ticket: any text; the exchange echoes it only in ``LIST_SUBSCRIPTIONS``.
        wants: what to ask of each topic; must not be empty, since Upbit knows no empty subscription.
        wire_format: how the exchange shall spell its frames on this connection.
    """
    groups: dict[tuple[str, float, int], list[str]] = {}
    for topic, want in wants.items():
        code = topic.code
        if topic.type == "orderbook" and want.units and want.units != BOOK_UNITS[-1]:
            code = f"{code}.{want.units}"
        groups.setdefault((topic.type, topic.level, want.stream.value), []).append(code)
    request: list[dict[str, Any]] = [{"ticket": ticket}]
    for (kind, level, stream), codes in sorted(groups.items()):
        entry: dict[str, Any] = {"type": kind, "codes": sorted(codes)}
        if level:
            entry["level"] = int(level) if level.is_integer() else level
        if stream == Stream.SNAPSHOT.value:
            entry["is_only_snapshot"] = True
        elif stream == Stream.REALTIME.value:
            entry["is_only_realtime"] = True
        request.append(entry)
    request.append({"format": wire_format.value})
    return msgspec.json.encode(request).decode()

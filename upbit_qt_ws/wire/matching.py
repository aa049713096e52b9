"""Which topics an event belongs to, for the types where that may be several or needs a look at parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from upbit_qt_ws.wire.indicators import read_indicator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.events import Event
    from upbit_qt_ws.wire.topics import Topic


def matching_topics(event: Event, topics: Iterable[Topic]) -> tuple[Topic, ...]:
    """Return those of ``topics`` that ``event``, of the private or the info socket, belongs to.

    An own order belongs to its market's topic and to that of all orders, an announcement to its category and to that
    of all; an indicator to the topic whose parameters are the event's.
    """
    return tuple(topic for topic in topics if _belongs(event, topic))


def _belongs(event: Any, topic: Topic) -> bool:
    kind: str = event.type
    if kind == "myOrder":
        return topic.type == kind and topic.code in ("", event.code)
    if kind == "announcement":
        return topic.type == kind and topic.code in ("", event.category)
    if kind == "myAsset":
        return topic.type == kind
    if not topic.type.startswith(f"{kind}.") or topic.code != event.code:
        return False
    return read_indicator(topic.type).is_told_by(event)

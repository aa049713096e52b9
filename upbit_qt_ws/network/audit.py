"""The audit: what a connection has told, against what REST knows. Pure.

A socket can be open, answer pings, answer what it holds, and feed nothing any more. The wire alone cannot tell a quiet
market from a starved one; REST can: one call tells the last trade of every market.

Only times of the exchange are compared with one another, never one with the clock of this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from upbit_qt_ws.wire.topics import Topic

_CANDLE_SLACK: Final = 2_000
"""A candle is sent once a second, so what it has told may be that much older than the last trade, in ms."""

_BOOK_SLACK: Final = 2_000
"""A trade so long after the last change that a book has told shows that it must have changed, in ms: REST is asked."""


class Evidence(NamedTuple):
    """What REST knows, in ms since 1970 UTC.

    Attributes:
        traded: when each market was last traded.
        changed: when each book that was asked for has last changed.
    """

    traded: Mapping[str, int]
    changed: Mapping[Topic, int]


class Findings(NamedTuple):
    """What an audit finds.

    Attributes:
        lacking: topics of which REST knows something newer than they have told.
        calm: topics of which it knows nothing newer.
    """

    lacking: frozenset[Topic]
    calm: frozenset[Topic]


def books_to_ask(
    told: Mapping[Topic, int], traded: Mapping[str, int], suspects: frozenset[Topic]
) -> dict[float, tuple[str, ...]]:
    """Return the books that REST must be asked for, by their level.

    Those that are suspected, and those of markets that were traded well after the book has told its last change.
    Markets that the exchange does not list are left out, since one of them makes it refuse the whole question.
    """
    books: dict[float, list[str]] = {}
    for topic, until in told.items():
        known = traded.get(topic.code) if topic.type == "orderbook" else None
        if known is not None and (topic in suspects or known > until + _BOOK_SLACK):
            books.setdefault(topic.level, []).append(topic.code)
    return {level: tuple(sorted(codes)) for level, codes in books.items()}


def compare(told: Mapping[Topic, int], evidence: Evidence, asked_books: frozenset[Topic]) -> Findings:
    """Compare what topics have told with what REST knows.

    Args:
        told: up to which moment of the exchange each topic has told what happened.
        evidence: what REST knows.
        asked_books: books that REST was asked for; one of them that it did not tell is neither lacking nor calm.
    """
    lacking: set[Topic] = set()
    calm: set[Topic] = set()
    for topic, until in told.items():
        if topic in asked_books:
            known = evidence.changed.get(topic)
            if known is None:
                continue
        elif topic.type == "orderbook":
            known = None
        else:
            # A market that is not listed any more has no trades.
            known = evidence.traded.get(topic.code)
            if known is not None and topic.type.startswith("candle."):
                known -= _CANDLE_SLACK
        (calm if known is None or known <= until else lacking).add(topic)
    return Findings(frozenset(lacking), frozenset(calm))

"""What the exchange says it holds, against what it was asked for (rule R11). Pure.

No reply to ``LIST_SUBSCRIPTIONS`` was ever recorded, so the comparison is lenient where the documentation is silent:
an order book may be listed with its depth (``KRW-BTC.15``) or without, subscriptions to a snapshot only may be listed
or not, and of indicators and announcements only the type and the codes are compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from upbit_qt_ws.wire.topics import PUBLIC_TYPES, Stream, Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from upbit_qt_ws.wire.replies import SubscriptionEntry
    from upbit_qt_ws.wire.topics import Want


class Mismatch(NamedTuple):
    """Where the exchange's view differs from ours.

    Attributes:
        missing: streams that were asked for and are not listed.
        extra: public streams that are listed and were not asked for.
    """

    missing: tuple[Topic, ...] = ()
    extra: tuple[Topic, ...] = ()


def compare(wants: Mapping[Topic, Want], listed: Iterable[SubscriptionEntry]) -> Mismatch:
    """Compare what a connection was asked for with what the exchange lists for it."""
    topics: set[Topic] = set()
    whole_types: set[str] = set()
    for entry in listed:
        if entry.codes:
            level = entry.level if entry.type == "orderbook" else 0.0
            topics.update(Topic(entry.type, code.partition(".")[0], level) for code in entry.codes)
        else:
            whole_types.add(entry.type)
    missing = [
        topic
        for topic, want in wants.items()
        if want.stream is not Stream.SNAPSHOT and not _is_listed(topic, topics, whole_types)
    ]
    extra = [topic for topic in topics if topic.type in PUBLIC_TYPES and topic not in wants]
    return Mismatch(tuple(sorted(missing)), tuple(sorted(extra)))


def _is_listed(topic: Topic, topics: set[Topic], whole_types: set[str]) -> bool:
    if topic.type in PUBLIC_TYPES:
        return topic in topics
    kind = topic.type.partition(".")[0]
    if kind in whole_types or Topic(kind, topic.code) in topics:
        return True
    return kind == "announcement" and any(listed.type == kind for listed in topics)


@dataclass(slots=True)
class ListingClock:
    """When to ask the exchange what it holds: some time after each change, and now and then.

    Attributes:
        after: how long a request must have stood before it is checked, in seconds.
        every: pause between checks while nothing changes, in seconds; 0 never asks at all.
        patience: after how long an answer is no longer waited for, in seconds.
        unanswered: how many questions got no answer in time.
    """

    after: float = 2.0
    every: float = 60.0
    patience: float = 5.0
    unanswered: int = 0
    _due_at: float = math.inf
    _waiting_until: float = math.inf
    _ticket: str = ""

    def reset(self) -> None:
        """The connection is new, or gone."""
        self._due_at = self._waiting_until = math.inf
        self._ticket = ""

    def changed(self, now: float) -> None:
        """The connection was asked for another set; an answer that is under way is about the old one."""
        self._ticket, self._waiting_until = "", math.inf
        self._due_at = now + self.after if self.every else math.inf

    def is_due(self, now: float) -> bool:
        """Tell whether to ask now."""
        if now >= self._waiting_until:
            self.unanswered += 1
            self._ticket, self._waiting_until = "", math.inf
            self._due_at = now + self.every
        return now >= self._due_at

    @property
    def wake_at(self) -> float:
        """When to look again."""
        return min(self._due_at, self._waiting_until)

    def asked(self, ticket: str, now: float) -> None:
        """The question was sent under this ticket."""
        self._ticket, self._due_at = ticket, math.inf
        self._waiting_until = now + self.patience

    def answered(self, ticket: str, now: float) -> bool:
        """An answer has come; tell whether it is about the set that the connection holds now."""
        if not self._ticket or ticket != self._ticket:
            return False
        self._ticket, self._waiting_until = "", math.inf
        self._due_at = now + self.every
        return True

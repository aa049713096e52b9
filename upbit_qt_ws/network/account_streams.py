"""The streams of the private socket: what an outage has cost is told by what REST shows after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from upbit_qt_ws.network.account_watch import AccountWatch
from upbit_qt_ws.network.streams import TopicStreams
from upbit_qt_ws.subscriptions.gaps import Gap, Refill
from upbit_qt_ws.wire.matching import matching_topics

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from upbit_qt_ws.events import Event
    from upbit_qt_ws.wire.topics import Topic

ACCOUNT_TYPES: Final = ("myOrder", "myAsset")
"""Types that REST can stand in for."""


class AccountStreams(TopicStreams):
    """See :class:`TopicStreams`.

    Attributes:
        watch: what was told of the account.
    """

    def __init__(self, *arguments: Any, fills: bool, **options: Any) -> None:
        """Take what :class:`TopicStreams` takes."""
        super().__init__(*arguments, fills=fills, **options)
        self.watch = AccountWatch()
        self._fills = fills
        self._open_gaps: dict[str, list[Gap]] = {}

    def put(self, topic: tuple[str, str, float], event: Event) -> bool:
        """Take an event from a connection; tell whether its topic is wanted."""
        if event.epoch != self.epoch or not self._overlap.waits(topic):
            self.watch.heard(event)
        return super().put(topic, event)

    def served_again(self, topics: Iterable[Topic]) -> None:
        """Have the account looked at, if the connection that told of it had been lost."""
        for gap in self._continuity.resumed_silently(topics):
            if self._fills and gap.topic.type in ACCOUNT_TYPES:
                asked = gap.topic.type in self._open_gaps
                self._open_gaps.setdefault(gap.topic.type, []).append(gap)
                if not asked:
                    self._refill(Refill(gap.topic))
            else:
                self._gap_found(gap)

    def _resume(self, topic: Topic, event: Event) -> None:
        # Something has come of it before the exchange was asked whether it serves it.
        self.served_again((topic,))

    def settle(self, refill: Refill, fetched: Sequence[Event], *, is_complete: bool) -> None:
        """Pass on what has changed meanwhile, and tell the gaps."""
        filled = self.offer(refill.topic, fetched)
        self.filled += filled
        for gap in self._open_gaps.pop(refill.topic.type, ()):
            settled = msgspec.structs.replace(gap, filled=filled, is_complete=is_complete)
            if not self._is_unfounded(settled):
                self._gap_found(settled)

    def offer(self, topic: Topic, fetched: Sequence[Event]) -> int:
        """Pass on what REST tells, to all topics that it belongs to; return how many events were news."""
        for event in fetched:
            self._stamp(event)
            self.watch.heard(event)
            for wanted in matching_topics(event, self.kept):
                self._mailbox.put(wanted, event)
                self._continuity.newest[wanted] = event
        return len(fetched)

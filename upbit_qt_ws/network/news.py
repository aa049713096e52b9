"""What the network side tells the GUI about topics; immutable, since it crosses between the threads."""

from __future__ import annotations

import time

import msgspec

from upbit_qt_ws.subscriptions.gaps import Gap
from upbit_qt_ws.subscriptions.states import Refusal, When
from upbit_qt_ws.wire.topics import Topic


class TopicNews(msgspec.Struct, frozen=True):
    """What the network knows of topics that the GUI cannot see in the data.

    Attributes:
        epoch: the connection that this is about.
        retired: topics that the socket no longer carries.
        confirmed: topics that the exchange serves, though there is no data to show for it.
        missing: topics that the exchange does not list though it was asked for them.
        unheard: topics of which something should have come, or of which it cannot be known whether it should.
        not_served: topics whose first data is overdue.
        refused: topics that the exchange refuses to be asked for, each with the reason.
        asked_again: refused topics that have now been asked for once more.
        gaps: what an outage may have cost, after it was filled if that is possible.
        at: when it became true, in ns of the monotonic clock.
    """

    epoch: int = 0
    retired: tuple[Topic, ...] = ()
    confirmed: tuple[Topic, ...] = ()
    missing: tuple[Topic, ...] = ()
    unheard: tuple[Topic, ...] = ()
    not_served: tuple[Topic, ...] = ()
    refused: tuple[tuple[Topic, Refusal], ...] = ()
    asked_again: tuple[Topic, ...] = ()
    gaps: tuple[Gap, ...] = ()
    at: int = msgspec.field(default_factory=time.monotonic_ns)

    @property
    def when(self) -> When:
        """When it became true."""
        return When(self.epoch, self.at)

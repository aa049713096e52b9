"""What is said and done about a socket that is open and silent: the shell of :class:`Vigil`."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.network.vigil import Patience, Vigil
from upbit_qt_ws.wire.topics import Endpoint, Stream

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.network.dialogue import Dialogue
    from upbit_qt_ws.network.streams import TopicStreams
    from upbit_qt_ws.wire.topics import Topic, Want

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.25
"""From one look to the next."""

_NAMED: Final = 3

UNANSWERED: Final = "the exchange is silent and gives no sign of life: a second connection is opened beside this one"


class LinkWatch:
    """Keeps the topics of one link true while its socket is open, over all its connections.

    Only where silence is unusual it is looked at: on the public socket.

    Args:
        config: the times.
        endpoint: which socket this is.
        streams: what has come of each topic.

    Attributes:
        is_answered: the exchange has given the signs of life that it should have.
        reason: why topics are not live though the socket is open, in plain words; empty when all is well.
        starving_since: when the first of the topics that starve now was found to, monotonic seconds; ``inf`` for none.
        renew: topics go on starving: the connection is to be replaced. Whoever sees to that takes it back.
        audits, starved, unanswered: counters since the start, see :class:`LinkStatus`.
    """

    def __init__(self, config: WebSocketConfig, endpoint: Endpoint, streams: TopicStreams) -> None:
        """Watch nothing yet."""
        self._is_public = endpoint is Endpoint.PUBLIC
        self._streams = streams
        patience = Patience(config.stall_s, max(config.silence_s, config.stall_s), LOOK_SECONDS)
        self._vigil = Vigil(patience, audits=self._is_public and config.audits(config.public_url))
        self._wanted: frozenset[Topic] = frozenset()
        self.is_answered = True
        self.reason = ""
        self.starving_since = math.inf
        self.renew = False
        self.audits = self.starved = self.unanswered = 0

    def apply(self, wants: Mapping[Topic, Want]) -> None:
        """Take the newest wishes."""
        self._wanted = frozenset(topic for topic, want in wants.items() if want.stream & Stream.REALTIME)

    @property
    def wanted(self) -> frozenset[Topic]:
        """What is wanted in real time."""
        return self._wanted

    def opened(self) -> None:
        """A new connection is there, and has made no topic live yet."""
        self._vigil.opened()
        self.is_answered = True
        self.reason = ""

    def rest(self) -> None:
        """There is no connection, or nothing is wanted of it."""
        self._vigil.rest()

    def look(self, dialogue: Dialogue, now: float) -> frozenset[Topic]:
        """Look at what has come, and act on it; return the topics that REST is to be asked about."""
        if not self._is_public:
            return frozenset()
        heard = dialogue.intake.last_data_ns or 0
        look = self._vigil.look(self._streams.newest, self._wanted, dialogue.reconciler.awaited, heard, now)
        if look.doubt:
            dialogue.suspect()
        if look.unsure:
            self._explain(f"nothing has come of {listed(look.unsure)}, and whether it should have is not known")
            dialogue.tell_unheard(look.unsure)
        self.renew = self.renew or look.renew
        if not self._vigil.starved:
            self.starving_since = math.inf
        self._note_well()
        return look.suspects

    def judge(self, dialogue: Dialogue, *, is_doubtful: bool) -> None:
        """Take whether the exchange has given no sign of life where it should have."""
        if is_doubtful and self.is_answered:
            self.is_answered = False
            self.unanswered += 1
            self._explain(UNANSWERED)
            # What owes its first data is not live anyway.
            dialogue.tell_unheard(self._vigil.doubt(self._wanted - dialogue.reconciler.awaited))
        elif not is_doubtful and not self.is_answered:
            self.is_answered = True
            dialogue.tell_served(self._vigil.answered())
            self._note_well()

    def audited(self, dialogue: Dialogue, starved: Collection[Topic], calm: Iterable[Topic]) -> None:
        """Take what an audit of the whole socket has found.

        Args:
            dialogue: what is said on the connection that was audited.
            starved: topics that REST knows something of that they did not tell.
            calm: those that told all that REST knows.
        """
        self.audits += 1
        self.starved += len(starved)
        if self.is_answered:
            dialogue.tell_served(self._vigil.calm(calm))
        self._vigil.audited()
        if not starved:
            return
        reason = f"the exchange knows more of {listed(starved)} than it has sent"
        self._explain(reason)
        dialogue.tell_unheard(starved)
        if self._is_public:
            if not self._vigil.starved:
                self.starving_since = time.monotonic()
            self._vigil.starve(starved)
            dialogue.ask_again(starved, reason)
        else:
            # There are no snapshots to ask for: only another connection may help.
            self._vigil.doubt(starved)
            self._streams.lost(starved, reason)

    # -- when another connection takes over -------------------------------------------------------------------

    def note_end(self, epoch: int, reason: str) -> None:
        """The connection ``epoch`` tells nothing more: what no newer one has told yet may be missed."""
        silent = [topic for topic in self._wanted if not self._streams.is_superseded(topic, epoch)]
        self._streams.lost(silent, reason)

    def note_missed(self, epoch: int, *, is_doubtful: bool, mistrusted_since: float) -> None:
        """Another connection is open beside ``epoch``: note what that one may have missed until now.

        Args:
            epoch: the connection that is to be replaced.
            is_doubtful: it gives no sign of life.
            mistrusted_since: what it has not told since then, in monotonic seconds, it may have missed.
        """
        if is_doubtful:
            self.note_end(epoch, UNANSWERED)
        elif mistrusted_since < math.inf:
            newest = self._streams.newest
            since = mistrusted_since * 1e9
            silent = [topic for topic in self._wanted if topic in newest and newest[topic].received_ns < since]
            self._streams.lost(silent, self.reason or "the exchange sent less than it knew")

    def _note_well(self) -> None:
        if self.reason and self.is_answered and not self._vigil.doubted:
            _log.info("all that is wanted is live again")
            self.reason = ""

    def _explain(self, reason: str) -> None:
        if reason != self.reason:
            _log.warning("%s", reason)
        self.reason = reason


def listed(topics: Collection[Topic]) -> str:
    """Name topics for people, the first few of them."""
    named = ", ".join(map(str, sorted(topics)[:_NAMED]))
    more = len(topics) - _NAMED
    return f"{named} and {more} more" if more > 0 else named

"""When REST stands in for a socket, and what it is asked then. Pure."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.network.questions import Question
from upbit_qt_ws.wire.topics import Stream

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from upbit_qt_ws.wire.topics import Topic, Want

_SINGLE_CALLS: Final = 8
"""Markets whose trades or candles are asked for in one round: each takes a call of its own."""

_LAST_TRADES: Final = 100
_LAST_CANDLES: Final = 200
"""As many as one call tells: those that ended since the socket was lost are wanted, too."""

_LONGEST_PAUSE: Final = 30.0


@dataclass(slots=True)
class FallbackPolicy:
    """Decides when to ask over REST: not at each short break, and no longer than needed.

    Args:
        after: how long the socket must be down before REST stands in, in seconds.
        every: pause between two rounds of questions, in seconds; it doubles while they fail, up to 30.
        recovered: how long the socket must be up again before REST rests, in seconds.
    """

    after: float = 10.0
    every: float = 2.0
    recovered: float = 3.0
    _is_on: bool = False
    _since: float = math.inf
    _was_up: bool = True
    _next_round: float = -math.inf
    _failures: int = 0

    @property
    def is_on(self) -> bool:
        """Whether REST stands in."""
        return self._is_on

    def check(self, now: float, *, is_up: bool) -> tuple[bool, float]:
        """Take how the socket is; return whether a round is due now, and when to look again."""
        if is_up is not self._was_up:
            self._was_up, self._since = is_up, now
        if is_up is self._is_on:
            turns_at = self._since + (self.recovered if is_up else self.after)
            if now >= turns_at:
                self._is_on = not is_up
                self._failures, self._next_round = 0, now
        else:
            turns_at = math.inf
        if not self._is_on:
            return False, turns_at if turns_at > now else math.inf
        if now < self._next_round:
            return False, min(self._next_round, turns_at if turns_at > now else math.inf)
        return True, now

    def asked(self, now: float, *, failed: bool) -> None:
        """A round of questions has ended."""
        self._failures = self._failures + 1 if failed else 0
        self._next_round = now + min(_LONGEST_PAUSE, self.every * 2.0 ** min(self._failures, 16))


class Round(NamedTuple):
    """One question of a round, and which topic each answered event belongs to, given its code.

    Attributes:
        type: of the topics.
        codes: the markets that it is about.
        level: of the order books; 0 for other types.
    """

    type: str
    codes: tuple[str, ...]
    level: float = 0.0

    @property
    def question(self) -> Question:
        """The call that answers it."""
        if self.type == "ticker":
            return Question("tickers", (self.codes,))
        if self.type == "orderbook":
            return Question("orderbooks", (self.codes,), (("level", self.level),))
        (code,) = self.codes
        if self.type == "trade":
            return Question("trades", (code, _LAST_TRADES))
        return Question("candles", (code, self.type.removeprefix("candle."), _LAST_CANDLES))


class RoundPlan:
    """Makes the questions of each round: those that serve many markets at once, and a few of the others in turn."""

    def __init__(self) -> None:
        """Begin with the first market."""
        self._turn = 0

    def next(self, wants: Mapping[Topic, Want]) -> list[Round]:
        """Return the questions of the next round for the public topics in ``wants``."""
        live = sorted(topic for topic, want in wants.items() if want.stream & Stream.REALTIME)
        rounds = []
        tickers = tuple(topic.code for topic in live if topic.type == "ticker")
        if tickers:
            rounds.append(Round("ticker", tickers))
        books = [topic for topic in live if topic.type == "orderbook"]
        for level, group in itertools.groupby(sorted(books, key=lambda book: book.level), key=lambda book: book.level):
            rounds.append(Round("orderbook", tuple(book.code for book in group), level))
        singles = [topic for topic in live if topic.type == "trade" or topic.type.startswith("candle.")]
        if singles:
            first = self._turn % len(singles)
            chosen = (singles[first:] + singles[:first])[:_SINGLE_CALLS]
            self._turn = first + len(chosen)
            rounds += [Round(topic.type, (topic.code,)) for topic in chosen]
        return rounds


class UnknownMarkets:
    """The markets that the exchange does not know at present: one of them makes it refuse a whole question.

    Markets are listed, delisted and renamed at any time. So nothing is remembered but who was unknown a short while
    ago; after that time each is asked for again.

    Args:
        recheck: after how long an unknown market is asked for again, in seconds.
    """

    def __init__(self, recheck: float = 30.0) -> None:
        """Take every market for known."""
        self._recheck = recheck
        self._until: dict[str, float] = {}

    def without(self, wants: Mapping[Topic, Want], now: float) -> Mapping[Topic, Want]:
        """Return what is wanted of the markets that are not known to be unknown."""
        self._until = {code: until for code, until in self._until.items() if now < until}
        if not self._until:
            return wants
        return {topic: want for topic, want in wants.items() if topic.code not in self._until}

    def refused(self, part: Round, listed: Container[str], now: float) -> tuple[Round, ...]:
        """The exchange does not know one of the markets of a question; return what to ask instead.

        Args:
            part: the question.
            listed: the markets that the exchange lists now.
            now: monotonic time, in seconds.
        """
        known = tuple(code for code in part.codes if code in listed)
        if known == part.codes and len(known) == 1:
            # It is on the list and answers to nobody, as a market may that is just coming or going.
            known = ()
        for code in set(part.codes).difference(known):
            self._until[code] = now + self._recheck
        if known == part.codes:
            half = len(known) // 2
            return part._replace(codes=known[:half]), part._replace(codes=known[half:])
        return (part._replace(codes=known),) if known else ()

"""When REST stands in for a socket, and what it is asked then. Pure."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.network.questions import Question
from upbit_qt_ws.wire.topics import Stream, Topic, Want

if TYPE_CHECKING:
    from collections.abc import Mapping

_SINGLE_CALLS: Final = 8
"""Markets whose trades or candles are asked for in one round: each takes a call of its own."""

_LAST_TRADES: Final = 100
_LAST_CANDLES: Final = 2
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
    """One question of a round, and which topic each answered event belongs to, given its code."""

    question: Question
    type: str
    level: float = 0.0


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
            rounds.append(Round(Question("tickers", (tickers,)), "ticker"))
        books = [topic for topic in live if topic.type == "orderbook"]
        for level, group in itertools.groupby(sorted(books, key=lambda book: book.level), key=lambda book: book.level):
            codes = tuple(book.code for book in group)
            rounds.append(Round(Question("orderbooks", (codes,), (("level", level),)), "orderbook", level))
        singles = [topic for topic in live if topic.type == "trade" or topic.type.startswith("candle.")]
        if singles:
            first = self._turn % len(singles)
            chosen = (singles[first:] + singles[:first])[:_SINGLE_CALLS]
            self._turn = first + len(chosen)
            rounds += [Round(_single(topic), topic.type) for topic in chosen]
        return rounds


def _single(topic: Topic) -> Question:
    if topic.type == "trade":
        return Question("trades", (topic.code, _LAST_TRADES))
    return Question("candles", (topic.code, topic.type.removeprefix("candle."), _LAST_CANDLES))

"""Scripts: which fault happens when. One seed makes one script. Pure."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.testing.faults.vocabulary import (
    BAD_MESSAGES,
    CLOSE_CODES,
    DIRECTIONS,
    ERROR_NAMES,
    LASTING,
    SOCKETS,
    Fault,
    FaultKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_PASSING_REFUSALS: Final = (429, 503)
_PASSING_ERRORS: Final = tuple(name for name in ERROR_NAMES if name != "INVALID_AUTH")
"""What random scripts choose from: refused keys do not come right by themselves, and where a fault garbles how long an
address is blocked (418), that is a minute; so a client rightly waits."""

_RARE: Final = (FaultKind.BLACK_HOLE, FaultKind.STARVE, FaultKind.STALL)
_RARITY: Final = 8.0
"""Faults that a client takes its time to notice: one of them comes for so many others. They are drawn from dice of
their own, so that the other lines of a seed's script are what they have always been."""

_LONGEST: Final = 3.0
"""Longest time of a random fault, in seconds; scripts that want more say so themselves."""


class Step(NamedTuple):
    """One line of a script: ``fault`` begins ``at`` seconds after the start."""

    at: float
    fault: Fault

    def __str__(self) -> str:
        """Write the line: ``+1.250 s freeze for 2 s``."""
        return f"+{self.at:.3f} s {self.fault}"


class FaultScript:
    """Steps in the order of time.

    Args:
        steps: in any order.
        duration: when the script ends, in seconds; every fault is lifted by then. None takes the end of the last one.
    """

    def __init__(self, steps: Iterable[Step], duration: float | None = None) -> None:
        """Check and sort the steps.

        Raises:
            ConfigurationError: a step cannot be played, begins before 0, or lasts longer than ``duration``.
        """
        self.steps = tuple(sorted(steps, key=lambda step: step.at))
        end = max((step.at + step.fault.seconds for step in self.steps), default=0.0)
        self.duration = end if duration is None else duration
        for step in self.steps:
            step.fault.check()
            if step.at < 0 or step.at + step.fault.seconds > self.duration + 1e-6:
                raise ConfigurationError(f"the step {str(step)!r} is not within the {self.duration:g} s of its script")

    def __iter__(self) -> Iterator[Step]:
        """Go through the steps."""
        return iter(self.steps)

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.steps)

    def __eq__(self, other: object) -> bool:
        """Two scripts are equal when their text is."""
        return isinstance(other, FaultScript) and str(self) == str(other)

    def __hash__(self) -> int:
        """Agree with ``__eq__``."""
        return hash(str(self))

    def __str__(self) -> str:
        """Write the script, a line a step, and its end."""
        return "\n".join([*map(str, self.steps), f"+{self.duration:.3f} s end"])

    @classmethod
    def parse(cls, text: str) -> FaultScript:
        """Read what ``str`` has written; empty lines and those that begin with ``#`` mean nothing.

        Raises:
            ConfigurationError: a line is no step.
        """
        steps: list[Step] = []
        duration: float | None = None
        for line in text.splitlines():
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            moment, _, words = line.strip().partition(" s ")
            try:
                at = float(moment)
            except ValueError as error:
                raise ConfigurationError(f"{line!r} does not begin with a time, such as '+1.5 s'") from error
            if words.strip() == "end":
                duration = at
            else:
                steps.append(Step(at, Fault.parse(words)))
        return cls(steps, duration)

    @classmethod
    def from_seed(
        cls,
        seed: int,
        duration: float,
        *,
        every: float = 1.0,
        codes: Sequence[str] = ("KRW-BTC",),
        kinds: Iterable[FaultKind] | None = None,
        longest: float = _LONGEST,
    ) -> FaultScript:
        """Make the script of a seed: the same one each time, on every machine.

        Args:
            seed: any integer.
            duration: of the script, in seconds; every fault ends by then.
            every: mean time between the beginnings of faults, in seconds.
            codes: markets that may fall silent.
            kinds: to choose from; None for all.
            longest: longest time of one fault, in seconds.
        """
        if kinds is not None:
            return cls(_steps(Random(seed), duration, every, tuple(kinds), codes, longest), duration + 0.001)
        frequent = tuple(kind for kind in FaultKind if kind not in _RARE)
        steps = _steps(Random(seed), duration, every, frequent, codes, longest)
        steps += _steps(Random(f"rare {seed}"), duration, every * _RARITY, _RARE, codes, longest)
        return cls(steps, duration + 0.001)


def _steps(
    random: Random, duration: float, every: float, kinds: tuple[FaultKind, ...], codes: Sequence[str], longest: float
) -> list[Step]:
    steps = []
    at = random.expovariate(1.0 / every)
    while at < duration:
        kind = random.choice(kinds)
        left = min(longest, duration - at)
        seconds = round(left * random.uniform(0.05, 1.0), 3) if kind in LASTING else 0.0
        if kind not in LASTING or seconds > 0:
            steps.append(Step(round(at, 3), Fault(kind, seconds, _value(kind, random, codes))))
        at += random.expovariate(1.0 / every)
    return steps


def _value(kind: FaultKind, random: Random, codes: Sequence[str]) -> str:
    if kind is FaultKind.CLOSE:
        return str(random.choice(CLOSE_CODES))
    if kind is FaultKind.STATUS:
        return str(random.choice(_PASSING_REFUSALS))
    if kind is FaultKind.BAD_MESSAGE:
        return random.choice(tuple(BAD_MESSAGES))
    if kind is FaultKind.ERROR:
        return random.choice(_PASSING_ERRORS)
    if kind in (FaultKind.SILENCE, FaultKind.FORGET):
        return random.choice(tuple(codes))
    if kind is FaultKind.BLACK_HOLE:
        return random.choice(DIRECTIONS)
    if kind in (FaultKind.STARVE, FaultKind.STALL):
        topic = f"{random.choice(('ticker', 'trade', 'orderbook'))} {random.choice(tuple(codes))}"
        return random.choice((*SOCKETS, topic))
    if kind in (FaultKind.SLOW, FaultKind.SLOW_WRITES):
        return str(random.choice((200, 2_000, 20_000)))
    if kind is FaultKind.CUT_IN_FRAME:
        return str(random.randrange(1, 400))
    if kind is FaultKind.LAG:
        return str(random.choice((20, 200, 800)))
    return str(random.choice((200, 1_000))) if kind is FaultKind.FLAP else ""

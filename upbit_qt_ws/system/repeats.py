"""The same complaint again and again: what of it is worth a line of a log. Pure.

An exchange that refuses connections does so some 25 times a minute, for hours. A line each time hides everything
else, and one line for ever tells nobody that it is still so.
"""

from __future__ import annotations

import math
import re
from typing import Final

SUMMARIES: Final = (60.0, 600.0, 3600.0)
"""How long after the first complaint it is said that it goes on, in seconds; then every hour."""

SETTLED: Final = 60.0
"""How long a thing must have worked before its trouble counts as over, in seconds: what flaps is not well."""

MOST_KINDS: Final = 8
"""Different complaints of one trouble that are told at once; more are only counted, for they may be endless."""

_NUMBERS: Final = re.compile(r"\d+(?:\.\d+)?")


class Repeats:
    """One kind of trouble, such as a link that cannot connect: says what to log of its complaints, and when.

    The first complaint is told, and so is each that differs from those before. Those that were told before are counted,
    and the count is told after 1, 10 and 60 minutes and then every hour. Once the thing has worked for a minute the
    trouble is over: that is told too, and the next complaint is a first one again.

    Attributes:
        count: complaints of the present trouble; 0 while there is none.
    """

    __slots__ = ("_began", "_kinds", "_last", "_quiet", "_summaries", "_worked_since", "count")

    def __init__(self, quiet: float = math.inf) -> None:
        """Begin without a trouble.

        Args:
            quiet: after so long without a complaint the trouble counts as over, in seconds; for things of which nobody
                can tell that they work.
        """
        self.count = 0
        self._quiet = quiet
        self._kinds: set[str] = set()
        self._began = self._last = 0.0
        self._summaries = 0
        self._worked_since: float | None = None

    def complain(self, text: str, now: float, *, kind: str | None = None) -> str | None:
        """Count a complaint; return the line to log, or None if it says nothing new.

        Args:
            text: the complaint.
            now: monotonic time, in seconds.
            kind: what makes it the same as others; None for the text, in which all numbers count as the same.
        """
        kind = _NUMBERS.sub("#", text) if kind is None else kind
        has_settled = self._worked_since is not None and now - self._worked_since >= SETTLED
        if self.count and (has_settled or now - self._last >= self._quiet):
            self._forget()
        self._worked_since = None
        self._last = now
        self.count += 1
        if self.count == 1:
            self._began = now
        is_new = kind not in self._kinds and len(self._kinds) < MOST_KINDS
        if is_new:
            self._kinds.add(kind)
        if now - self._began >= self._next_summary():
            while now - self._began >= self._next_summary():
                self._summaries += 1
            return f"{text} ({self.count} times in {span_text(now - self._began)}, and it goes on)"
        return text if is_new else None

    def worked(self, now: float) -> str | None:
        """Note that the thing works at ``now``; return what to log if the trouble is over by that, else None.

        To be called again while it works: a trouble is over a minute after the first of these calls.
        """
        if not self.count:
            return None
        if self._worked_since is None:
            self._worked_since = now
        if now - self._worked_since < SETTLED:
            return None
        times = "once" if self.count == 1 else f"{self.count} times in {span_text(self._last - self._began)}"
        self._forget()
        return f"over, after it happened {times}"

    def _next_summary(self) -> float:
        """Return how long after the beginning the next summary is due, in seconds."""
        if self._summaries < len(SUMMARIES):
            return SUMMARIES[self._summaries]
        return SUMMARIES[-1] * (self._summaries - len(SUMMARIES) + 2)

    def _forget(self) -> None:
        self.count = self._summaries = 0
        self._kinds.clear()
        self._worked_since = None


def span_text(seconds: float) -> str:
    """Return a span of time in words: ``40 s``, ``12 min``, ``3 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"

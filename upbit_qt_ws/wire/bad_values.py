"""What was left out because it could not be: how much, and which fields. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_NAMES = 200
"""There are fewer fields; this is a bound for a defect."""


class BadValues:
    """Counts values that were left out.

    Attributes:
        count: how many.
        names: of which fields, as ``"ticker.high_price"``; only names that this version knows, whatever is sent.
    """

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0
        self.names: set[str] = set()

    def note(self, name: str) -> bool:
        """Count one; tell whether it is the first of its name."""
        self.count += 1
        if name in self.names or len(self.names) >= _MOST_NAMES:
            return False
        self.names.add(name)
        return True

    def add(self, count: int, names: Iterable[str]) -> None:
        """Count what another one has counted."""
        self.count += count
        self.names.update(names)

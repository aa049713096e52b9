"""Which rows changed, as contiguous runs: one ``dataChanged`` for each, and no cell in between is painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last row of each contiguous run, in ascending order."""
    start = previous = None
    for row in sorted(rows):
        if start is None or previous is None:
            start = row
        elif row != previous + 1:
            yield start, previous
            start = row
        previous = row
    if start is not None and previous is not None:
        yield start, previous

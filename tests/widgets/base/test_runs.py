"""Rows that changed, as contiguous runs."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_widgets.base.runs import runs


@given(st.sets(st.integers(0, 60)))
def test_runs_hold_exactly_the_rows_and_are_as_few_as_can_be(rows: set[int]) -> None:
    found = list(runs(rows))

    assert [row for first, last in found for row in range(first, last + 1)] == sorted(rows)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(found))

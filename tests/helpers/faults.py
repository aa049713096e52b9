"""Fails a test in which a guard has caught something: what the guards keep from ending the program is a defect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from upbit_qt_ws.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails on faults that the test has not asked for with the marker ``expects_faults``."""
    FAULTS.clear()
    yield
    found = FAULTS.clear()
    if found and request.node.get_closest_marker("expects_faults") is None:
        listed = "\n".join(f"  {fault.place}: {fault.error} ({fault.times} times)" for fault in found)
        pytest.fail(f"guarded functions failed, see the captured log for the traceback:\n{listed}", pytrace=False)

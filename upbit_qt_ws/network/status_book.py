"""The status of a link as it is told: with the counters of the moment, and only when it differs from the last one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec

from upbit_qt_ws.health.status import LinkState, LinkStatus

if TYPE_CHECKING:
    from collections.abc import Callable


class StatusBook:
    """Keeps the status of one link.

    Args:
        report: called with each status that differs from the last one that was reported.
        counters: returns the counters of :class:`LinkStatus` as they are now, by their names.
    """

    def __init__(self, report: Callable[[LinkStatus], None], counters: Callable[[], dict[str, Any]]) -> None:
        """Begin idle; nothing is reported yet."""
        self._report = report
        self._counters = counters
        self._status = LinkStatus(since=time.monotonic())
        self._reported: LinkStatus | None = None

    @property
    def state(self) -> LinkState:
        """What was published last."""
        return self._status.state

    @property
    def reason(self) -> str:
        """Why, as it was published last."""
        return self._status.reason

    @property
    def requests_reported(self) -> int | None:
        """How many requests the last report told of; None before the first."""
        return None if self._reported is None else self._reported.requests_sent

    def read(self) -> LinkStatus:
        """Return the state with its counters as they are now."""
        self._status = msgspec.structs.replace(self._status, **self._counters())
        return self._status

    def publish(self, state: LinkState, epoch: int, reason: str, hint: str, retry_at: float | None) -> None:
        """Take a state, and report it if it is news; see :class:`LinkStatus` for the arguments."""
        since = self._status.since if self._status.state is state else time.monotonic()
        self._status = msgspec.structs.replace(
            self._status, state=state, epoch=epoch, since=since, reason=reason, hint=hint, retry_at=retry_at
        )
        self.report()

    def report(self) -> None:
        """Report the state with its counters as they are now, if it differs from the last one that was reported."""
        status = self.read()
        if status != self._reported:
            self._reported = status
            self._report(status)

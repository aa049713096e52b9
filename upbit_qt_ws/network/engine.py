"""The feed engine: all links of the toolkit on one asyncio loop. It does not know which loop that is."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.network.link import Link
from upbit_qt_ws.network.rate_limit import CONNECT_RATES, RateLimiter

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.health.status import LinkStatus
    from upbit_qt_ws.network.news import TopicNews
    from upbit_qt_ws.subscriptions import DesiredState

PUBLIC: Final = "public"
"""Name of the link that carries quotation data."""


class FeedEngine:
    """Owns the links and makes them follow the desired state.

    Level-triggered: only the newest desired state counts, and applying the same one twice does nothing.

    Args:
        config: addresses and times.
        mailbox: where events go.
        report_link: called with a link's name and its new state.
        report_topics: called with a link's name and its news of topics.
    """

    def __init__(
        self,
        config: WebSocketConfig,
        mailbox: Mailbox,
        report_link: Callable[[str, LinkStatus], None],
        report_topics: Callable[[str, TopicNews], None],
    ) -> None:
        """Set up the links; nothing is opened before :meth:`start`."""
        self._links = {
            PUBLIC: Link(
                config,
                config.public_url,
                mailbox,
                RateLimiter(CONNECT_RATES),
                lambda status: report_link(PUBLIC, status),
                lambda news: report_topics(PUBLIC, news),
            )
        }
        self._report_link = report_link
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the links on the running loop."""
        self._tasks = [asyncio.create_task(link.run(), name=f"upbit link {name}") for name, link in self._links.items()]

    def apply(self, desired: DesiredState) -> None:
        """Make the links follow ``desired``."""
        self._links[PUBLIC].apply(desired.wants)

    def publish(self) -> None:
        """Report the state of all links with their counters as they are now."""
        for name, link in self._links.items():
            self._report_link(name, link.status())

    async def stop(self) -> None:
        """Close all sockets and end all tasks; takes at most about a second."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()

"""Asks REST whether the public socket tells all that happens: the shell of :mod:`upbit_qt_ws.network.audit`."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from upbit_qt_ws.errors import RestError, UpbitQtError
from upbit_qt_ws.network.audit import Evidence, Findings, books_to_ask, compare
from upbit_qt_ws.wire.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.events import TickerEvent
    from upbit_qt_ws.network.link import Link
    from upbit_qt_ws.network.stand_in import Ask

_log = logging.getLogger(__name__)

_UNKNOWN: Final = 404

_SPACING: Final = 1 / 3
"""Least time between two audits, as a part of ``stall_s``: suspicions in between wait for the next one."""


class AnyAuditor(Protocol):
    """What audits a link."""

    def look(self, suspects: frozenset[Topic], now: float) -> None:
        """Audit if there is a reason, or if it is time; called regularly."""


class Auditor:
    """Audits the public link: when topics are suspected, and regularly while anything is live.

    Args:
        config: the times.
        link: what is audited.
        ask: makes the calls.
        spawn: runs a coroutine as a task that ends with the engine.
    """

    def __init__(
        self,
        config: WebSocketConfig,
        link: Link,
        ask: Ask,
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
    ) -> None:
        """Ask nothing yet."""
        self._config = config
        self._link = link
        self._ask = ask
        self._spawn = spawn
        self._audits = config.audits(config.public_url)
        self._is_asking = False
        self._has_failed = False
        self._due_at = math.inf
        self._earliest = -math.inf

    def look(self, suspects: frozenset[Topic], now: float) -> None:
        """Audit if topics are suspected, or if it is time; called regularly."""
        if not self._audits or not self._link.is_up:
            self._due_at = math.inf
            return
        if self._due_at == math.inf:
            self._due_at = now + self._config.audit_every_s
        if not self._is_asking and now >= self._earliest and (suspects or now >= self._due_at):
            self._is_asking = True
            self._spawn(self._audit(suspects), "upbit audit")

    async def _audit(self, suspects: frozenset[Topic]) -> None:
        epoch, findings = self._link.epoch, None
        try:
            findings = await self._find(suspects)
        except (UpbitQtError, TimeoutError) as error:
            if not self._has_failed:
                why = str(error) or "no answer"
                _log.info("whether the exchange tells everything cannot be found out over REST: %s", why)
            self._has_failed = True
        except Exception:
            _log.exception("an audit failed")
        else:
            self._has_failed = False
        finally:
            now = time.monotonic()
            self._is_asking = False
            self._due_at = now + self._config.audit_every_s
            self._earliest = now + _SPACING * self._config.stall_s
        if findings is not None:
            self._link.audited(epoch, findings.lacking, findings.calm)

    async def _find(self, suspects: frozenset[Topic]) -> Findings:
        """Return which topics starve, and which tell all that REST knows."""
        link = self._link
        told = link.streams.told(link.live_topics)
        if not told:
            return Findings(frozenset(), frozenset())
        async with asyncio.timeout(self._config.snapshot_timeout_s):
            evidence, asked_books = await self._collect(told, suspects)
        # What has come while REST was asked counts.
        told = link.streams.told(told)
        found = compare(told, evidence, asked_books)
        if not found.lacking:
            return found
        # It may be under way; but of what is starved, nothing comes in this time.
        heard = {topic: event.received_ns for topic in found.lacking if (event := link.streams.newest.get(topic))}
        await asyncio.sleep(self._config.audit_grace_s)
        silent = frozenset(
            topic
            for topic, received in heard.items()
            if (event := link.streams.newest.get(topic)) and event.received_ns == received
        )
        return Findings(silent & link.live_topics, found.calm)

    async def _tickers(self, codes: set[str]) -> tuple[TickerEvent, ...]:
        """Return the tickers of these markets, and whichever others come along."""
        # Of each of these something was heard, so the exchange knows the currencies.
        quotes = sorted({code.partition("-")[0] for code in codes})
        try:
            return await self._ask(lambda client: client.all_tickers(quotes), is_private=False)
        except RestError as error:
            if error.status != _UNKNOWN:
                raise
        # An exchange that has no such call. One that is delisted makes it refuse this one; then nothing is known.
        return await self._ask(lambda client: client.tickers(sorted(codes)), is_private=False)

    async def _collect(self, told: dict[Topic, int], suspects: frozenset[Topic]) -> tuple[Evidence, frozenset[Topic]]:
        """Return what REST knows of these topics, and which books it was asked for."""
        tickers = await self._tickers({topic.code for topic in told})
        traded = {row.code: row.trade_timestamp for row in tickers if row.trade_timestamp is not None}
        changed: dict[Topic, int] = {}
        asked: set[Topic] = set()
        for level, codes in books_to_ask(told, traded, suspects).items():
            books = await self._ask(
                lambda client, codes=codes, level=level: client.orderbooks(codes, level=level, units=1),  # type: ignore[misc]
                is_private=False,
            )
            asked.update(Topic("orderbook", code, level) for code in codes)
            changed.update((Topic("orderbook", book.code, level), book.timestamp) for book in books)
        return Evidence(traded, changed), frozenset(asked)

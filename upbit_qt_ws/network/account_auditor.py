"""Asks REST whether the private socket tells what happens to the account: the shell of :class:`AccountAudit`."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.errors import RecoveryError, UpbitQtError
from upbit_qt_ws.network.account_audit import AccountAudit
from upbit_qt_ws.network.account_streams import ACCOUNT_TYPES, AccountStreams
from upbit_qt_ws.network.stand_in import MOST_OPEN_ORDERS, open_orders
from upbit_qt_ws.wire.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.network.link import Link
    from upbit_qt_ws.network.stand_in import Ask, StandIn

_log = logging.getLogger(__name__)

_SOON: Final = 12.0
"""The first audit of a connection, and those after something was found, come so many times sooner than the others."""


class AccountAuditor:
    """Audits the private link, regularly while anything of the account is wanted.

    Args:
        config: the times.
        link: what is audited.
        stand_in: tells what was missed.
        ask: makes the calls.
        spawn: runs a coroutine as a task that ends with the engine.
    """

    def __init__(
        self,
        config: WebSocketConfig,
        link: Link,
        stand_in: StandIn,
        ask: Ask,
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
    ) -> None:
        """Ask nothing yet."""
        assert isinstance(link.streams, AccountStreams)
        self._config = config
        self._link = link
        self._stand_in = stand_in
        self._ask = ask
        self._spawn = spawn
        self._watch = link.streams.watch
        self._audit = AccountAudit(self._watch)
        self._audits = config.audits(config.private_url)
        self._is_asking = False
        self._has_failed = False
        self._due_at = math.inf
        self._epoch = 0

    def look(self, suspects: frozenset[Topic], now: float) -> None:
        """Audit if it is time; called regularly. Silence is normal here, so nothing is ever suspected."""
        del suspects
        if not self._audits or not self._link.is_up:
            self._due_at = math.inf
            return
        if self._due_at == math.inf:
            self._due_at = now + self._config.audit_every_s / _SOON
        if now >= self._due_at and not self._is_asking:
            self._is_asking = True
            self._spawn(self._run(), "upbit audit of the account")

    async def _run(self) -> None:
        epoch, every = self._link.epoch, self._config.audit_every_s
        starved = False
        if epoch != self._epoch:
            # What has changed while there was no connection is the business of the gap.
            self._epoch = epoch
            for kind in ACCOUNT_TYPES:
                self._audit.forget(kind)
        try:
            wanted = {topic.type for topic in self._link.live_topics if topic.type in ACCOUNT_TYPES}
            for kind in ACCOUNT_TYPES:
                if kind not in wanted:
                    self._audit.forget(kind)
                elif await self._is_starved(kind):
                    starved = True
            if starved:
                # It is the socket that says nothing: nothing of the account is live, and all that REST shows is told.
                for kind in sorted(wanted):
                    self._link.streams.offer(Topic(kind, ""), await self._stand_in.account_news(kind))
        except (UpbitQtError, TimeoutError) as error:
            if not self._has_failed:
                _log.info("whether the exchange tells all of the account cannot be found out over REST: %s", error)
            self._has_failed = True
        except Exception:
            _log.exception("an audit of the account failed")
        else:
            self._has_failed = False
        finally:
            self._is_asking = False
            self._due_at = time.monotonic() + (every / _SOON if starved else every)
        account = frozenset(topic for topic in self._link.live_topics if topic.type in ACCOUNT_TYPES)
        self._link.audited(epoch, account if starved else frozenset(), frozenset())
        if starved:
            try:
                await self._link.renew()
            except RecoveryError as error:
                _log.warning("%s", error)
            # What was missed has just been told.
            self._epoch = self._link.epoch

    async def _is_starved(self, kind: str) -> bool:
        async with asyncio.timeout(self._config.snapshot_timeout_s):
            untold = await self._untold(kind)
        if not untold:
            return False
        # It may be under way; but of what is starved, nothing is told in this time.
        times = {name: self._watch.times_told(name) for name in untold}
        await asyncio.sleep(self._config.audit_grace_s)
        return any(self._watch.times_told(name) == before for name, before in times.items())

    async def _untold(self, kind: str) -> frozenset[str]:
        """Return what has changed since the last audit without a word: orders by uuid, or currencies."""
        if kind == "myAsset":
            return self._audit.balances(await self._ask(lambda client: client.accounts(), is_private=True))
        orders = await self._ask(open_orders, is_private=True)
        if len(orders) >= MOST_OPEN_ORDERS:
            # Not all of them are seen, so one that is not need not have ended.
            self._audit.forget(kind)
            return frozenset()
        codes = {topic.code for topic in self._link.live_topics if topic.type == kind}
        return self._audit.orders(order for order in orders if "" in codes or order.market in codes)

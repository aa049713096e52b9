"""REST standing in for a socket: it fills the gaps of an outage, and asks regularly while one lasts."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from upbit_qt_ws.errors import RateLimitedError, RestError, UpbitQtError
from upbit_qt_ws.network.account_streams import ACCOUNT_TYPES, AccountStreams
from upbit_qt_ws.network.fallback import FallbackPolicy, Round, RoundPlan, UnknownMarkets
from upbit_qt_ws.network.refill import Fetched, fetch
from upbit_qt_ws.system.repeats import Repeats
from upbit_qt_ws.wire.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.events import Event, MyAssetEvent, MyOrderEvent
    from upbit_qt_ws.network.link import Link
    from upbit_qt_ws.network.rest import UpbitRestClient
    from upbit_qt_ws.subscriptions.gaps import Refill
    from upbit_qt_ws.wire.rest_records import Order

_log = logging.getLogger(__name__)

_T = TypeVar("_T")

_MOST_ORDERS: Final = 20
"""Orders that are looked at one by one in a round, because they are open no longer."""

_PAGE: Final = 100
_MOST_PAGES: Final = 5
MOST_OPEN_ORDERS: Final = _PAGE * _MOST_PAGES
_UNKNOWN: Final = 404
_QUIET: Final = 600.0
"""A gap that cannot be filled is news again when all could be for so long, in seconds."""


class Ask(Protocol):
    """Makes calls with the engine's REST client."""

    async def __call__(self, work: Callable[[UpbitRestClient], Awaitable[_T]], *, is_private: bool) -> _T:
        """Return what ``work`` returns; the state of the keys is kept for private calls."""


class StandIn:
    """Asks over REST for one link.

    Args:
        config: the times.
        link: takes the answers.
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
        self._policy = FallbackPolicy(config.fallback_after_s, config.fallback_every_s)
        self._plan = RoundPlan()
        self._is_asking = False
        self._unknown = UnknownMarkets()
        self._troubles = Repeats()
        self._unfilled = Repeats(_QUIET)

    def refill(self, refill: Refill) -> None:
        """Fetch what a gap has cost, and give it to the link."""
        self._spawn(self._fill(refill), f"upbit refill {refill.topic.type} {refill.topic.code}")

    def beat(self, now: float) -> None:
        """Ask if the link has been down for long enough; called regularly."""
        if not self._link.wants:
            return
        due, _ = self._policy.check(now, is_up=self._link.is_up)
        if due and not self._is_asking:
            self._is_asking = True
            self._spawn(self._round(), "upbit fallback")

    # -- gaps -------------------------------------------------------------------------------------------------

    async def _fill(self, refill: Refill) -> None:
        fetched = Fetched((), False)
        try:
            async with asyncio.timeout(self._config.refill_wait_s):
                fetched = await self._fetch(refill)
        except TimeoutError:
            self._note_unfilled(refill, f"not within {self._config.refill_wait_s:g} s")
        except UpbitQtError as error:
            self._note_unfilled(refill, str(error))
        finally:
            self._link.streams.settle(refill, fetched.events, is_complete=fetched.is_complete)

    def _note_unfilled(self, refill: Refill, why: str) -> None:
        # What is the same for all is why; an outage costs every topic a gap.
        words = f"a gap of {refill.topic.type} {refill.topic.code} was not filled: {why}"
        line = self._unfilled.complain(words, time.monotonic(), kind=why)
        if line is not None:
            _log.warning("%s", line)

    async def _fetch(self, refill: Refill) -> Fetched:
        if refill.topic.type in ACCOUNT_TYPES:
            return Fetched(await self.account_news(refill.topic.type), True)
        most = self._config.refill_trades
        return await self._ask(lambda client: fetch(client, refill, most_trades=most), is_private=False)

    # -- rounds -----------------------------------------------------------------------------------------------

    async def _round(self) -> None:
        failed = False
        self._link.keep_wanted()
        try:
            if isinstance(self._link.streams, AccountStreams):
                await self._account_round()
            else:
                await self._public_round()
        except UpbitQtError as error:
            failed = True
            self._complain(f"REST cannot stand in either: {error}")
        except Exception as error:
            failed = True
            line = self._troubles.complain("a round of REST questions failed", time.monotonic())
            if line is not None:
                _log.error("%s", line, exc_info=error)
        finally:
            self._is_asking = False
            self._policy.asked(time.monotonic(), failed=failed)

    async def _public_round(self) -> None:
        """Ask for everything that is wanted. What cannot be had costs the others nothing.

        Raises:
            RestError: nothing at all can be had.
        """
        errors: list[RestError] = []
        listed: frozenset[str] | None = None
        parts = deque(self._plan.next(self._unknown.without(self._link.wants, time.monotonic())))
        asked = len(parts)
        while parts:
            part = parts.popleft()
            try:
                answer: tuple[Event, ...] = await self._ask(part.question.ask, is_private=False)  # type: ignore[arg-type]
            except RestError as error:
                if error.status is None or isinstance(error, RateLimitedError):
                    raise
                if error.status == _UNKNOWN:
                    # The exchange does not say which one, and the list that it had some time ago is not that of now.
                    listed = await self._listed() if listed is None else listed
                    parts.extendleft(self._unknown.refused(part, listed, time.monotonic()))
                else:
                    errors.append(error)
            else:
                self._offer(part, answer)
        if errors and len(errors) == asked:
            raise errors[0]
        self._complain(f"REST cannot stand in for everything: {errors[0]}" if errors else "")

    def _complain(self, what: str) -> None:
        """Log what is wrong, unless it is one of many that are alike; an empty text says that all is well again."""
        if not what:
            self._troubles.worked(time.monotonic())
            return
        line = self._troubles.complain(what, time.monotonic())
        if line is not None:
            _log.warning("%s", line)

    async def _listed(self) -> frozenset[str]:
        known = await self._ask(lambda client: client.markets(details=False), is_private=False)
        return frozenset(market.market for market in known)

    def _offer(self, part: Round, answer: tuple[Event, ...]) -> None:
        by_code: dict[str, list[Event]] = {}
        for event in answer:
            by_code.setdefault(event.code, []).append(event)  # type: ignore[attr-defined]
        for code, events in by_code.items():
            self._link.streams.offer(Topic(part.type, code, part.level), events)

    async def _account_round(self) -> None:
        for kind in sorted({topic.type for topic in self._link.wants if topic.type in ACCOUNT_TYPES}):
            self._link.streams.offer(Topic(kind, ""), await self.account_news(kind))
        self._complain("")

    async def account_news(self, kind: str) -> list[MyAssetEvent] | list[MyOrderEvent]:
        """Return what REST shows of the account that was not told.

        Args:
            kind: ``myOrder`` or ``myAsset``.

        Raises:
            UpbitQtError: REST could not be asked.
        """
        streams = self._link.streams
        assert isinstance(streams, AccountStreams)
        if kind == "myAsset":
            return streams.watch.news_of_balances(await self._ask(lambda client: client.accounts(), is_private=True))
        orders = await self._ask(open_orders, is_private=True)
        for uuid in streams.watch.missing_from(orders)[:_MOST_ORDERS]:
            try:
                orders.append(await self._ask(lambda client, uuid=uuid: client.order(uuid=uuid), is_private=True))  # type: ignore[misc]
            except RestError as error:
                if error.status != _UNKNOWN:
                    raise
                # The exchange does not know it any more; to ask again each time would keep all others from being told.
                streams.watch.ended(uuid)
        return streams.watch.news_of_orders(orders)


async def open_orders(client: UpbitRestClient) -> list[Order]:
    """Return the open orders, up to :data:`MOST_OPEN_ORDERS`.

    Raises:
        UpbitQtError: as :class:`UpbitRestClient` says.
    """
    orders: list[Order] = []
    for page in range(1, _MOST_PAGES + 1):
        found = await client.open_orders(page=page, limit=_PAGE)
        orders += found
        if len(found) < _PAGE:
            break
    return orders

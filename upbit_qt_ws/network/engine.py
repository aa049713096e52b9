"""The feed engine: all links and the REST client of the toolkit on one asyncio loop. It does not know which loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from functools import partial
from time import time as wall_clock
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from upbit_qt_ws.errors import AuthError, RecoveryError, RestError, UpbitQtError
from upbit_qt_ws.faults import FAULTS
from upbit_qt_ws.health.loop_lag import LoopLag
from upbit_qt_ws.health.vitals import NetworkVitals
from upbit_qt_ws.nested_tasks import create_task, prepare, release
from upbit_qt_ws.network.account_auditor import AccountAuditor
from upbit_qt_ws.network.auditor import Auditor
from upbit_qt_ws.network.clients import UpbitWebSocketPrivateClient, UpbitWebSocketPublicClient
from upbit_qt_ws.network.dynamic_limiter import get_dynamic_rate_limiter
from upbit_qt_ws.network.global_limiter import get_global_rate_limiter
from upbit_qt_ws.network.key_source import KeySource
from upbit_qt_ws.network.link_watch import LOOK_SECONDS
from upbit_qt_ws.network.liveness import SleepDetector
from upbit_qt_ws.network.questions import Answer, Question
from upbit_qt_ws.network.stand_in import StandIn
from upbit_qt_ws.system.repeats import Repeats
from upbit_qt_ws.system.shortage import shortage_in
from upbit_qt_ws.wire.auth_errors import error_of, problem_of
from upbit_qt_ws.wire.text import one_line
from upbit_qt_ws.wire.topics import Endpoint, Topic, Want, endpoint_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from typing import Any

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.health.status import LinkStatus
    from upbit_qt_ws.network.auditor import AnyAuditor
    from upbit_qt_ws.network.keys import ApiKeys
    from upbit_qt_ws.network.link import Link
    from upbit_qt_ws.network.news import TopicNews
    from upbit_qt_ws.network.rest import UpbitRestClient
    from upbit_qt_ws.subscriptions import DesiredState
    from upbit_qt_ws.subscriptions.gaps import Refill

_log = logging.getLogger(__name__)

_T = TypeVar("_T")

_FRESH: Final[Mapping[str, int]] = MappingProxyType({})
_BEAT_SECONDS: Final = 2.0
_QUIET: Final = 600.0
"""A sleep of the machine is news again when there was none for so long, in seconds."""


def _nothing() -> None:
    """Nobody wants to know."""


class FeedEngine:
    """Owns the links and makes them follow the desired state.

    Level-triggered: only the newest desired state counts, and applying the same one twice does nothing.

    Args:
        config: addresses and times.
        mailbox: where events go.
        report_link: called with a link's name and its new state.
        report_topics: called with a link's name and its news of topics.
        report_answer: called with the answer to each question.
        ended: called when a part of it was ended by its loop, or by a defect, and not by :meth:`stop`.
        epochs: the newest connection of each link, by its name, of an engine that this one replaces.
    """

    def __init__(
        self,
        config: WebSocketConfig,
        mailbox: Mailbox,
        report_link: Callable[[str, LinkStatus], None],
        report_topics: Callable[[str, TopicNews], None],
        report_answer: Callable[[Answer], None],
        *,
        ended: Callable[[], None] = _nothing,
        epochs: Mapping[str, int] = _FRESH,
    ) -> None:
        """Set up the links; nothing is opened before :meth:`start`."""
        self._ended = ended
        self._config = config
        self._report_answer = report_answer
        self._detector = SleepDetector(min(_BEAT_SECONDS, config.fallback_every_s))
        self._sleeps = Repeats(_QUIET)
        self._lag = LoopLag(LOOK_SECONDS)
        self._is_wanted = asyncio.Event()
        connects = get_global_rate_limiter(config.public_url).connects
        self._gate = get_dynamic_rate_limiter(host=config.rest_url)
        self._keys = KeySource(config)
        # A refusal on one way says nothing about the others: each has its own state, all read the same keys.
        self._rest_keys = self._keys.manager()
        self._links: dict[Endpoint, Link] = {}
        self._stand_ins: dict[Endpoint, StandIn] = {}
        self._auditors: dict[Endpoint, AnyAuditor] = {}
        self._doubtful: set[Endpoint] = set()
        self._has_failed = False
        for endpoint in Endpoint:
            status, topics = partial(report_link, endpoint.value), partial(report_topics, endpoint.value)
            refill = partial(self._refill, endpoint)
            if endpoint is Endpoint.PUBLIC:
                link: Link = UpbitWebSocketPublicClient(config, mailbox, connects, status, topics, refill)
            else:
                link = UpbitWebSocketPrivateClient(
                    config, mailbox, connects, self._keys, status, topics, refill, endpoint
                )
            link.count_epochs_from(epochs.get(endpoint.value, 0))
            self._links[endpoint] = link
            if endpoint is not Endpoint.INFO:
                # Indicators are not to be had over REST.
                stand_in = self._stand_ins[endpoint] = StandIn(config, link, self._call, self._spawn)
                self._auditors[endpoint] = (
                    Auditor(config, link, self._call, self._spawn)
                    if endpoint is Endpoint.PUBLIC
                    else AccountAuditor(config, link, stand_in, self._call, self._spawn)
                )
        self._rest: UpbitRestClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    def start(self) -> None:
        """Start the links on the running loop."""
        prepare(asyncio.get_running_loop())
        for endpoint, link in self._links.items():
            self._spawn(link.run(), f"upbit link {endpoint.value}", is_lasting=True)
        self._spawn(self._heartbeat(), "upbit heartbeat", is_lasting=True)
        self._spawn(self._pulse(), "upbit pulse", is_lasting=True)

    @property
    def epochs(self) -> dict[str, int]:
        """The newest connection of each link, by its name."""
        return {endpoint.value: link.newest_epoch for endpoint, link in self._links.items()}

    def apply(self, desired: DesiredState) -> None:
        """Make the links follow ``desired``."""
        if desired.wants:
            self._is_wanted.set()
        else:
            self._is_wanted.clear()
        wants: dict[Endpoint, dict[Topic, Want]] = {endpoint: {} for endpoint in Endpoint}
        for topic, want in desired.wants.items():
            wants[endpoint_of(topic.type)][topic] = want
        for endpoint, link in self._links.items():
            link.apply(wants[endpoint])

    def set_keys(self, keys: ApiKeys | None) -> None:
        """Use other keys from now on; None for those of the configuration."""
        self._keys.set(keys)
        self._rest_keys.keys_changed()
        for link in self._links.values():
            link.keys_changed()

    def ask(self, number: int, question: Question) -> None:
        """Answer a question over REST; the answer is reported."""
        self._spawn(self._answer(number, question), f"upbit question {number}")

    def reconnect(self, number: int, name: str) -> None:
        """Replace the connection of a link without a break; the outcome is reported like an answer."""
        self._spawn(self._reconnect(number, self._links[Endpoint(name)]), f"upbit reconnect {name}")

    def publish(self) -> None:
        """Report the state of each link whose state or counters have changed since the last report."""
        for link in self._links.values():
            link.report()

    def vitals(self) -> NetworkVitals:
        """Return what is measured here, and the state of all links with their counters as they are now."""
        now = time.monotonic()
        public = self._links[Endpoint.PUBLIC]
        return NetworkVitals(
            links={endpoint.value: link.status() for endpoint, link in self._links.items()},
            exchange_latency=public.arrival.summary(now),
            clock_offset=public.arrival.clock.offset,
            loop_lag=self._lag.summary(now),
        )

    async def stop(self) -> None:
        """Close all sockets and end all tasks; takes at most about a second."""
        # A frame that is read in this very turn may still want a gap filled: nothing is begun any more.
        self._is_stopping = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._rest is not None:
            await self._rest.aclose()
        release(asyncio.get_running_loop())

    def abandon(self) -> None:
        """Do nothing any more; for an engine whose loop will not run again, so that nothing can be awaited."""
        self._is_stopping = True
        for task in self._tasks:
            # Asyncio would complain of tasks that are destroyed before they have ended.
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            with contextlib.suppress(RuntimeError):
                task.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str, *, is_lasting: bool = False) -> None:
        if self._is_stopping:
            work.close()
            return
        task = create_task(work, name)
        self._tasks.add(task)
        task.add_done_callback(self._lasting_ended if is_lasting else self._tasks.discard)

    def _lasting_ended(self, task: asyncio.Task[None]) -> None:
        """A task that was to last has ended: the application's loop has cancelled all, or there is a defect."""
        self._tasks.discard(task)
        if self._is_stopping:
            return
        if not task.cancelled() and (error := task.exception()) is not None:
            FAULTS.note(task.get_name(), error)
        self._is_stopping = True
        for other in tuple(self._tasks):
            other.cancel()
        self._ended()

    async def _answer(self, number: int, question: Question) -> None:
        try:
            value = await self._call(question.ask, is_private=question.is_private)
        except Exception as error:
            # What went wrong is for the asker, also a defect of ours; the traceback stays in this thread.
            self._report_answer(Answer(number, error=error.with_traceback(None)))
        else:
            self._report_answer(Answer(number, value))

    async def _call(self, work: Callable[[UpbitRestClient], Awaitable[_T]], *, is_private: bool) -> _T:
        """Make a REST call, and keep the state of the keys if it needs them."""
        if is_private:
            await self._keys.renew(self._rest_keys)
        generation = self._rest_keys.generation
        try:
            value = await work(self._client())
        except (OSError, ImportError, MemoryError) as error:
            # Of the library, which is loaded at the first call; what goes wrong with a call itself is typed.
            if isinstance(error, UpbitQtError):
                raise
            why = shortage_in(error) or one_line(str(error)) or type(error).__name__
            raise RestError(f"REST cannot be used: {why}") from error
        except AuthError as error:
            if not problem_of(error.name).concerns_one_call:
                self._rest_keys.refused(error, generation=generation)
            raise
        if is_private:
            self._rest_keys.accepted(generation=generation)
        return value

    async def _reconnect(self, number: int, link: Link) -> None:
        try:
            await link.renew()
        except RecoveryError as error:
            self._report_answer(Answer(number, error=error.with_traceback(None)))
        else:
            self._report_answer(Answer(number))

    def _refill(self, endpoint: Endpoint, refill: Refill) -> None:
        self._stand_ins[endpoint].refill(refill)

    async def _heartbeat(self) -> None:
        """Notice sleeps of the machine, and outages that last; rests while nobody wants anything."""
        while True:
            if not self._is_wanted.is_set():
                self._detector.pause()
                await self._is_wanted.wait()
            slept = self._detector.beat(time.monotonic(), wall_clock())
            if slept:
                words = f"the machine or this program stood still for {slept:.0f} s: the connections are checked"
                line = self._sleeps.complain(words, time.monotonic())
                if line is not None:
                    _log.warning("%s", line)
                for link in self._links.values():
                    link.woke()
            if self._config.rest_fallback:
                for stand_in in self._stand_ins.values():
                    stand_in.beat(time.monotonic())
            await asyncio.sleep(self._detector.interval)

    def _look(self, now: float) -> None:
        """Look whether what is live still comes, and have REST asked where that is not certain."""
        for endpoint, link in self._links.items():
            suspects = link.look(now)
            auditor = self._auditors.get(endpoint)
            if auditor is not None:
                auditor.look(suspects, now)
        doubtful = {endpoint for endpoint, link in self._links.items() if link.is_doubtful}
        if doubtful - self._doubtful:
            # The way is the same for all of them, and where silence is normal nobody else would notice.
            for endpoint, link in self._links.items():
                if endpoint not in doubtful:
                    link.suspect()
        self._doubtful = doubtful

    async def _pulse(self) -> None:
        """Measure how late this loop is, and look after the links; rests while nobody wants anything."""
        while True:
            if not self._is_wanted.is_set():
                self._lag.pause()
                await self._is_wanted.wait()
            now = time.monotonic()
            self._lag.beat(now)
            try:
                self._look(now)
            except Exception:
                # A defect of ours must not keep sleeps and outages from being noticed; it is said once.
                if not self._has_failed:
                    _log.exception("the links cannot be looked after")
                self._has_failed = True
            await asyncio.sleep(LOOK_SECONDS)

    def _client(self) -> UpbitRestClient:
        if self._rest is None:
            # Imported at the first call: many applications need no REST at all.
            from upbit_qt_ws.network.rest import UpbitRestClient

            self._rest = UpbitRestClient(
                self._config.rest_url,
                gate=self._gate,
                authorize=self._rest_keys.authorization,
                # The asker's own time limit comes first, and its error says what was asked for.
                timeout=self._config.snapshot_timeout_s + 1.0,
                auth_error=error_of,
            )
        return self._rest

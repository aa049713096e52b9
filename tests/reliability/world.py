"""A world: one exchange, a proxy that breaks bytes, a manager and a window's components, under a script of faults."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tests.reliability.components import MARKETS, Churn, Components
from tests.reliability.judgement import judge
from tests.reliability.live_watch import STEP, LiveWatch
from tests.reliability.report import Report
from tests.reliability.verdict import Ledger
from upbit_qt_ws import GlobalWebSocketManager, LinkState, SubscriptionState, WebSocketConfig
from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions
from upbit_qt_ws.testing.faults import FaultKind, FaultPlayer, FaultProxy, FaultScript, Transcript
from upbit_qt_ws.testing.pytest_plugin import config_through
from upbit_qt_ws.wire.topics import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from types import TracebackType
    from typing import Any, Self

    from tests.reliability.witness import Witness
    from upbit_qt_ws.testing.faults import Authority
    from upbit_qt_ws.wire.topics import Topic

SHUTDOWN_SECONDS = 2.0

PATIENCE = 20.0
"""Longest time in which all must be well again, in seconds; it is many times what is needed."""

OPTIONS = SimulatorOptions(snapshot_delays=(0.0, 0.0), reorder=0.0, announcement_interval=None)

FAST: dict[str, Any] = {
    "connect_timeout_s": 1.0,
    "list_after_s": 0.3,
    "list_every_s": 1.0,
    "first_data_s": 1.0,
    "refill_wait_s": 1.0,
    "fallback_after_s": 0.5,
    "fallback_every_s": 0.3,
    "retry_cap_s": 0.3,
    "stall_s": 0.5,
    "stall_patience_s": 0.3,
    "audit_every_s": 1.0,
    "audit_grace_s": 0.3,
}
"""Times are scaled down beside those of the fixtures, so that a script of some seconds holds an outage of each kind."""


WATCHED = ("ticker", "orderbook", "trades", "last trade")
"""Subscriptions to public streams without pauses of their own."""

LIVE_SECONDS = 5.0
"""How long a busy topic may be called live without data."""

SHORT_LIVE_SECONDS = 2.5
"""The same with the short waiting times: the looks of the client are not any faster, and the machine is busy."""

UNTOLD_MS = 1_000
"""What the exchange has known for less may be under way."""

_URLS = ("public_url", "private_url", "info_url", "rest_url")


class Play(NamedTuple):
    """A script that is happening."""

    world: World
    player: FaultPlayer
    playing: asyncio.Future[None]

    async def __call__(self) -> None:
        """Wait for its end if it is near, else end it; all faults are lifted then."""
        self.player.stop()
        await self.playing
        self.world.report.faults += self.player.played


class World:
    """Runs a script against a manager and judges; use :meth:`run` on a loop in the GUI thread.

    Args:
        seed: of everything that is random.
        script: what goes wrong; None makes the seed's own.
        executor: where the exchange is controlled from, since its calls wait for its thread.
        rate: trades of the exchange a second.
        authority: signs the exchange's certificate; None for plain sockets.
        reorder: share of the trades that the exchange sends after the next one.
        real_times: take the waiting times that a user has, not the short ones.
        host: this machine's name in all addresses.
        records: how many requests and connections the exchange remembers.
        settings: of the configuration.
    """

    def __init__(
        self,
        seed: int,
        executor: Executor,
        *,
        script: FaultScript | None = None,
        rate: float = 60,
        authority: Authority | None = None,
        reorder: float = 0.0,
        real_times: bool = False,
        host: str = "127.0.0.1",
        records: int = OPTIONS.records,
        **settings: Any,
    ) -> None:
        """Build nothing yet."""
        self.report = Report(seed)
        self.script = script or _script_of(seed)
        self._executor = executor
        self._real_times = real_times
        self._host = host
        self._settings = settings
        self._random = Random(seed)
        self._reorder = reorder
        self.opened_anew: set[int] = set()
        self._public_state = LinkState.IDLE
        self.live_watch: LiveWatch[Topic] = LiveWatch(LIVE_SECONDS if real_times else SHORT_LIVE_SECONDS)
        self.exchange = SimulatedExchange(
            seed=seed % 1000,
            rate=rate,
            markets=MARKETS,
            options=replace(OPTIONS, reorder=reorder, records=records),
            ssl_context=None if authority is None else authority.serving,
        )
        self.proxy = FaultProxy(self.exchange)

    async def __aenter__(self) -> Self:
        """Build the world, and wait until all is live."""
        await self.aside(self.exchange.start)
        await self.aside(self.proxy.start)
        self.manager = GlobalWebSocketManager(self._config())
        self._watching = asyncio.ensure_future(self._watch_live())
        self.manager.link_changed.connect(self._on_link_changed)
        # An exchange that repeats trades may bring some that it had kept to itself, long after others.
        in_order = not self._reorder and FaultKind.REPEAT not in {step.fault.kind for step in self.script}
        self.components = Components(self.manager, self.report.complain, in_order=in_order, stood_in=self._stood_in)
        await self.until(lambda: not self.components.sleeping, "all live before the first fault")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind."""
        if error is not None:
            self.report.complain("crash", repr(error))
        if self._watching.done():
            self.report.complain("crash", f"the watch over what is live ended: {self._watching.exception()!r}")
        self._watching.cancel()
        self.components.close()
        await self.shut_down()
        closed: Callable[[], bool] = lambda: not any(view.open for view in self.exchange.connections)  # noqa: E731
        await self.until(closed, "no connection is left")
        with suppress(SimulatorError):
            await self.aside(self.proxy.stop)
        await self.aside(self.exchange.stop)

    async def shut_down(self) -> None:
        """Shut the manager down, whatever state it is in; a second time does nothing."""
        if self.manager.is_shut_down:
            return
        began = time.monotonic()
        await self.manager.shutdown()
        self.report.shutdown = time.monotonic() - began
        if self.report.shutdown > SHUTDOWN_SECONDS:
            self.report.complain("shutdown", f"it took {self.report.shutdown:.2f} s")

    def _config(self) -> WebSocketConfig:
        config = config_through(self.exchange, self.proxy, **FAST)
        if self._real_times:
            config = WebSocketConfig(**{name: getattr(config, name) for name in (*_URLS, "access_key", "secret_key")})
        urls = {name: getattr(config, name).replace("127.0.0.1", self._host) for name in _URLS}
        return replace(config, **urls, **self._settings)

    async def run(self) -> Report:
        """Build the world, let the script happen, judge, and leave nothing behind."""
        report = self.report
        report.transcript = Transcript(str(self.script))
        async with self:
            churn = Churn(self.manager, report.complain, self._random)
            ledger = Ledger(await self.aside(lambda: self.exchange.server.market.now_ms), self.script)
            report.recovery = await self.play(self.script, churn)
            report.transcript.note("all live")
            await judge(self, churn, ledger)
            self.note_counts()
            churn.close()
        return report

    def events(self) -> int:
        """Return how many events the lasting subscriptions have got."""
        return sum(witness.count for witness in self.components.witnesses.values())

    def note_counts(self) -> None:
        """Enter what has been counted into the report."""
        self.report.events = self.events()
        self.report.sockets = sum(self.manager.link(name).sockets_opened for name in ("public", "private"))

    async def play(self, script: FaultScript, churn: Churn | None = None) -> float:
        """Let a script happen while the window changes its mind; return how long it took then until all was live."""
        end = self.begin(script)
        while not end.playing.done():
            if churn is not None:
                self.report.transcript.note(churn.step())
                await self.aside(self.order)
            await asyncio.wait({end.playing}, timeout=self._random.uniform(0.05, 0.4))
        await end()
        calm = time.monotonic()
        await self.until(self._is_settled, "all live after the last fault")
        return time.monotonic() - calm

    def begin(self, script: FaultScript) -> Play:
        """Let a script happen; what is returned ends it when it is called, and lifts all faults."""
        player = FaultPlayer(script, self.exchange, self.proxy, self.report.transcript)
        return Play(self, player, asyncio.ensure_future(self.aside(player.play)))

    # -- what is looked at ------------------------------------------------------------------------------------

    def _is_settled(self) -> bool:
        """Whether every lasting topic is live, or is kept out for a time, which the exchange has asked for itself."""
        excused = 0
        for name in self.components.sleeping:
            subscription = self.components.witnesses[name].subscription
            assert subscription is not None
            states = {self.manager.registry.topic_state(topic) for topic in subscription.spec.topics}
            if "error " not in str(self.script) or not states <= {SubscriptionState.LIVE, SubscriptionState.REJECTED}:
                return False
            excused += 1
        self.report.excused = excused
        return True

    def _on_link_changed(self, name: str) -> None:
        """After each change of a link: no topic may be called live by a connection that is known to be gone."""
        gone = self.manager.link(name)
        if name == "public":
            if gone.state is LinkState.CONNECTED and self._public_state is not LinkState.CONNECTED:
                self.opened_anew.add(gone.epoch)
            self._public_state = gone.state
        if gone.state is LinkState.CONNECTED or not hasattr(self, "components"):
            return
        states = self.manager.registry.router.states
        for subscription in self.components.subscriptions:
            for topic in subscription.spec.topics:
                live = states.state(topic) is SubscriptionState.LIVE and states.epoch(topic) <= gone.epoch
                if live and endpoint_of(topic.type).value == name:
                    self.report.complain("state", f"{topic} is live, and its connection is gone: {gone}")

    async def _watch_live(self) -> None:
        """Complain about busy topics that are called live although the exchange has long told nothing of them."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(STEP)
            now = time.monotonic()
            counts: dict[Topic, int] = {}
            for name in WATCHED:
                witness = self.components.witnesses[name] if hasattr(self, "components") else None
                if witness is not None and witness.subscription is not None:
                    counts.update((t, witness.counts.get(t.code, 0)) for t in witness.subscription.spec.topics)
            live = {topic for topic in counts if self.manager.registry.topic_state(topic) is SubscriptionState.LIVE}
            overdue = self.live_watch.look(counts, live, now - last)
            last = now
            for topic in overdue:
                lag = await self.aside(lambda topic=topic: self._untold_ms(topic))  # type: ignore[misc]
                still = self.manager.registry.topic_state(topic) is SubscriptionState.LIVE
                if lag > UNTOLD_MS and still:
                    self.report.complain(
                        "state", f"{topic} is live, and the exchange knows {lag} ms more than was told"
                    )

    def _untold_ms(self, topic: Topic) -> int:
        """Return how much later the exchange's last trade of a market is than what was told of a topic, in ms."""
        witness = next(w for n, w in self.components.witnesses.items() if n in WATCHED and _is_of(w, topic))
        told = witness.newest.get(topic.code)
        traded = self.exchange.call(lambda: self.exchange.server.market.market(topic.code).last_trade().time_ms)
        return 0 if told is None else traded - (getattr(told, "trade_timestamp", None) or told.timestamp)

    def _stood_in(self) -> bool:
        # An audit asks for all tickers, or for the tops of books, and nothing of that is delivered.
        paths = [call.path for call in self.exchange.rest_requests]
        return any("/ticker?" in path or "count=30" in path or "/candles" in path for path in paths)

    def order(self) -> None:
        """Have the account buy something, if it still can."""
        with suppress(SimulatorError):
            self.exchange.place_order("KRW-BTC", "BID", 6000, None)

    # -- helpers ----------------------------------------------------------------------------------------------

    async def until(
        self,
        condition: Callable[[], bool],
        what: str,
        *,
        report_as: str | None = "stuck",
        patience: float = PATIENCE,
    ) -> None:
        """Wait until a condition is true; complain if that takes too long."""
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                if report_as is not None:
                    links = {name: self.manager.link(name) for name in ("public", "private")}
                    self.report.complain(report_as, f"never came true: {what}; {self.sleepers()}; {links}")
                return
            await asyncio.sleep(0.02)

    def sleepers(self) -> str:
        return ", ".join(
            f"{name} {witness.subscription.state.value if witness.subscription else ''}"
            for name, witness in self.components.witnesses.items()
            if name in self.components.sleeping
        )

    async def aside(self, work: Callable[[], Any]) -> Any:
        """Do something that waits for the exchange's thread, without holding up the window."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


def _script_of(seed: int) -> FaultScript:
    """Make the script of a seed: short ones, and now and then one whose faults last long enough to be seen through."""
    if seed % 20 == 0:
        return FaultScript.from_seed(seed, 6.0, every=0.6, codes=MARKETS, longest=4.0)
    return FaultScript.from_seed(seed, 2.5, every=0.3, codes=MARKETS, longest=1.0)


def _is_of(witness: Witness, topic: Topic) -> bool:
    return witness.subscription is not None and topic in witness.subscription.spec.topics

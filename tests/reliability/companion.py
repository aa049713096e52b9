"""A second client of the same exchange, in a process of its own and without checks: its memory is the client's alone.

It lives through the same faults as the world of a soak, since it connects through the same proxy. It runs until its
standard input ends, and writes then what it has done.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

import psutil

from tests.reliability.components import MARKETS, TRADED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self

    from upbit_qt_ws import Event, WebSocketConfig

SHUTDOWN_SECONDS = 10.0


class Outcome(NamedTuple):
    """What the companion says at its end: events it got, topics that are not live, of how many, connections made."""

    events: int = 0
    sleeping: Sequence[str] = ()
    topics: int = 0
    sockets: int = 0


class Companion:
    """Starts the process and looks at it.

    Args:
        config: of the client; simulated keys only, since they go through a pipe.
        traded: the markets whose trades it subscribes to.
    """

    def __init__(self, config: WebSocketConfig, traded: Sequence[str] = MARKETS) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.companion"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        # What makes a mapping of settings leaves the keys out.
        settings = {**asdict(config), "access_key": config.access_key, "secret_key": config.secret_key}
        for line in (settings, tuple(traded)):
            self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        self._seen = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        """Do nothing more."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave no process behind."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.communicate()

    def memory(self) -> int:
        """Return its resident memory in bytes; 0 when it has gone."""
        try:
            return int(self._seen.memory_info().rss)
        except psutil.Error:
            return 0

    def finish(self) -> Outcome:
        """End it, and return what it says; nothing was done if it has failed."""
        try:
            said, _ = self._process.communicate(timeout=SHUTDOWN_SECONDS)
        except subprocess.TimeoutExpired:
            return Outcome()
        return Outcome(*json.loads(said)) if said else Outcome()


async def _live(config: WebSocketConfig, traded: Sequence[str]) -> Outcome:
    from PyQt6.QtCore import QObject

    from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, SubscriptionState

    manager = GlobalWebSocketManager(config)
    owner = QObject()
    proxy = QtWebSocketProxy("companion", parent=owner, manager=manager)
    count = 0

    def take(_event: Event) -> None:
        nonlocal count
        count += 1

    subscriptions = [
        proxy.subscribe_ticker(MARKETS, callback=take),
        proxy.subscribe_orderbook(TRADED, callback=take),
        proxy.subscribe_trade(traded, callback=take),
        proxy.subscribe_candle(MARKETS[:1], callback=take),
        proxy.subscribe_my_order(callback=take),
        proxy.subscribe_my_asset(callback=take),
    ]
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    topics = [topic for subscription in subscriptions for topic in subscription.spec.topics]
    states = {topic: manager.registry.topic_state(topic) for topic in topics}
    sleeping = [f"{topic} {state}" for topic, state in states.items() if state is not SubscriptionState.LIVE]
    sockets = sum(manager.link(name).sockets_opened for name in ("public", "private"))
    await manager.shutdown()
    return Outcome(count, sleeping, len(topics), sockets)


def main() -> int:
    """Live until the standard input ends."""
    import qasync
    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws import WebSocketConfig

    config: dict[str, Any] = json.loads(sys.stdin.readline())
    traded: list[str] = json.loads(sys.stdin.readline())
    application = QApplication([])
    with qasync.QEventLoop(application, already_running=False) as loop:
        outcome = loop.run_until_complete(_live(WebSocketConfig(**config), traded))
    sys.stdout.write(json.dumps(outcome))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The exchange that all contenders are measured against: `python -m benchmarks.feed --codes N --rate R`.

It is the simulated exchange with a market that stands still: handshakes, requests, snapshots and REST are its own.
Tickers are made beforehand and only stamped when they are sent, so that the feed costs far less than any client and
each client gets the same frames. They are sent one by one at random moments, as trades happen; at the rate ``inf`` as
fast as they are read. All markets are equally busy, which leaves the least to coalesce.

A frame's ``trade_timestamp`` says when it was sent: 10^12 and the monotonic clock in microseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import math
import os
import random
import selectors
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

from benchmarks.feed_time import SENT_BASE, stamp
from upbit_qt_ws.testing import MockUpbitWebSocketServer, SimulatorOptions
from upbit_qt_ws.testing.encode import encoders
from upbit_qt_ws.testing.frames import Frame, StreamFormat
from upbit_qt_ws.wire.keys import SIMPLE_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upbit_qt_ws.testing.sessions import Session

_KEYS: Final = {
    form: (SIMPLE_KEYS["ticker"]["trade_timestamp"], SIMPLE_KEYS["ticker"]["timestamp"])
    if form.simple
    else ("trade_timestamp", "timestamp")
    for form in (StreamFormat.DEFAULT, StreamFormat.SIMPLE)
}
"""How the two times are called in a format."""

_VARIANTS: Final = 40
_MOST_BEHIND: Final = 1.0
_AT_ONCE: Final = 256
_UNREAD: Final = 1 << 20


class Template:
    """A ticker whose two times are still to be filled in; its length on the wire is fixed."""

    def __init__(self, code: str, text: str, keys: tuple[str, str]) -> None:
        self.code = code
        # A price may hold the digits of a time by chance, a key cannot.
        traded, sent = (f'"{key}":' for key in keys)
        before, _, rest = text.partition(traded)
        between, _, rest = rest.partition(sent)
        self.before = f"{before}{traded}"
        self.between = f"{between[13:]}{sent}"
        self.after = rest[13:]
        payload = f"{self.before}{SENT_BASE}{self.between}{SENT_BASE}{self.after}".encode()
        wire = Frame(payload).wire
        self.head = wire[: wire.index(payload)] + self.before.encode()
        self.middle = self.between.encode()
        self.tail = self.after.encode()

    def wire(self, sent: bytes, now: bytes) -> bytes:
        return b"".join((self.head, sent, self.middle, now, self.tail))

    def frame(self, sent: bytes, now: bytes) -> Frame:
        return Frame(f"{self.before}{sent.decode()}{self.between}{now.decode()}{self.after}".encode())


class Feed:
    """Sends the tickers to whoever subscribes to them."""

    def __init__(self, server: MockUpbitWebSocketServer, codes: list[str], rate: float) -> None:
        self._server = server
        self._rate = rate
        self._rng = random.Random(1)
        encoder = encoders(spelling="java", with_level=True)
        self._templates: dict[StreamFormat, list[Template]] = {form: [] for form in _KEYS}
        for _ in range(_VARIANTS):
            for code in self._rng.sample(codes, len(codes)):
                server.market.trade(code)
                market = server.market.market(code)
                trade, now = market.last_trade(), server.market.now_ms
                for form, templates in self._templates.items():
                    templates.append(Template(code, encoder[form].ticker(market, trade, now, "REALTIME"), _KEYS[form]))
        # Per connection how many topics it streams, and what is sent to it next.
        self._streams: dict[int, tuple[int, Iterator[Template]]] = {}

    async def run(self) -> None:
        if math.isinf(self._rate):
            await self._flood()
        due = time.monotonic()
        while True:
            now = time.monotonic()
            if now - due > _MOST_BEHIND:
                due = now
            count = 0
            while due <= now:
                due += self._rng.expovariate(self._rate)
                count += 1
            for session in self._sessions():
                self._send(session, count)
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _flood(self) -> None:
        while True:
            sessions = self._sessions()
            for session in sessions:
                if session.unread < _UNREAD:
                    self._send(session, _AT_ONCE)
            await asyncio.sleep(0 if sessions else 0.01)

    def _sessions(self) -> list[Session]:
        sessions = [session for session in self._server._connections.sessions if session.topics and session.is_open]
        for session in sessions:
            # They begin in two halves, each after its snapshots.
            if self._streams.get(session.id, (0,))[0] != len(session.topics):
                codes = {topic.code for topic in session.topics}
                mine = [template for template in self._templates[session.format] if template.code in codes]
                self._streams[session.id] = len(session.topics), itertools.cycle(mine)
        return sessions

    def _send(self, session: Session, count: int) -> None:
        # The wall clock is that of the market, which the snapshots came from.
        now = b"%d" % int(time.time() * 1000)
        sent = b"%d" % stamp()
        chosen = itertools.islice(self._streams[session.id][1], count)
        if session.compressed:
            session.waiting += [template.frame(sent, now) for template in chosen]
            session.write()
            return
        session.connection.transport.write(b"".join([template.wire(sent, now) for template in chosen]))
        session.frames_sent += count


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


async def _serve(count: int, rate: float) -> None:
    options = SimulatorOptions(idle_timeout=None)
    async with MockUpbitWebSocketServer(rate=0, options=options) as server:
        codes = sorted(server.market.listings, key=lambda code: not code.startswith("KRW-"))[:count]
        feed = Feed(server, codes, rate)
        print(json.dumps({"url": server.websocket_url, "rest": server.rest_url, "codes": codes}), flush=True)
        await feed.run()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feed")
    parser.add_argument("--codes", type=int, default=200)
    parser.add_argument("--rate", type=float, default=2000.0)
    arguments = parser.parse_args()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # The system call select() waits for microseconds, those of other selectors for milliseconds.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        runner.run(_serve(arguments.codes, arguments.rate))


if __name__ == "__main__":
    main()

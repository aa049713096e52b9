"""The exchange that all contenders are measured against: `python -m benchmarks.feed --codes N --rate R`.

It is the simulated exchange with a market that stands still: handshakes, requests, snapshots and REST are its own.
Tickers are made beforehand and only stamped when they are sent, so that the feed costs far less than any client and
each client gets the same frames. They are sent one by one at random moments, as trades happen, in steps of about a
millisecond; at the rate ``inf`` as fast as they are read. All markets are equally busy, which leaves the least to
coalesce.

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
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

from benchmarks.feed_time import SENT_BASE
from upbit_qt_ws.testing import MockUpbitWebSocketServer, SimulatorOptions
from upbit_qt_ws.testing.encode import encoders
from upbit_qt_ws.testing.frames import Frame, StreamFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upbit_qt_ws.testing.sessions import Session

_VARIANTS: Final = 40
_STEP: Final = 0.001
_LONGEST_STEP: Final = 0.05
_AT_ONCE: Final = 256
_UNREAD: Final = 1 << 20


class Template:
    """A ticker whose two times are still to be filled in; its length on the wire is fixed."""

    def __init__(self, text: str) -> None:
        # A price may hold the digits of a time by chance, a key cannot.
        before, _, rest = text.partition('"trade_timestamp":')
        between, _, rest = rest.partition('"timestamp":')
        self.before = f'{before}"trade_timestamp":'
        self.between = f'{between[13:]}"timestamp":'
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
        encoder = encoders(spelling="java", with_level=True)[StreamFormat.DEFAULT]
        self._templates: list[Template] = []
        for _ in range(_VARIANTS):
            for code in self._rng.sample(codes, len(codes)):
                server.market.trade(code)
                market = server.market.market(code)
                self._templates.append(
                    Template(encoder.ticker(market, market.last_trade(), server.market.now_ms, "REALTIME"))
                )
        self._streams: dict[int, Iterator[Template]] = {}

    async def run(self) -> None:
        last = time.monotonic()
        while True:
            now = time.monotonic()
            elapsed, last = min(now - last, _LONGEST_STEP), now
            for session in self._sessions():
                if math.isinf(self._rate):
                    if session.unread < _UNREAD:
                        self._send(session, _AT_ONCE)
                elif count := _poisson(self._rng, self._rate * elapsed):
                    self._send(session, count)
            await asyncio.sleep(0 if math.isinf(self._rate) and self._streams else _STEP)

    def _sessions(self) -> list[Session]:
        sessions = [session for session in self._server._connections.sessions if session.topics and session.is_open]
        for session in sessions:
            if session.id not in self._streams:
                codes = {topic.code for topic in session.topics}
                mine = [template for template in self._templates if _code_of(template) in codes]
                self._streams[session.id] = itertools.cycle(mine)
        return sessions

    def _send(self, session: Session, count: int) -> None:
        # The wall clock is that of the market, which the snapshots came from.
        now = b"%d" % int(time.time() * 1000)
        sent = b"%d" % (SENT_BASE + time.monotonic_ns() // 1000)
        chosen = itertools.islice(self._streams[session.id], count)
        if session.compressed:
            session.waiting += [template.frame(sent, now) for template in chosen]
            session.write()
            return
        session.connection.transport.write(b"".join([template.wire(sent, now) for template in chosen]))
        session.frames_sent += count


def _code_of(template: Template) -> str:
    return template.before.split('"code":"', 1)[1].split('"', 1)[0]


def _poisson(rng: random.Random, mean: float) -> int:
    """Return a number of events, by the time that passes between them."""
    count, passed = 0, rng.expovariate(1.0)
    while passed < mean:
        count += 1
        passed += rng.expovariate(1.0)
    return count


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
    asyncio.run(_serve(arguments.codes, arguments.rate))


if __name__ == "__main__":
    main()

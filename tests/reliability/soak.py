"""``dev.py soak``: the reliability suite for as long as somebody likes.

``--minutes 30 --seed 1`` lets one world live for half an hour, with a fault every five seconds on average at 2,000
messages a second, and beside it a client in a process of its own, whose memory is measured.
``--seeds 1-2000`` runs that many short worlds, as the tests do with 200. ``--drills`` does in full length what the
tests do shortened: three cuts of 30 s, black holes of up to 60 s, and a window that is frozen for 90 s.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtWidgets import QApplication

from tests.helpers.leaks import LeakWatch
from tests.helpers.seeds import parse_seeds
from tests.reliability.blackouts import RETURN_SECONDS, black_out
from tests.reliability.companion import Companion, Outcome
from tests.reliability.components import MARKETS
from tests.reliability.figures import summary
from tests.reliability.judgement import judge
from tests.reliability.runs import on_loop, run_seeds, watched_log
from tests.reliability.world import World
from upbit_qt_ws.health.process import ProcessProbe
from upbit_qt_ws.system.output import run_command
from upbit_qt_ws.testing.faults import FaultScript

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.reliability.report import Report

MESSAGES_PER_TRADE = 2
BLACKOUTS = ((1, "both"), (3, "in"), (7, "out"), (13, "both"), (26, "out"), (40, "in"), (60, "both"))
"""How long packets vanish, in seconds, and which."""

WARM_UP_SHARE = 0.2
STEP = 5.0


class Sample(NamedTuple):
    """The soak at one moment: seconds since the start; memory of the client alone, and of this process, in bytes."""

    at: float
    client: int
    all: int


class Watch:
    """Looks at a living world every now and then.

    Attributes:
        samples: the memory.
        worst: longest time for which something was not live, in seconds.
    """

    def __init__(self, world: World, companion: Companion, minutes: float) -> None:
        """Begin now."""
        self._world = world
        self._companion = companion
        self._minutes = minutes
        self._began = time.monotonic()
        self._probe = ProcessProbe()
        self._down_since: float | None = None
        self.samples: list[Sample] = []
        self.worst = 0.0

    async def run(self) -> None:
        """Look until cancelled."""
        due = 0.0
        while True:
            now = time.monotonic()
            if not self._world.components.sleeping:
                self._down_since = None
            else:
                self._down_since = self._down_since or now
                self.worst = max(self.worst, now - self._down_since)
            if now - self._began >= due:
                due += STEP
                self._sample(now - self._began)
            await asyncio.sleep(0.05)

    def growth(self, of: Callable[[Sample], int]) -> float:
        """Return by how many MB the memory has grown since it was warm."""
        warm = [of(sample) for sample in self.samples if sample.at >= self.samples[-1].at * WARM_UP_SHARE]
        part = max(1, len(warm) // 10)
        # The least of some samples, since garbage comes and goes.
        return (min(warm[-part:]) - min(warm[:part])) / 2**20 if warm else 0.0

    def _sample(self, at: float) -> None:
        use = self._probe.read()
        self.samples.append(Sample(at, self._companion.memory(), 0 if use is None else use.memory))
        if len(self.samples) % 6 == 0:
            report, newest = self._world.report, self.samples[-1]
            say(
                f"{at / 60:.1f} of {self._minutes:g} min: {self._world.events():,} events, client alone "
                f"{newest.client / 2**20:.1f} MB, this process {newest.all / 2**20:.1f} MB, "
                f"{len(report.violations)} violations"
            )


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def soak(application: QApplication, minutes: float, seed: int, rate: float) -> bool:
    """Let one world live; print one line of figures, and tell whether all was well."""
    before = _counts()
    leaks = LeakWatch()
    script = FaultScript.from_seed(seed, minutes * 60, every=5.0, codes=MARKETS)
    results: list[tuple[World, Watch, Outcome]] = []

    async def main(executor: ThreadPoolExecutor) -> None:
        world = World(seed, executor, script=script, rate=rate / MESSAGES_PER_TRADE, records=2_000)
        async with world:
            companion = Companion(world.manager.config)
            watch = Watch(world, companion, minutes)
            watching = asyncio.ensure_future(watch.run())
            try:
                world.report.recovery = await world.play(script)
                await judge(world)
                world.note_counts()
            finally:
                watching.cancel()
                with companion:
                    results.append((world, watch, await world.aside(companion.finish)))

    with watched_log() as log, ThreadPoolExecutor(4, "controls") as executor:
        on_loop(application, main(executor))
    ((world, watch, outcome),) = results
    report = world.report
    if not outcome.subscriptions or outcome.live < outcome.subscriptions:
        report.complain("stuck", f"the client alone did not recover: {outcome}")
    client, everything = watch.growth(lambda sample: sample.client), watch.growth(lambda sample: sample.all)
    results.clear()
    gc.collect()
    leftovers = leaks.finish()
    after = _counts()
    say(
        f"soak of {minutes:g} min with seed {seed}: {report.events:,} events, {report.faults} faults, "
        f"{report.sockets - 2} recoveries, worst outage {watch.worst:.1f} s, {len(report.violations)} violations, "
        f"{len(log.defects)} defects, {len(log.leaks)} secrets in the log, memory after warm-up {client:+.2f} MB of a "
        f"client alone ({outcome.events:,} events, {outcome.sockets - 2} recoveries), {everything:+.2f} MB with the "
        "exchange and the checks, "
        + ", ".join(f"{name} {after[name] - before[name]:+d}" for name in after)
        + f", {len(leftovers)} tasks, timers or windows left"
    )
    for line in (*leftovers, *log.defects[:5]):
        say(line)
    if report.violations:
        say(str(report))
    return not (report.violations or log.defects or log.leaks or leftovers)


def many(application: QApplication, seeds: Sequence[int]) -> bool:
    """Run many short worlds; print their figures, and tell whether all was well."""
    reports: list[Report] = []
    began = time.monotonic()

    def finished(report: Report) -> None:
        reports.append(report)
        if report.violations:
            say(str(report))
        if len(reports) % 50 == 0:
            say(f"{len(reports)} of {len(seeds)} seeds, {time.monotonic() - began:.0f} s")

    with watched_log() as log:
        run_seeds(application, seeds, finished)
    for line in (*summary(reports), *log.defects[:5]):
        say(line)
    return not (any(report.violations for report in reports) or log.defects or log.leaks)


def drills(application: QApplication) -> bool:
    """Do in full length what the tests do shortened, with the waiting times of a user."""
    worlds: list[World] = []

    async def main(executor: ThreadPoolExecutor) -> None:
        world = World(1, executor, real_times=True)
        worlds.append(world)
        async with world:
            waits = []
            for _ in range(3):
                await asyncio.sleep(12.0)
                waits.append(await world.play(FaultScript.parse("+0 s reset\n+0 s refuse for 30 s")))
                say(f"30 s without a network: all live {waits[-1]:.2f} s after its return")
            for seconds, direction in BLACKOUTS:
                await asyncio.sleep(6.0)
                data, live = await black_out(world, f"+0 s black_hole {direction} for {seconds} s")
                say(
                    f"{seconds} s in a black hole ({direction}): data {data:.2f} s after its end, all live {live:.2f} s"
                )
                if data > RETURN_SECONDS:
                    world.report.complain("stuck", f"data came {data:.2f} s after the end of a black hole")
            say(f"busy topics were called live without data for {world.live_watch.longest:.2f} s at most")
            opened = world.manager.link("public").sockets_opened
            say("now the window freezes for 90 s")
            time.sleep(90.0)  # noqa: ASYNC251 # This is the drill.
            frames = world.manager.frames
            await world.until(lambda: world.manager.frames > frames, "a frame")
            oldest = max(world.components.witnesses[name].last_delay for name in ("ticker", "orderbook"))
            await world.manager.get_health_status()
            lost = world.manager.link("public").sockets_opened - opened
            say(f"frozen for 90 s: {lost} disconnects, the values of the first frame are {oldest:.2f} s old")
            if lost:
                world.report.complain("crash", "the frozen window lost its connection")
            await judge(world)

    with ThreadPoolExecutor(4, "controls") as executor:
        on_loop(application, main(executor))
    say(str(worlds[0].report) if worlds[0].report.violations else "drills: 0 violations")
    return not worlds[0].report.violations


def _counts() -> dict[str, int]:
    # Threads of Qt leave a dummy behind in Python's list.
    threads = [thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)]
    counts = {"threads": len(threads)}
    files = Path("/proc/self/fd")
    if files.is_dir():
        counts["open files and sockets"] = len(list(files.iterdir()))
    return counts


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="dev.py soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2000.0, help="messages a second")
    parser.add_argument("--seeds", help="such as 1-2000: many short runs instead of a long one")
    parser.add_argument("--drills", action="store_true", help="long cuts and a frozen window instead")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    if options.seeds:
        return 0 if many(application, parse_seeds(options.seeds)) else 1
    if options.drills:
        return 0 if drills(application) else 1
    return 0 if soak(application, options.minutes, options.seed, options.rate) else 1


if __name__ == "__main__":
    sys.exit(run_command("dev.py soak", main))

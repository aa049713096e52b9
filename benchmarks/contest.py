"""One measurement: a feed, a contender beside it, and the CPU time that the operating system has given it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psutil

from upbit_qt_ws.system.environment import environment_without_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
_LONGEST = 60.0
"""How long a measurement may take with everything around it, in seconds."""


class Contender(NamedTuple):
    """A program to measure.

    Attributes:
        title: what to call it.
        module: below ``benchmarks.contenders``.
        options: what else its job says.
        is_foreign: it needs the libraries of other projects.
    """

    title: str
    module: str
    options: dict[str, Any] = {}  # noqa: RUF012 - nobody changes it
    is_foreign: bool = False


class Sample(NamedTuple):
    """What a measurement has found.

    Attributes:
        cpu: share of one core, in percent; of the process and its children.
        messages: a second.
        frames: of the window, a second.
        latency_ms: median and 99th percentile from the sending to the slot; empty if not asked for.
        late_ms: the same of a timer of 5 ms in the GUI thread.
        feed_cpu: what the feed took, in percent of a core.
    """

    cpu: float
    messages: float
    frames: float
    latency_ms: list[float]
    late_ms: list[float]
    feed_cpu: float


class ContenderFailed(Exception):
    """A contender did not do what it should; the text has what it wrote."""


def environment() -> dict[str, str]:
    """Return the environment of all processes: no keys, this project's folders, offscreen unless otherwise chosen."""
    folders = [str(ROOT), str(ROOT / "widgets"), str(ROOT / "demo_app")]
    return {"QT_QPA_PLATFORM": "offscreen", **environment_without_keys(), "PYTHONPATH": os.pathsep.join(folders)}


def measure(contender: Contender, settings: Settings, *, rate: float, codes: int = 200) -> Sample:
    """Run one contender against a feed of its own.

    Raises:
        ContenderFailed: it ended, or took too long.
    """
    with _feed(rate, codes) as (feed, facts):
        job = {
            **facts,
            "rate": rate,
            "seconds": settings.seconds,
            "warm_up": settings.warm_up,
            **contender.options,
        }
        python = settings.contenders if contender.is_foreign else sys.executable
        command = [python, "-m", f"benchmarks.contenders.{contender.module}", json.dumps(job)]
        with tempfile.TemporaryFile("w+") as errors, _running(command, errors) as process:
            _next_line(process, contender, errors)
            before, feed_before, began = cpu_time(process), cpu_time(feed), time.perf_counter()
            told = _next_line(process, contender, errors)
            took = time.perf_counter() - began
            cpu, feed_cpu = cpu_time(process) - before, cpu_time(feed) - feed_before
        return Sample(
            100 * cpu / took,
            told["messages"],
            told.get("frames", 0.0),
            told.get("latency_ms", []),
            told.get("late_ms", []),
            100 * feed_cpu / took,
        )


def cpu_time(process: psutil.Process) -> float:
    """Return the CPU time of a process and all that it has started, in seconds."""
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        times = one.cpu_times()
        total += times.user + times.system
    return total


@contextmanager
def _feed(rate: float, codes: int) -> Iterator[tuple[psutil.Process, dict[str, Any]]]:
    command = [sys.executable, "-m", "benchmarks.feed", "--rate", str(rate), "--codes", str(codes)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    ) as process:
        assert process.stdout is not None
        try:
            yield psutil.Process(process.pid), json.loads(process.stdout.readline())
        finally:
            process.kill()


@contextmanager
def _running(command: list[str], errors: Any) -> Iterator[psutil.Popen]:
    process = psutil.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT, env=environment())
    guard = threading.Timer(_LONGEST, _end, (process,))
    guard.start()
    try:
        yield process
    finally:
        guard.cancel()
        _end(process)
        process.stdout.close()
        process.wait()


def _end(process: psutil.Popen) -> None:
    """End a process with all that it has started, which would keep its pipe open."""
    with suppress(psutil.NoSuchProcess):
        for one in [*process.children(recursive=True), process]:
            one.kill()


def _next_line(process: psutil.Popen, contender: Contender, errors: Any) -> dict[str, Any]:
    # A contender that hangs is ended after a while, so a line comes, or the end.
    line = process.stdout.readline()
    if not line:
        errors.seek(0)
        raise ContenderFailed(f"{contender.title} ended before its measurement did:\n{errors.read()[-3000:]}")
    told: dict[str, Any] = json.loads(line)
    return told

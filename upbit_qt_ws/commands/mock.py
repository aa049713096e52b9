"""What ``upbit-qt mock`` does: a simulated exchange until somebody ends it, and who can use it how."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import socket
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.addresses import is_loopback
from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.system.output import Output, complain
from upbit_qt_ws.testing import MockUpbitWebSocketServer
from upbit_qt_ws.testing.calm import stay_calm
from upbit_qt_ws.testing.capture import check_speed
from upbit_qt_ws.testing.program import exchange_variables
from upbit_qt_ws.testing.server import DEFAULT_RATE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_ENDING_SECONDS: Final = 3.0
"""How long a clean end may take once the parent has gone; then it is an end all the same."""


def run_mock(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C, or the end of the parent; return the exit code.

    Raises:
        ConfigurationError: an option cannot work.
        SimulatorError: the port is in use, or the recording cannot be read.
    """
    check_speed(options.speed)
    # The usual loop of Windows listens no longer when a client has gone away before it was accepted.
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(_serve(options))
    return 0


async def _serve(options: argparse.Namespace) -> None:
    rate = DEFAULT_RATE if options.rate is None else options.rate
    server = MockUpbitWebSocketServer(host=options.host, port=options.port, seed=options.seed, rate=rate)
    ended = asyncio.Event()
    stay_calm(asyncio.get_running_loop())
    if options.exit_with_parent:
        _end_with_standard_input(ended)
    with _ending_on_signals(ended):
        async with server:
            if options.capture is not None:
                server.play_capture(options.capture, options.speed)
            _announce(server, quiet=options.quiet)
            if not is_loopback(options.host):
                _warn(server, options.host)
            await ended.wait()


def _announce(server: MockUpbitWebSocketServer, *, quiet: bool) -> None:
    """Tell programs in one line of JSON, and people in lines that can be pasted into a shell."""
    addresses = {
        "websocket": server.websocket_url,
        "private": server.private_url,
        "info": server.info_url,
        "rest": server.rest_url,
        "access_key": server.options.access_key,
        "secret_key": server.options.secret_key,
    }
    # A parent that has gone away does not keep a simulation without --exit-with-parent from running.
    Output().write_json(json.dumps(addresses) + "\n")
    if quiet:
        return
    rate = server.market.rate
    pace = "as many trades as fit" if math.isinf(rate) else f"{rate:g} trades per second"
    complain(
        f"simulated Upbit on {server.websocket_url}: {len(server.market.listings)} markets, {pace}; Ctrl-C ends it"
    )
    complain("A program of this toolkit uses it when it is started with:")
    for name, value in exchange_variables(server).items():
        complain(f'  $env:{name} = "{value}"' if os.name == "nt" else f"  export {name}={value}")


def _warn(server: MockUpbitWebSocketServer, host: str) -> None:
    complain(
        f"warning: whoever can reach port {server.port} of {host} can use this exchange, without encryption, and its "
        "keys are known to everybody; use it in a network that you trust, or leave --host out"
    )


@contextmanager
def _ending_on_signals(ended: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        for name in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(name, ended.set)
            except NotImplementedError:
                # Windows has no signal handlers in event loops; the handler of the process must wake the loop.
                signal.signal(name, lambda *_: loop.call_soon_threadsafe(ended.set))
                stack.enter_context(_woken_by_signals(loop))
        yield


@contextmanager
def _woken_by_signals(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Have a loop notice a signal at once: Python calls its handler only when the wait for sockets is over."""
    reader, writer = socket.socketpair()
    with reader, writer:
        for end in (reader, writer):
            end.setblocking(False)
        loop.add_reader(reader, reader.recv, 64)
        before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            loop.remove_reader(reader)


def _end_with_standard_input(ended: asyncio.Event) -> None:
    if sys.stdin is None:
        raise ConfigurationError("--exit-with-parent needs a standard input: start the command with a pipe")
    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()

    def wait_for_end() -> None:
        # The pipe ends when the parent does, however it ends. Reading in a thread works on Windows too.
        with suppress(OSError):
            while os.read(descriptor, 1024):
                pass
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(ended.set)
        time.sleep(_ENDING_SECONDS)
        # Nobody is there any more who could end what does not end by itself.
        os._exit(0)

    threading.Thread(target=wait_for_end, name="parent-watch", daemon=True).start()

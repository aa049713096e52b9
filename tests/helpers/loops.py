"""Runs one test on every kind of event loop: asyncio's own, and ours in the main thread and in a QThread.

Ours finds out in two ways which sockets are ready: by Qt's notifiers, or by ``select()`` as it does on Windows. The
second works everywhere, so it is tested everywhere; the first is tested where it is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import socket
from typing import TYPE_CHECKING, Any, Final

import pytest
from PyQt6.QtCore import QThread

from upbit_qt_ws.network.event_loop import NetworkEventLoop
from upbit_qt_ws.network.windows_selector import WindowsSelector

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from PyQt6.QtWidgets import QApplication

Loop = asyncio.AbstractEventLoop


class SelectLoop(NetworkEventLoop):
    """Ours as it is on Windows."""

    def _make_sockets(self) -> WindowsSelector:
        return WindowsSelector(self._wake_up.post)


OURS: Final[dict[str, type[NetworkEventLoop]]] = {
    **({} if os.name == "nt" else {"notifiers": NetworkEventLoop}),
    "select()": SelectLoop,
}


def _run(test: Callable[..., Coroutine[Any, Any, None] | None], make_loop: Callable[[], Loop]) -> None:
    """Runs a test on a new loop; fails it if anything went wrong behind its back."""
    loop = make_loop()
    unhandled: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: unhandled.append(context))
    try:
        if inspect.iscoroutinefunction(test):
            loop.run_until_complete(test())
        else:
            test(loop)
        if not loop.is_closed():
            loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
    assert unhandled == []


class _Thread(QThread):
    """Runs a test on a loop of its own."""

    def __init__(
        self, test: Callable[..., Coroutine[Any, Any, None] | None], make_loop: Callable[[], NetworkEventLoop]
    ) -> None:
        super().__init__()
        self._test = test
        self._make_loop = make_loop
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            _run(self._test, self._make_loop)
        except BaseException as error:
            self.error = error


def everywhere(test: Callable[..., Coroutine[Any, Any, None] | None]) -> Callable[..., None]:
    """Makes a test of a function that takes a loop, or of a coroutine function: one for each kind of loop."""
    places = [f"{place}, {kind}" for place in ("main thread", "QThread") for kind in OURS]

    @pytest.mark.parametrize("place", ["asyncio", *places])
    def run(place: str, qapp: QApplication) -> None:
        place, _, kind = place.partition(", ")
        if place == "asyncio":
            _run(test, asyncio.SelectorEventLoop)
        elif place == "main thread":
            _run(test, OURS[kind].for_current_thread)
        else:
            thread = _Thread(test, OURS[kind].for_current_thread)
            thread.start()
            thread.wait()
            if thread.error is not None:
                raise thread.error

    return run


@contextlib.contextmanager
def socket_pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def one_iteration(loop: Loop) -> None:
    loop.stop()
    loop.run_forever()

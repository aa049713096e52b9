"""Runs one test on every kind of event loop: asyncio's own, and ours in the main thread and in a QThread."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import socket
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QThread

from upbit_qt_ws.network.event_loop import NetworkEventLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from PyQt6.QtWidgets import QApplication

Loop = asyncio.AbstractEventLoop


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

    def __init__(self, test: Callable[..., Coroutine[Any, Any, None] | None]) -> None:
        super().__init__()
        self._test = test
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            _run(self._test, NetworkEventLoop.for_current_thread)
        except BaseException as error:
            self.error = error


def everywhere(test: Callable[..., Coroutine[Any, Any, None] | None]) -> Callable[..., None]:
    """Makes a test of a function that takes a loop, or of a coroutine function: one for each kind of loop."""

    @pytest.mark.parametrize("place", ["asyncio", "main thread", "QThread"])
    def run(place: str, qapp: QApplication) -> None:
        if place == "QThread":
            thread = _Thread(test)
            thread.start()
            thread.wait()
            if thread.error is not None:
                raise thread.error
        else:
            _run(test, asyncio.SelectorEventLoop if place == "asyncio" else NetworkEventLoop.for_current_thread)

    return run


@contextlib.contextmanager
def socket_pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def one_iteration(loop: Loop) -> None:
    loop.stop()
    loop.run_forever()

"""A result that comes later, for callers with and without asyncio. GUI thread only."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class WaitWatch(Protocol):
    """Finds out whether what is awaited can come at all."""

    @property
    def limit(self) -> float:
        """After how many seconds of waiting to look, and how often from then on."""

    def begin(self) -> Callable[[], Exception | None]:
        """Somebody begins to wait; return what tells why nothing can have come since, None if it can."""


class Outcome(Generic[_T]):
    """Awaitable on whichever asyncio loop runs in the GUI thread; without one, use :meth:`add_done_callback`.

    Unlike a future it needs no loop to exist, may be awaited any number of times, and an error that nobody asked
    for is no complaint in the log.

    Args:
        watch: who awaits it gets the error that this finds; None for a result that comes without Qt's help.
    """

    __slots__ = ("_callbacks", "_done", "_error", "_value", "_watch")

    def __init__(self, watch: WaitWatch | None = None) -> None:
        """Start undecided."""
        self._watch = watch
        self._done = False
        self._value: _T | None = None
        self._error: Exception | None = None
        self._callbacks: list[Callable[[], None]] = []

    @property
    def done(self) -> bool:
        """Whether it is decided."""
        return self._done

    def set_result(self, value: _T) -> None:
        """Decide it; once it is decided, later calls change nothing."""
        self._decide(value, None)

    def set_error(self, error: Exception) -> None:
        """Decide it with an error, which everybody who awaits it gets."""
        self._decide(None, error)

    def add_done_callback(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` when it is decided; at once if it is already."""
        if self._done:
            callback()
        else:
            self._callbacks.append(callback)

    def result(self) -> _T:
        """Return the value or raise the error.

        Raises:
            RuntimeError: it is not decided yet.
        """
        if not self._done:
            raise RuntimeError("the outcome is not decided yet: await it, or wait for its callback")
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]

    def _decide(self, value: _T | None, error: Exception | None) -> None:
        if self._done:
            return
        self._done, self._value, self._error = True, value, error
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            try:
                callback()
            except Exception:
                _log.exception("a callback of an outcome failed")

    async def _wait(self) -> _T:
        if not self._done:
            loop = asyncio.get_running_loop()
            future: asyncio.Future[None] = loop.create_future()
            watching = None if self._watch is None else _Watching(loop, self._watch, future)

            def release() -> None:
                if not future.done():
                    future.set_result(None)

            self._callbacks.append(release)
            try:
                await future
            finally:
                if watching is not None:
                    watching.end()
                if release in self._callbacks:
                    self._callbacks.remove(release)
        return self.result()

    def __await__(self) -> Generator[object, None, _T]:
        """Wait until it is decided."""
        return self._wait().__await__()


class _Watching:
    """Ends one wait with an error when the watch finds one."""

    def __init__(self, loop: asyncio.AbstractEventLoop, watch: WaitWatch, future: asyncio.Future[None]) -> None:
        self._loop = loop
        self._limit = watch.limit
        self._check = watch.begin()
        self._future = future
        self._timer = loop.call_later(self._limit, self._look)

    def _look(self) -> None:
        error = self._check()
        if error is None:
            self._timer = self._loop.call_later(self._limit, self._look)
        elif not self._future.done():
            self._future.set_exception(error)

    def end(self) -> None:
        self._timer.cancel()

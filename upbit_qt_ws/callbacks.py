"""Calls a subscriber's callback, sync or async, so that what it raises harms nobody else."""

from __future__ import annotations

import asyncio
import inspect
import time
import weakref
from typing import TYPE_CHECKING, Any, Protocol

from upbit_qt_ws.errors import CallbackError, SubscriptionError
from upbit_qt_ws.health.callbacks import Complaints
from upbit_qt_ws.nested_tasks import create_task

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import MethodType

    from upbit_qt_ws.delivery import Receiver
    from upbit_qt_ws.events import Event


class Supervisor(Protocol):
    """Who is told what goes wrong with a callback."""

    slow_after: float
    """How long a call may take, in seconds."""

    def failed(self, error: Exception, withheld: int = 0) -> None:
        """The callback has raised this, and so many more times before that were not told."""

    def slow(self, name: str, began: float, seconds: float) -> None:
        """The callback of that name has taken so long since ``began``, a reading of ``time.perf_counter``."""


class CallbackRunner:
    """Runs one callback for the events of one subscription.

    An async callback runs on the asyncio loop of the GUI thread, one event at a time in order unless more are allowed;
    what comes meanwhile waits by the subscription's policy. What a callback raises goes to ``error_handler`` if there
    is one, else to the supervisor; it never reaches the delivery of other subscribers. A callback that fails too often
    in a row is paused.

    Args:
        callback: called with one event.
        error_handler: called with what the callback raised.
        supervisor: is told what goes wrong.
        receiver: its account gets what had to be dropped.
        pause_after: so many failures in a row; 0 for never.
        concurrency: how many events an async callback may work on at once.

    Attributes:
        is_paused: the callback is called no more.
    """

    def __init__(
        self,
        callback: Callable[[Any], object],
        error_handler: Callable[[Exception], object] | None,
        supervisor: Supervisor,
        receiver: Receiver,
        pause_after: int = 0,
        concurrency: int = 1,
    ) -> None:
        """Keep the functions, which must be callable."""
        self._callback = callback
        self._error_handler = error_handler
        self._supervisor = supervisor
        self._pause_after = pause_after
        self._failures = 0
        self._complaints = Complaints()
        self.is_paused = False
        self._receiver = receiver
        self._is_async = inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(
            getattr(callback, "__call__", None)  # noqa: B004 - an object may have an async __call__
        )
        self._waiting = receiver.policy.waiting_room()
        # A call that was begun before the callback was known to be async.
        self._begun: Coroutine[Any, Any, object] | None = None
        self._concurrency = concurrency
        self._tasks: set[asyncio.Task[None]] = set()

    def call(self, event: Event) -> None:
        """Have the callback called with ``event``; a sync one before this returns."""
        if self.is_paused:
            self._take_back(1, loses=True)
            return
        if self._is_async:
            self._enqueue(event)
            return
        began = time.perf_counter()
        try:
            result = self._callback(event)
        except Exception as error:
            self._failed(error)
            return
        took = time.perf_counter() - began
        if took > self._supervisor.slow_after:
            self._supervisor.slow(self._name, began, took)
        self._failures = 0
        if inspect.iscoroutine(result):
            # A lambda or partial around an async function: from now on it is treated as one.
            self._is_async = True
            self._enqueue(event, result)

    def resume(self) -> None:
        """Call the callback again, if it is paused."""
        self.is_paused = False
        self._failures = 0

    def cancel(self) -> None:
        """Call no more; an async callback that is running is cancelled, unless it is the one that asks for this."""
        self._let_nothing_wait()
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            if not _is_current(task):
                task.cancel()

    def _enqueue(self, event: Event, begun: Coroutine[Any, Any, object] | None = None) -> None:
        if len(self._tasks) < self._concurrency:
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                if begun is not None:
                    begun.close()
                self._take_back(1, loses=True)
                self._failed(
                    SubscriptionError(
                        f"the async callback {self._callback!r} needs an asyncio loop in the GUI thread: "
                        "run the application on qasync, or give a plain function"
                    )
                )
                return
            self._tasks.add(create_task(self._run()))
        if begun is not None:
            self._begun = begun
            return
        gone = self._waiting.offer(event, 0.0)
        self._take_back(gone, loses=self._waiting.loses)
        self._receiver.overflowed += gone if self._waiting.loses else 0

    def _take_back(self, count: int, *, loses: bool) -> None:
        """Enter as lost or replaced what was entered as delivered."""
        self._receiver.delivered -= count
        if loses:
            self._receiver.dropped += count
        else:
            self._receiver.coalesced += count

    def _let_nothing_wait(self) -> None:
        self._take_back(self._waiting.discard() + self._drop_begun(), loses=True)

    def _drop_begun(self) -> int:
        begun, self._begun = self._begun, None
        if begun is None:
            return 0
        begun.close()
        return 1

    def _next(self) -> Coroutine[Any, Any, object] | None:
        begun, self._begun = self._begun, None
        if begun is None and (event := self._waiting.pop()) is not None:
            begun = self._callback(event)  # type: ignore[assignment]
        return begun

    async def _run(self) -> None:
        me = asyncio.current_task()
        assert me is not None
        try:
            while me in self._tasks:
                try:
                    call = self._next()
                    if call is None:
                        break
                    await call
                    self._failures = 0
                except asyncio.CancelledError as error:
                    # Something that the callback awaited was cancelled, unless it is this task itself.
                    if me.cancelling():
                        raise
                    self._failed(SubscriptionError(f"the callback {self._callback!r} was cancelled: {error!r}"))
                except Exception as error:
                    self._failed(error)
        finally:
            self._tasks.discard(me)

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        try:
            if self._error_handler is not None:
                self._error_handler(error)
            else:
                self._complain(error)
        except Exception as second:
            self._complain(second)
        if self._failures == self._pause_after and not self.is_paused:
            self.is_paused = True
            self._let_nothing_wait()
            self._supervisor.failed(
                CallbackError(
                    f"the callback {self._name} has failed {self._failures} times in a row, last with {error!r}, "
                    "and is called no more: mend it, then call resume() of its subscription"
                )
            )

    def _complain(self, error: Exception) -> None:
        withheld = self._complaints.admit(time.monotonic())
        if withheld is not None:
            self._supervisor.failed(error, withheld)

    @property
    def _name(self) -> str:
        return getattr(self._callback, "__qualname__", None) or repr(self._callback)


class OwnersMethod:
    """A bound method of the component that owns the subscription, held weakly.

    The component lives longer than its subscriptions, so nothing is lost; and as nothing refers back to it, it dies
    with its last reference instead of waiting for the collector.
    """

    __slots__ = ("__qualname__", "_method")

    def __init__(self, method: MethodType) -> None:
        """Hold ``method`` weakly."""
        self._method = weakref.WeakMethod(method)
        self.__qualname__ = method.__qualname__

    def __call__(self, argument: Any) -> object:
        """Call the method; nothing if its object is gone."""
        method = self._method()
        return None if method is None else method(argument)

    def __repr__(self) -> str:
        """Show which method it is."""
        return f"<method {self.__qualname__}>"


def _is_current(task: asyncio.Task[None]) -> bool:
    try:
        return asyncio.current_task() is task
    except RuntimeError:
        return False

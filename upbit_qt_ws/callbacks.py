"""Calls a subscriber's callback, sync or async, so that what it raises harms nobody else."""

from __future__ import annotations

import asyncio
import inspect
import logging
import weakref
from typing import TYPE_CHECKING, Any

from upbit_qt_ws.errors import SubscriptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import MethodType

    from upbit_qt_ws.delivery import Receiver
    from upbit_qt_ws.events import Event

_log = logging.getLogger(__name__)


class CallbackRunner:
    """Runs one callback for the events of one subscription.

    An async callback runs on the asyncio loop of the GUI thread, one event at a time in order; what comes meanwhile
    waits by the subscription's policy. What a callback raises
    goes to ``error_handler`` if there is one, else to ``report``; it never reaches the delivery of other subscribers.

    Args:
        callback: called with one event.
        error_handler: called with what the callback raised.
        report: called with what the callback raised when there is no handler, or with what the handler raised.
        receiver: its account gets what had to be dropped.
    """

    def __init__(
        self,
        callback: Callable[[Any], object],
        error_handler: Callable[[Exception], object] | None,
        report: Callable[[Exception], None],
        receiver: Receiver,
    ) -> None:
        """Keep the functions, which must be callable."""
        self._callback = callback
        self._error_handler = error_handler
        self._report = report
        self._receiver = receiver
        self._is_async = inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(
            getattr(callback, "__call__", None)  # noqa: B004 - an object may have an async __call__
        )
        self._waiting = receiver.policy.waiting_room()
        # A call that was begun before the callback was known to be async.
        self._begun: Coroutine[Any, Any, object] | None = None
        self._task: asyncio.Task[None] | None = None

    def call(self, event: Event) -> None:
        """Have the callback called with ``event``; a sync one before this returns."""
        if self._is_async:
            self._enqueue(event)
            return
        try:
            result = self._callback(event)
        except Exception as error:
            self._failed(error)
            return
        if inspect.iscoroutine(result):
            # A lambda or partial around an async function: from now on it is treated as one.
            self._is_async = True
            self._enqueue(event, result)

    def cancel(self) -> None:
        """Call no more; an async callback that is running is cancelled, unless it is the one that asks for this."""
        self._take_back(self._waiting.discard() + self._drop_begun(), loses=True)
        task, self._task = self._task, None
        if task is not None and not _is_current(task):
            task.cancel()

    def _enqueue(self, event: Event, begun: Coroutine[Any, Any, object] | None = None) -> None:
        if self._task is None or self._task.done():
            try:
                loop = asyncio.get_running_loop()
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
            self._task = loop.create_task(self._run())
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
        while self._task is me:
            try:
                call = self._next()
                if call is None:
                    break
                await call
            except asyncio.CancelledError as error:
                # Something that the callback awaited was cancelled, unless it is this task itself.
                if me is None or me.cancelling():
                    raise
                self._failed(SubscriptionError(f"the callback {self._callback!r} was cancelled: {error!r}"))
            except Exception as error:
                self._failed(error)
        if self._task is me:
            self._task = None

    def _failed(self, error: Exception) -> None:
        if self._error_handler is not None:
            try:
                self._error_handler(error)
            except Exception as second:
                self._report(second)
            return
        self._report(error)


class OwnersMethod:
    """A bound method of the component that owns the subscription, held weakly.

    The component lives longer than its subscriptions, so nothing is lost; and as nothing refers back to it, it dies
    with its last reference instead of waiting for the collector.
    """

    __slots__ = ("_method", "name")

    def __init__(self, method: MethodType) -> None:
        """Hold ``method`` weakly."""
        self._method = weakref.WeakMethod(method)
        self.name = method.__qualname__

    def __call__(self, argument: Any) -> object:
        """Call the method; nothing if its object is gone."""
        method = self._method()
        return None if method is None else method(argument)

    def __repr__(self) -> str:
        """Show which method it is."""
        return f"<method {self.name}>"


def _is_current(task: asyncio.Task[None]) -> bool:
    try:
        return asyncio.current_task() is task
    except RuntimeError:
        return False

"""Tasks that go on while another one runs a nested Qt loop, as a dialog's ``exec()`` in a coroutine does.

Asyncio refuses to step a task while another one is being stepped, and the loop of qasync 0.28 loses that step for ever:
the task never wakes up again. A task of this module first sets the other one aside, as the documentation of asyncio has
it for task implementations (``_enter_task`` and ``_leave_task``); the other one is current again afterwards.
"""

from __future__ import annotations

import asyncio
from asyncio import tasks
from contextvars import Context, ContextVar, copy_context
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    _PythonTask = asyncio.Task[Any]
else:
    # The task that is written in C steps itself without asking anybody.
    _PythonTask = tasks._PyTask

_T = TypeVar("_T")

_nests: ContextVar[bool] = ContextVar("upbit_qt_ws_nests", default=False)


class NestedTask(_PythonTask):
    """A task that may be stepped within the step of another."""

    def _Task__step(self, exc: BaseException | None = None) -> None:
        loop: asyncio.AbstractEventLoop = self._loop
        with set_aside(loop):
            super()._Task__step(exc)  # type: ignore[misc]


class set_aside:
    """Has no task be the current one of a loop for a while, since others are to be stepped."""

    __slots__ = ("_loop", "_other")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop, which runs in this thread."""
        self._loop = loop
        self._other: asyncio.Task[Any] | None = None

    def __enter__(self) -> None:
        """Set the current task aside, if there is one."""
        self._other = asyncio.current_task(self._loop)
        if self._other is not None:
            tasks._leave_task(self._loop, self._other)

    def __exit__(self, *_: object) -> None:
        """Make it the current one again."""
        if self._other is not None:
            tasks._enter_task(self._loop, self._other)


def create_task(work: Coroutine[Any, Any, _T], name: str | None = None) -> asyncio.Task[_T]:
    """Run a coroutine as a task of the running loop that goes on while another task runs a nested Qt loop.

    Tasks that it makes itself do so too, also those of libraries, once :func:`prepare` was called with the loop.
    """
    loop = asyncio.get_running_loop()
    if not _loses_steps(loop):
        return loop.create_task(work, name=name)
    context = copy_context()
    context.run(_nests.set, True)
    return NestedTask(work, loop=loop, name=name, context=context)


def prepare(loop: asyncio.AbstractEventLoop) -> None:
    """Let tasks that tasks of :func:`create_task` make be of that kind; all others stay as they are.

    A loop that has a task factory of its own keeps that.
    """
    if _loses_steps(loop) and loop.get_task_factory() is None:
        loop.set_task_factory(_make_task)  # type: ignore[arg-type] # Its protocol is stricter than asyncio.


def release(loop: asyncio.AbstractEventLoop) -> None:
    """Undo :func:`prepare`."""
    if loop.get_task_factory() is _make_task:
        loop.set_task_factory(None)


def _make_task(
    loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, _T], context: Context | None = None, **options: Any
) -> asyncio.Task[_T]:
    nests = (copy_context() if context is None else context).get(_nests, False)
    kind: type[asyncio.Task[_T]] = NestedTask if nests else asyncio.Task
    return kind(work, loop=loop, context=context, **options)


def _loses_steps(loop: asyncio.AbstractEventLoop) -> bool:
    """Tell whether a loop runs callbacks within a nested Qt loop without setting the current task aside."""
    return type(loop).__module__.partition(".")[0] == "qasync"

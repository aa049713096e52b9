"""Fails a test that leaves something running behind: what one test forgets makes another one fail at random.

Everything that Python made since the test began is found through the garbage collector. `gc.freeze()` at the start
sets all older objects aside, so that the search costs well under a millisecond instead of the 15 ms of a full one.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import itertools
import threading
from typing import TYPE_CHECKING, Any, cast

import pytest
import pytest_asyncio
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, Qt, QThread, QTimer
from PyQt6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterable, Iterator

GRACE_MS = 500
"""How long threads that have been told to end may take for it, in milliseconds."""

OUR_THREADS = "upbit"
"""How the names of the library's own threads begin; these are reported even if they are daemons."""

ROOM = 200_000
"""So many objects may outlive their tests before those of them that are garbage by now are let go."""

LOOK_EVERY = 10
"""In so many tests they are counted once, which takes about a millisecond."""

_FAILED = pytest.StashKey[bool]()
_WATCHED = (QTimer, QThread, asyncio.Task)


class LeakWatch:
    """Remembers what exists now, and tells later what has come since and is still active."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._windows = {_address(window) for window in _windows()}
        gc.freeze()
        _let_old_garbage_go()

    def finish(self) -> list[str]:
        """Ends the watch; returns a sentence for each leftover, with what to do about it."""
        try:
            if QCoreApplication.instance() is not None:
                # deleteLater() is carried out by a running event loop only, and there may be none any more.
                QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            # Garbage in a cycle is not left behind; to let it go here also makes its warnings appear in the right test.
            gc.collect()
            return [*self._new_windows(), *self._new_threads(), *_active_objects()]
        finally:
            gc.unfreeze()

    def _new_windows(self) -> Iterator[str]:
        for window in _windows():
            if _address(window) not in self._windows:
                yield f"the window {_describe(window)}: give it to qtbot.addWidget(), or a parent that is closed"

    def _new_threads(self) -> Iterator[str]:
        for thread in set(threading.enumerate()) - self._threads:
            if not thread.daemon or thread.name.startswith(OUR_THREADS):
                thread.join(GRACE_MS / 1000)
                if thread.is_alive():
                    yield f"the running thread {thread.name!r}: stop it and join() it at the end of the test"


_watches = itertools.count()
_most_objects = 0


def _let_old_garbage_go() -> None:
    """Has what became garbage after its test collected: where the older objects are set aside, no collector looks.

    Such is the manager that a test leaves as the application's own, with all that it knows, once the next one takes its
    place. Of thousands of tests that is gigabytes.
    """
    global _most_objects
    if next(_watches) % LOOK_EVERY == 0 and gc.get_freeze_count() > _most_objects:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        _most_objects = gc.get_freeze_count() + ROOM


def _windows() -> list[QWidget]:
    """Lists the windows that nobody owns; a tool tip is shown and put away by Qt itself."""
    if not isinstance(QCoreApplication.instance(), QApplication):
        return []
    windows = QApplication.topLevelWidgets()
    return [w for w in windows if w.parent() is None and w.windowType() is not Qt.WindowType.ToolTip]


def _address(item: QObject) -> int:
    address: Any = sip.unwrapinstance(item)  # type: ignore[func-returns-value] # The stub says that it returns None.
    return int(address)


def _active_objects() -> Iterator[str]:
    """Describes the timers, QThreads and tasks among the objects that are not frozen."""
    objects = gc.get_objects()
    # There are few types and many objects, and the check of a type is the slow part.
    watched = {kind for kind in set(map(type, objects)) if issubclass(kind, _WATCHED)}
    for found in [item for item in objects if type(item) in watched] if watched else ():
        if isinstance(found, asyncio.Task):
            if not found.done():
                yield _describe_task(found)
        elif sip.isdeleted(found):
            continue
        elif isinstance(found, QTimer):
            if found.isActive():
                yield f"the active timer {_describe(found)} of {found.interval()} ms: stop() it with what owns it"
        elif cast("QThread", found).isRunning() and not found.wait(GRACE_MS):
            yield f"the running QThread {_describe(found)}: quit() and wait() at the end of the test"


def _describe(item: QObject) -> str:
    """Names an object as well as it can be named: its class, its objectName, and the class of its parent."""
    name = f" {item.objectName()!r}" if item.objectName() else ""
    parent = item.parent()
    return f"{type(item).__name__}{name}" + (f" in a {type(parent).__name__}" if parent is not None else "")


def _describe_task(task: asyncio.Task[Any]) -> str:
    return f"the pending task {task.get_name()!r} of {task.get_coro()}: cancel it, and await it"


def _fail(leftovers: Iterable[str]) -> None:
    pytest.fail("The test left behind:\n" + "\n".join(f"  - {leftover}" for leftover in leftovers), pytrace=False)


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the test if something is left running; set up first, so it looks after all other fixtures have ended."""
    if request.node.get_closest_marker("allow_leftovers"):
        yield
        return
    watch = LeakWatch()
    yield
    leftovers = watch.finish()
    # A test that failed had no chance to clean up, and its traceback keeps its variables alive.
    if leftovers and not request.node.stash.get(_FAILED, False):
        _fail(leftovers)


@pytest.fixture(autouse=True)
def nothing_left_in_loop(request: pytest.FixtureRequest, nothing_left_behind: None) -> None:
    """Has `no_pending_tasks` look at async tests only, since it needs an event loop."""
    is_async = inspect.iscoroutinefunction(getattr(request.node, "obj", None))
    if is_async and not request.node.get_closest_marker("allow_leftovers"):
        request.getfixturevalue("no_pending_tasks")


@pytest_asyncio.fixture
async def no_pending_tasks(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Fails an async test that leaves tasks pending; when its loop is closed, they would be cancelled silently."""
    yield
    await asyncio.sleep(0)  # A task that has just been cancelled needs one turn of the loop to end.
    pending = asyncio.all_tasks() - {asyncio.current_task()}
    if pending and not request.node.stash.get(_FAILED, False):
        _fail(_describe_task(task) for task in pending)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remembers that a test has failed."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report

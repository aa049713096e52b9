"""When an application ends: with its QApplication object, or with the interpreter; never with one of its event loops.

An application may run several event loops one after the other, such as a log-in dialog first, or a set-up by
``run_until_complete()`` and then ``run_forever()``. ``aboutToQuit`` is emitted at the end of each of them. The end of
the QApplication object is what counts, and while it is being destroyed is the last moment at which threads and timers
can be ended.
"""

from __future__ import annotations

import atexit
import gc
import os
import weakref
from typing import TYPE_CHECKING, Any

from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QObject, QThread

from upbit_qt_ws.process_bound import leave_to_parent

if TYPE_CHECKING:
    from collections.abc import Callable


class ApplicationLife:
    """Ends something with the application, and has it do nothing in a forked child.

    Args:
        end: called once, in the GUI thread, when the application ends.
        forked: called in a child process that was forked from this one. Its only thread is the one that forked, so
            nothing can be ended there, nor do sockets belong to it.
    """

    def __init__(self, end: Callable[[], object], forked: Callable[[], object]) -> None:
        """Do nothing yet."""
        self._end = end
        self._forked = forked
        self._finalizer: Any = None

    def begin(self) -> None:
        """Wait for the end from now on."""
        application = QCoreApplication.instance()
        _destroy_objects_with(application)
        # For programs that end without running an event loop: a running QThread that is destroyed aborts the process.
        atexit.register(self._end)
        if application is not None and sip.ispyowned(application):
            # Called before Qt destroys anything. One that C++ code has made may live longer than its Python object.
            self._finalizer = weakref.finalize(application, self._end)
            self._finalizer.atexit = False
        _lives.add(self)

    def finish(self) -> None:
        """Wait no longer: it has ended; finishing twice does nothing."""
        _lives.discard(self)
        atexit.unregister(self._end)
        if self._finalizer is not None:
            self._finalizer.detach()

    def _in_child(self) -> None:
        self.finish()
        self._forked()


_lives: weakref.WeakSet[ApplicationLife] = weakref.WeakSet()
_is_forked = False
_is_child = False
_destroyed_at_exit = False
_destroyed_with: weakref.ref[QCoreApplication] | None = None


def _destroy_objects_with(application: QCoreApplication | None) -> None:
    """Have the objects of Qt destroyed with the application, or at the end of the interpreter, after all lives."""
    global _destroyed_at_exit, _destroyed_with
    # What is registered first is called last, of both kinds.
    if not _destroyed_at_exit:
        _destroyed_at_exit = True
        atexit.register(_destroy_objects)
    if application is None or not sip.ispyowned(application):
        return
    if _destroyed_with is None or _destroyed_with() is not application:
        _destroyed_with = weakref.ref(application)
        weakref.finalize(application, _destroy_objects).atexit = False


def _destroy_objects() -> None:
    """Destroy what PyQt destroys next: objects of this thread that belong to Python, and to no parent.

    PyQt does so while it walks through its table of all objects. Python code that runs meanwhile, such as a slot of
    ``destroyed`` or an event filter, may let go of the object at hand, or make others, and PyQt goes on in memory that
    was freed. Here each object is held until all of them are gone.
    """
    if _is_child:
        return
    thread = QThread.currentThread()
    # Not isinstance(), which asks objects that pretend to be others.
    found = [item for item in gc.get_objects() if issubclass(type(item), QObject)]
    for item in found:
        if sip.isdeleted(item) or not sip.ispyowned(item) or issubclass(type(item), QCoreApplication):
            continue
        if item.thread() is thread and item.parent() is None:
            sip.delete(item)


def is_forked() -> bool:
    """Tell whether this process was forked from one in which something ran, so that Qt does not work in it."""
    return _is_forked


def _after_fork_in_child() -> None:
    global _is_forked, _is_child
    _is_child = True
    lives = list(_lives)
    _is_forked = _is_forked or bool(lives)
    leave_to_parent()
    for life in lives:
        life._in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)

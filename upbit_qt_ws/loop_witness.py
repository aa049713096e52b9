"""Whether Qt's event loop runs in the GUI thread: without it nothing of the network ever arrives there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from upbit_qt_ws.errors import NoEventLoopError
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.qt_typing import connect_queued

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.outcome import WaitWatch


class LoopWitness(QObject):
    """Sees events of the GUI thread being handled, in whichever way the application does that."""

    _asked = pyqtSignal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        """See nothing yet."""
        super().__init__(parent)
        self._number = 0
        self._seen = 0
        connect_queued(self._asked, self._see)

    def within(self, seconds: float) -> WaitWatch:
        """Return a watch for something that is awaited: it looks after so many seconds whether events are handled.

        Who awaits it under asyncio while Qt's loop does not run gets :class:`NoEventLoopError` then, and does not wait
        for ever.
        """
        return _Within(seconds, self)

    def ask(self) -> Callable[[], bool]:
        """Post an event; return what tells whether it has been handled."""
        self._number += 1
        number = self._number
        self._asked.emit(number)
        return lambda: self._seen >= number

    @pyqtSlot(int)
    @guarded
    def _see(self, number: int) -> None:
        self._seen = max(self._seen, number)


class _Within(NamedTuple):
    """Watches one thing that is awaited."""

    limit: float
    witness: LoopWitness

    def begin(self) -> Callable[[], Exception | None]:
        is_seen = self.witness.ask()

        def check() -> Exception | None:
            if is_seen():
                return None
            return NoEventLoopError(
                f"nothing came within {self.limit:g} s, since no Qt event loop runs in this thread: run the coroutine "
                "on qasync (qasync.run(main())), or the application with exec()"
            )

        return check

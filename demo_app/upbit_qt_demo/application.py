"""The life of the demo's application: window, clock, picture, report, and a clean end."""

from __future__ import annotations

import json
import logging
import signal
import socket
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QSocketNotifier, QTimer, pyqtSlot, qInstallMessageHandler
from PyQt6.QtWidgets import QApplication

from upbit_qt_demo.place import place_window
from upbit_qt_demo.preference_file import PreferenceFile, settings_in
from upbit_qt_demo.report import LagProbe, StartProbe, make_report
from upbit_qt_demo.theme import Theme
from upbit_qt_demo.window import DemoWindow
from upbit_qt_widgets.base.texts import parse_language
from upbit_qt_ws import GlobalWebSocketManager, install_excepthook
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.system.output import complain

if TYPE_CHECKING:
    from PyQt6.QtCore import QMessageLogContext, QtMsgType
    from PyQt6.QtGui import QPixmap

    from upbit_qt_demo.options import Options
    from upbit_qt_ws import WebSocketConfig

_log = logging.getLogger("upbit_qt_demo")


def _without_offscreen_noise(_kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
    """Write Qt's messages as Qt does, but for the one that its offscreen platform writes for every window."""
    if message is not None and "propagateSizeHints" not in message:
        complain(message)


class _ExceptionList(logging.Handler):
    """Keeps what went wrong, for the report."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.lines.append(record.getMessage() + (f": {error!r}" if error is not None else ""))


class _Interrupts(QObject):
    """Ends the application on Ctrl-C and SIGTERM.

    Python runs signal handlers only when it gets to run; the pipe makes Qt wake it up at once.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self._application = application
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._previous = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)  # type: ignore[call-overload]
        self._notifier.activated.connect(self._on_signal)
        self._handlers = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        self.status = 0

    def _note(self, number: int, _frame: object) -> None:
        self.status = 128 + number

    @pyqtSlot()
    @guarded
    def _on_signal(self) -> None:
        self._reader.recv(64)
        self._application.quit()

    def restore(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._previous)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()


class _Ending(QObject):
    """Takes the figures and the picture while everything still runs, when the event loop has been told to end."""

    def __init__(
        self, options: Options, window: DemoWindow, start: StartProbe, lag: LagProbe, problems: list[str]
    ) -> None:
        super().__init__()
        self._options = options
        self._window = window
        self._start = start
        self._lag = lag
        self._problems = problems
        self._report: dict[str, Any] = {}
        self._picture: QPixmap | None = None

    @pyqtSlot()
    @guarded
    def collect(self) -> None:
        self._lag.stop()
        self._report = make_report(GlobalWebSocketManager.get_instance(), self._start, self._lag, self._problems)
        if self._options.screenshot is not None:
            self._picture = self._window.grab()

    def write(self) -> None:
        """Write what was asked for.

        Raises:
            OSError: a file cannot be written.
        """
        screenshot, report = self._options.screenshot, self._options.report
        if self._picture is not None and not self._picture.save(str(screenshot), "PNG"):
            raise OSError(f"the picture cannot be written to {screenshot}")
        if report is not None:
            report.write_text(json.dumps(self._report, indent=2) + "\n", encoding="utf-8")


def run(options: Options, config: WebSocketConfig) -> int:
    """Run the demo until its window is closed or its time is over.

    Raises:
        OSError: the picture or the report cannot be written.
    """
    if not options.headless:
        return _run(options, config)
    previous = qInstallMessageHandler(_without_offscreen_noise)
    try:
        return _run(options, config)
    finally:
        # Qt may say something while the process ends, when there is no Python any more that could write it.
        qInstallMessageHandler(previous)


def _run(options: Options, config: WebSocketConfig) -> int:
    problems = _ExceptionList()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    logging.getLogger().addHandler(problems)
    install_excepthook(_log)
    application = QApplication([sys.argv[0]])
    application.setApplicationName("upbit-qt-demo")
    application.setStyle("Fusion")
    interrupts = _Interrupts(application)
    manager = GlobalWebSocketManager.get_instance(config)
    start = StartProbe(manager, application)
    with settings_in(options.profile, fresh=options.fresh):
        window = _make_window(options)
        lag = LagProbe(window)
        ending = _Ending(options, window, start, lag, problems.lines)
        application.aboutToQuit.connect(ending.collect)
        window.show()
        lag.start()
        if options.seconds is not None:
            QTimer.singleShot(int(options.seconds * 1000), application.quit)
        try:
            application.exec()
        finally:
            manager.shutdown()
            interrupts.restore()
            logging.getLogger().removeHandler(problems)
        window.close()
    ending.write()
    return interrupts.status


def _make_window(options: Options) -> DemoWindow:
    """Return the window as the user left it, but for what the command line asks for."""
    file = PreferenceFile()
    preferences = file.load()
    if options.theme is not None:
        preferences = replace(preferences, theme=Theme(options.theme))
    if options.language is not None:
        preferences = replace(preferences, language=parse_language(options.language))
    window = DemoWindow(preferences, live=options.live, file=file)
    place_window(window, preferences.geometry, options.size, offscreen=options.headless)
    return window

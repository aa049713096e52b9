"""Nothing of ours that Qt calls ends the program: all of it is guarded, and what the guards catch is told."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QObject, QSize, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QWidget

from tests.helpers.guards import called_by_qt, loose_functions, modules, qt_classes, unguarded
from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.faults import FAULTS, MOST_PLACES, FaultLog
from upbit_qt_ws.guard import guarded, guarded_returning, guarded_setter, is_guarded

if TYPE_CHECKING:
    from PyQt6.QtCore import QEvent
    from pytestqt.qtbot import QtBot


# -- all of it is guarded -----------------------------------------------------------------------------------------


def test_whatever_qt_calls_has_a_guard(qtbot: QtBot) -> None:
    found = unguarded(qt_classes(modules()))
    assert not found, "put @guarded or @guarded_returning below @pyqtSlot, or above the override:\n" + "\n".join(
        map(str, found)
    )


def test_no_signal_is_connected_to_a_function_that_cannot_have_one(qtbot: QtBot) -> None:
    loose = [place for module in modules() for place in loose_functions(module)]
    assert not loose, f"connect a guarded method instead of a lambda or a partial: {loose}"


class Planted(QWidget):
    """Has one of each kind, without a guard."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.changed.connect(self.plain)
        QTimer.singleShot(0, self.timed)

    @pyqtSlot()
    def slot(self) -> None: ...

    def plain(self) -> None: ...

    def timed(self) -> None: ...

    def changeEvent(self, a0: QEvent | None) -> None: ...

    def helper(self) -> None: ...

    @guarded_returning(QSize())
    def sizeHint(self) -> QSize:
        return QSize(1, 1)


def test_the_check_finds_what_has_none() -> None:
    assert {called.name for called in unguarded([Planted])} == {"slot", "plain", "timed", "changeEvent"}
    assert {called.name for called in called_by_qt(Planted)} == {"slot", "plain", "timed", "changeEvent", "sizeHint"}


# -- what a guard does --------------------------------------------------------------------------------------------


class Part(QObject):
    told = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.value = 0

    @pyqtSlot(object)
    @guarded
    def take(self, value: Any) -> None:
        self.value = 1 // value

    @guarded_returning(-1)
    def count(self) -> int:
        return 1 // self.value

    @pyqtSlot(object)
    @guarded_setter
    def set_value(self, value: Any) -> None:
        if not isinstance(value, int):
            raise SubscriptionError(f"{value!r} is no number")
        self.value = value


class Owner(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Any] = []

    def show_fault(self, fault: Any) -> None:
        self.shown.append(fault)


@pytest.mark.expects_faults
def test_what_a_slot_raises_is_logged_once_counted_and_shown(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    owner = Owner()
    qtbot.addWidget(owner)
    part, sender = Part(owner), Part()
    sender.told.connect(part.take)
    for _ in range(5):
        sender.told.emit(0)
    sender.told.emit(1)
    assert part.value == 1, "it goes on"
    (fault,) = FAULTS.all
    assert fault.place.startswith("Part.take (test_guards.py:")
    assert (fault.error, fault.times) == ("ZeroDivisionError: integer division or modulo by zero", 5)
    assert len(owner.shown) == 5
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None


@pytest.mark.expects_faults
def test_a_function_that_returns_something_returns_what_qt_can_take(qtbot: QtBot) -> None:
    assert Part().count() == -1


@pytest.mark.expects_faults
def test_a_bad_value_is_an_error_for_a_caller_and_a_fault_for_a_signal(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    part, sender = Part(), Part()
    with pytest.raises(SubscriptionError, match="no number"):
        part.set_value("one")
    assert not FAULTS.all
    sender.told.connect(part.set_value)
    sender.told.emit("two")
    sender.told.emit(3)
    assert part.value == 3
    assert "'two' is no number" in FAULTS.all[0].error
    assert not caplog.records[0].exc_info, "the sentence says all"


@pytest.mark.expects_faults
def test_a_part_that_cannot_even_show_its_fault_ends_nothing(qtbot: QtBot) -> None:
    class Broken(QWidget):
        def show_fault(self, fault: Any) -> None:
            raise RuntimeError("broken as well")

    owner = Broken()
    qtbot.addWidget(owner)
    Part(owner).take(0)
    assert [fault.error for fault in FAULTS.all] == [
        "ZeroDivisionError: integer division or modulo by zero",
        "RuntimeError: broken as well",
    ]


def test_guards_are_seen_and_keep_names_and_words() -> None:
    assert is_guarded(Part.take)
    assert not is_guarded(Owner.show_fault)
    assert (Part.take.__name__, Part.take.__qualname__) == ("take", "Part.take")


# -- the log of faults --------------------------------------------------------------------------------------------


def raised(text: str) -> Exception:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_faults_tell_places_and_times_by_the_clock() -> None:
    now = [10.0]
    log = FaultLog(lambda: now[0])
    log.note("One.slot", raised("a"))
    now[0] = 20.0
    log.note("Two.slot", raised("b"))
    now[0] = 30.0
    log.note("One.slot", raised("c"))
    assert [(fault.place.split()[0], fault.error, fault.times, fault.last_at) for fault in log.all] == [
        ("Two.slot", "ValueError: b", 1, 20.0),
        ("One.slot", "ValueError: c", 2, 30.0),
    ]
    assert len(log.since(25.0)) == 1
    assert log.all[0].report(23.5) == {
        "place": log.all[0].place, "error": "ValueError: b", "times": 1, "ago_s": 3.5
    }  # fmt: skip


def test_faults_are_bounded_in_number_and_length() -> None:
    log = FaultLog()
    for number in range(3 * MOST_PLACES):
        log.note(f"Widget{number}.slot", raised("x" * 10_000))
    assert len(log.all) == MOST_PLACES + 1
    assert all(len(fault.error) <= 200 for fault in log.all)
    assert sum(fault.times for fault in log.all) == 3 * MOST_PLACES


def test_faults_survive_an_error_that_cannot_be_described() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    log = FaultLog()
    log.note("slot", Mute())
    assert log.all[0].error == "Mute"


def test_faults_of_several_threads_are_all_counted() -> None:
    log = FaultLog()
    error = raised("x")
    threads = [threading.Thread(target=lambda: [log.note("slot", error) for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.all[0].times == 800

"""How the loop lives with Qt: slots, nested loops, Qt's own timers and events, quitting."""

from __future__ import annotations

import asyncio
import gc
import selectors
import socket
import sys
import threading
import weakref
from typing import TYPE_CHECKING

import pytest
import qasync
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QThread, QTimer, pyqtSignal, pyqtSlot

from tests.helpers.loops import OURS
from upbit_qt_ws.network import event_loop, qt_selector
from upbit_qt_ws.network.event_loop import NetworkEventLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PyQt6.QtWidgets import QApplication


@pytest.fixture(params=OURS)
def loop(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[NetworkEventLoop]:
    loop = OURS[request.param].for_current_thread()
    yield loop
    loop.close()


class Counter(QObject):
    """Counts the events that another object receives, by their type."""

    def __init__(self, watched: QObject) -> None:
        super().__init__()
        self.count: dict[int, int] = {}
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        assert event is not None
        self.count[event.type()] = self.count.get(event.type(), 0) + 1
        return False


class Chatter(QObject):
    """Posts itself an event for every one it receives, as long as it is alive."""

    def __init__(self) -> None:
        super().__init__()
        self.received = 0
        self.customEvent(None)

    def customEvent(self, event: QEvent | None) -> None:
        self.received += 1
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.User))


def in_slot(action: Callable[[], object]) -> None:
    """Has Qt run something while the loop sleeps, which it does after its first turns even on a slow machine."""
    QTimer.singleShot(20, action)


def timers_of(loop: NetworkEventLoop) -> list[int]:
    """Lists the intervals, in milliseconds, of the timers that Qt has for the loop."""
    thread = loop._wake_up.thread()
    dispatcher = thread.eventDispatcher() if thread is not None else None
    assert dispatcher is not None
    return [timer.interval for timer in dispatcher.registeredTimers(loop._wake_up)]


def test_everything_that_qasync_overrides_is_decided_here() -> None:
    inherited = {"__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__enter__", "__exit__"}
    (overriding,) = (base for base in qasync.QSelectorEventLoop.__mro__ if base.__name__ == "_QEventLoop")
    overrides = {name for name in vars(overriding) if not name.startswith("_QEventLoop__")}
    internal = {"_logger"}
    assert overrides - inherited - internal <= set(vars(NetworkEventLoop))


def test_a_slot_can_schedule_while_the_loop_sleeps(loop: NetworkEventLoop) -> None:
    order: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0)
        order.append("task")

    async def last() -> None:
        order.append("timer")
        loop.stop()

    def slot() -> None:
        assert asyncio.get_running_loop() is loop
        loop.call_soon(order.append, "soon")
        tasks.append(asyncio.ensure_future(work()))
        loop.call_later(0.001, lambda: tasks.append(asyncio.ensure_future(last())))

    tasks: list[asyncio.Task[None]] = []
    loop.call_later(3600, print)
    in_slot(slot)
    loop.run_forever()
    assert order == ["soon", "task", "timer"]


def test_a_slot_can_set_an_earlier_timer_while_the_loop_sleeps(loop: NetworkEventLoop) -> None:
    loop.call_later(3600, print)
    in_slot(lambda: loop.call_later(0.001, loop.stop))
    loop.run_forever()


def test_a_slot_can_stop_the_sleeping_loop(loop: NetworkEventLoop) -> None:
    in_slot(loop.stop)
    loop.run_forever()
    loop.call_later(3600, print)
    in_slot(loop.stop)
    loop.run_forever()


def test_slots_of_the_network_thread_can_make_tasks(qapp: QApplication) -> None:
    class Host(QObject):
        asked = pyqtSignal(int)

        @pyqtSlot(int)
        def answer(self, number: int) -> None:
            tasks.append(asyncio.ensure_future(self._answer(number)))

        async def _answer(self, number: int) -> None:
            await asyncio.sleep(0.001)
            answers.append((number, QThread.currentThread() is thread))
            asyncio.get_running_loop().stop()

    class Thread(QThread):
        def run(self) -> None:
            loop = NetworkEventLoop.for_current_thread()
            loop.run_forever()
            loop.close()

    tasks: list[asyncio.Task[None]] = []
    answers: list[tuple[int, bool]] = []
    thread, host = Thread(), Host()
    host.asked.connect(host.answer)
    host.moveToThread(thread)
    host.asked.emit(7)
    thread.start()
    thread.wait()
    assert answers == [(7, True)]


def test_a_plain_python_thread_will_do(qapp: QApplication) -> None:
    def run() -> None:
        loop = NetworkEventLoop.for_current_thread()
        results.append(loop.run_until_complete(asyncio.sleep(0.001, "slept")))
        results.append(loop.run_until_complete(loop.run_in_executor(None, lambda: "worked")))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    results: list[str] = []
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert results == ["slept", "worked"]


def test_without_an_application_there_is_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoApplication:
        instance = staticmethod(lambda: None)

    monkeypatch.setattr(event_loop, "QCoreApplication", NoApplication)
    with pytest.raises(RuntimeError, match="create a QApplication first"):
        NetworkEventLoop.for_current_thread()


def test_a_busy_loop_leaves_qt_its_turns(loop: NetworkEventLoop) -> None:
    iterations = ticks = 0

    def spin() -> None:
        nonlocal iterations
        iterations += 1
        loop.call_soon(spin)

    def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks >= 5 and chatter.received > 5:
            loop.stop()

    chatter, timer = Chatter(), QTimer()
    timer.timeout.connect(tick)
    timer.start(0)
    loop.call_soon(spin)
    loop.run_forever()
    timer.stop()
    sip.delete(chatter)
    assert iterations > 5


def test_busy_slots_leave_the_loop_its_turns(loop: NetworkEventLoop) -> None:
    async def work() -> None:
        reader, writer = await asyncio.open_connection(sock=ours)
        for _ in range(20):
            theirs.send(b"!")
            await reader.readexactly(1)
            await asyncio.sleep(0.0005)
            await asyncio.sleep(0)
        writer.close()
        await writer.wait_closed()

    ours, theirs = socket.socketpair()
    chatter = Chatter()
    loop.run_until_complete(work())
    assert chatter.received > 20
    sip.delete(chatter)
    theirs.close()


def test_many_calls_from_a_slot_are_one_event_and_one_timer(loop: NetworkEventLoop) -> None:
    def slot() -> None:
        # A slow machine takes several turns until the loop sleeps.
        before = counter.count.get(qt_selector.POSTED, 0)
        for number in range(1000):
            loop.call_soon(order.append, number)
            loop.call_soon_threadsafe(order.append, number)
            loop.call_later(3600 - number, print)
        loop.call_soon(lambda: counts.append(counter.count.get(qt_selector.POSTED, 0) - before))
        loop.call_later(0.003, loop.stop)

    order: list[int] = []
    counts: list[int] = []
    counter = Counter(loop._wake_up)
    in_slot(slot)
    loop.run_forever()
    assert len(order) == 2000
    assert counts == [1]


def test_any_number_of_timers_is_one_timer_for_qt(loop: NetworkEventLoop) -> None:
    async def sleeping_timers() -> int:
        """Returns how many timers Qt has for the loop while it sleeps."""
        seen: asyncio.Future[int] = loop.create_future()
        in_slot(lambda: seen.set_result(len(timers_of(loop))))
        return await seen

    async def work() -> None:
        assert await sleeping_timers() == 0
        handles = [loop.call_later(3600 + number, print) for number in range(10_000)]
        for seconds in (3000, 2000, 1000):
            handles.append(loop.call_later(seconds, print))
            assert await sleeping_timers() == 1
        for handle in handles:
            handle.cancel()
        assert await sleeping_timers() == 0, "there is nothing to wake up for"

    loop.run_until_complete(work())
    assert timers_of(loop) == []


def test_no_sleep_is_too_long_for_qt(loop: NetworkEventLoop) -> None:
    def slot() -> None:
        intervals.extend(timers_of(loop))
        loop.stop()

    intervals: list[int] = []
    loop.call_later(1e300, print)
    in_slot(slot)
    loop.run_forever()
    assert intervals == [24 * 3600 * 1000]
    assert timers_of(loop) == [], "nothing wakes a loop that does not run"


def test_an_idle_loop_is_not_woken(loop: NetworkEventLoop) -> None:
    async def work() -> None:
        await asyncio.sleep(0.001)
        before = sum(counter.count.values())
        await asyncio.sleep(0.1)
        woken.append(sum(counter.count.values()) - before)

    woken: list[int] = []
    counter = Counter(loop._wake_up)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        loop.add_reader(listener, print)
        loop.call_later(3600, print)
        loop.call_later(0.02, print).cancel()
        loop.run_until_complete(work())
        loop.remove_reader(listener)
    # The end of the sleep, and perhaps once more because the system's timer was a moment early.
    assert woken[0] <= 3


def test_a_nested_loop_in_a_slot_holds_up_nothing(loop: NetworkEventLoop) -> None:
    def slot() -> None:
        nested = QEventLoop()
        in_slot(lambda: loop.call_soon(order.append, "soon"))
        loop.call_later(0.1, nested.quit)
        nested.exec()
        order.append("nested loop has ended")
        loop.stop()

    order: list[str] = []
    in_slot(slot)
    loop.run_forever()
    assert order == ["soon", "nested loop has ended"]


def test_qt_can_end_the_run_and_the_loop_can_run_again(loop: NetworkEventLoop, qapp: QApplication) -> None:
    in_slot(qapp.quit)
    loop.run_forever()
    future = loop.create_future()
    in_slot(qapp.quit)
    with pytest.raises(RuntimeError, match="stopped before Future completed"):
        loop.run_until_complete(future)
    assert loop.run_until_complete(asyncio.sleep(0.001, "cleaned up")) == "cleaned up"


def test_quitting_the_thread_ends_the_run_and_leaves_time_to_clean_up(qapp: QApplication) -> None:
    class Thread(QThread):
        def run(self) -> None:
            loop = NetworkEventLoop.for_current_thread()
            loop.call_soon(running.set)
            loop.run_forever()
            results.append(loop.run_until_complete(asyncio.sleep(0.001, "cleaned up")))
            loop.close()

    running = threading.Event()
    results: list[str] = []
    thread = Thread()
    thread.start()
    running.wait()
    thread.quit()
    thread.wait()
    assert results == ["cleaned up"]


def test_nothing_runs_after_the_last_iteration(loop: NetworkEventLoop) -> None:
    order: list[str] = []
    loop.call_soon(loop.stop)
    loop.call_soon(lambda: loop.call_soon_threadsafe(order.append, "too late"))
    loop.run_forever()
    QCoreApplication.processEvents()
    assert order == []


def test_closing_destroys_what_belongs_to_qt(loop: NetworkEventLoop) -> None:
    wake_up = loop._wake_up
    with socket.create_server(("127.0.0.1", 0)) as listener:
        loop.add_reader(listener, print)
        sockets = loop._sockets
        notifiers = list(sockets._notifiers.values()) if isinstance(sockets, qt_selector.QtSelector) else []
        assert bool(notifiers) is isinstance(sockets, qt_selector.QtSelector)
        loop.run_until_complete(asyncio.sleep(0))
        loop.call_soon_threadsafe(print)
        loop.close()
        loop.close()
    assert sip.isdeleted(wake_up)
    assert not any(notifier.isEnabled() for notifier in notifiers)


def test_it_can_be_closed_after_qt_has_destroyed_its_own(loop: NetworkEventLoop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        loop.add_reader(listener, print)
        # Otherwise the turn that was asked for stands for the next one.
        QCoreApplication.processEvents()
        sip.delete(loop._wake_up)
        loop.close()
    assert loop.is_closed()


@pytest.mark.parametrize("kind", OURS)
def test_nothing_keeps_a_closed_loop_alive(qapp: QApplication, kind: str) -> None:
    loop = OURS[kind].for_current_thread()
    gone: list[weakref.ref[object]] = [weakref.ref(loop), weakref.ref(loop._sockets)]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        loop.add_reader(listener, print)
        if isinstance(loop._sockets, qt_selector.QtSelector):
            gone.extend(map(weakref.ref, loop._sockets._notifiers.values()))
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
    del loop
    gc.collect()
    assert [item() for item in gone] == [None] * len(gone)


with_notifiers = pytest.mark.skipif(
    sys.platform == "win32", reason="Qt's socket notifiers are not used on Windows, where they lose what happens"
)


class Turns:
    """Stands in for a loop: takes its turns or not, and notes which sockets are ready in them."""

    def __init__(self, *, takes: bool) -> None:
        self.takes = takes
        self.selector = qt_selector.QtSelector(self.turn)
        self.ready: list[list[object]] = []

    def turn(self) -> bool:
        if self.takes:
            self.selector.begin_turn()
            self.ready.append([key.data for key, _ in self.selector.select()])
            self.selector.end_turn()
        return self.takes


@pytest.fixture
def readable(qapp: QApplication) -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"!")
        yield ours


@with_notifiers
def test_the_selector_gives_a_turn_whenever_a_socket_is_ready(readable: socket.socket) -> None:
    turns = Turns(takes=True)
    turns.selector.register(readable, selectors.EVENT_READ, "old")
    QCoreApplication.processEvents()
    QCoreApplication.processEvents()
    turns.selector.modify(readable, selectors.EVENT_READ, "new")
    QCoreApplication.processEvents()
    turns.selector.close()
    QCoreApplication.processEvents()
    assert turns.ready == [["old"], ["old"], ["new"]]


@with_notifiers
def test_the_selector_is_quiet_until_the_turn_under_way_has_ended(readable: socket.socket) -> None:
    turns = Turns(takes=False)
    turns.selector.register(readable, selectors.EVENT_READ, "socket")
    for _ in range(3):
        QCoreApplication.processEvents()
    assert len(turns.selector._fired) == 1
    turns.selector.end_turn()
    assert turns.selector._muted == []
    turns.takes = True
    QCoreApplication.processEvents()
    assert turns.ready == [["socket"]]
    turns.selector.close()


@with_notifiers
def test_the_selector_forgets_a_ready_socket_that_is_removed(readable: socket.socket) -> None:
    turns = Turns(takes=False)
    turns.selector.register(readable, selectors.EVENT_READ, "old")
    QCoreApplication.processEvents()
    turns.selector.unregister(readable)
    assert turns.selector.select() == []
    turns.selector.register(readable, selectors.EVENT_READ, "new")
    assert turns.selector.select() == []
    QCoreApplication.processEvents()
    assert [key.data for key, _ in turns.selector.select()] == ["new"]
    turns.selector.unregister(readable)
    turns.selector.end_turn()
    QCoreApplication.processEvents()
    assert turns.selector.select() == []
    turns.selector.close()


@with_notifiers
def test_the_selector_reports_a_socket_once_in_a_turn(readable: socket.socket) -> None:
    turns = Turns(takes=False)
    turns.selector.register(readable, selectors.EVENT_READ, "socket")
    QCoreApplication.processEvents()
    assert len(turns.selector.select()) == 1
    turns.selector._fired.extend(turns.selector._taken)
    assert turns.selector.select() == []
    turns.selector.close()


def test_a_callback_may_remove_its_own_reader(loop: NetworkEventLoop) -> None:
    def receive() -> None:
        received.append(ours.recv(1))
        loop.remove_reader(ours)
        gc.collect()
        if len(received) == 100:
            loop.stop()
        else:
            loop.add_reader(ours, receive)

    received: list[bytes] = []
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"!" * 100)
        loop.add_reader(ours, receive)
        loop.run_forever()
    assert received == [b"!"] * 100
    if isinstance(loop._sockets, qt_selector.QtSelector):
        assert len(loop._sockets._removed) <= 1, "notifiers are destroyed in the next turn"

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import asyncio, threading, time
import pytest, pytest_asyncio
from hypothesis import given, strategies
from PyQt6.QtCore import QObject, QThread, QTimer
from PyQt6.QtWidgets import QDialog, QWidget

kept = []

@pytest.fixture(scope="module", autouse=True)
def end():
    yield
    for item in kept:
        if isinstance(item, QThread):
            item.quit(), item.wait()
        elif isinstance(item, asyncio.AbstractEventLoop):
            item.run_until_complete(asyncio.wait(asyncio.all_tasks(item), timeout=0.01))
            for task in asyncio.all_tasks(item):
                task.cancel()
            item.run_until_complete(asyncio.sleep(0))
            item.close()

def test_timer(qapp):
    kept.append(QTimer(objectName="beat", interval=1000)); kept[-1].start()

def test_timer_of_parent(qapp):
    kept.append(QObject()); QTimer(kept[-1]).start(5)

def test_window(qapp):
    kept.append(QWidget(objectName="panel"))

def test_thread():
    threading.Thread(target=time.sleep, args=(1.5,), name="worker").start()

def test_daemon_of_ours():
    threading.Thread(target=time.sleep, args=(1.5,), name="upbit-network", daemon=True).start()

def test_qthread(qapp):
    kept.append(QThread(objectName="network")); kept[-1].start()

def test_task_of_another_loop():
    kept.append(asyncio.new_event_loop()); kept.append(kept[-1].create_task(asyncio.sleep(9), name="nap"))

@pytest.mark.asyncio
async def test_task():
    kept.append(asyncio.create_task(asyncio.sleep(9), name="nap"))

def test_failure_is_enough(qapp):
    kept.append(QTimer()); kept[-1].start(9); assert False

# From here on all is well.

def test_garbage_in_a_cycle(qapp):
    widget = QWidget(); widget.me = widget; widget.timer = QTimer(widget); widget.timer.start(5)

def test_widget_of_qtbot(qtbot):
    kept.append(QWidget()); qtbot.addWidget(kept[-1]); kept.append(QTimer(kept[-1])); kept[-1].start(5)

def test_dialog_of_widget(qtbot):
    kept.append(QWidget()); qtbot.addWidget(kept[-1]); kept.append(QDialog(kept[-1]))

def test_stopped_timer(qapp):
    kept.append(QTimer()); kept[-1].start(5); kept[-1].stop()

def test_thread_that_ends():
    threading.Thread(target=time.sleep, args=(0.1,)).start()

@pytest.mark.asyncio
async def test_cancelled_task():
    task = asyncio.create_task(asyncio.sleep(9)); await asyncio.sleep(0); task.cancel()

@pytest.mark.asyncio
async def test_default_executor():
    await asyncio.to_thread(time.sleep, 0)

@pytest_asyncio.fixture
async def server():
    task = asyncio.create_task(asyncio.sleep(9))
    yield
    task.cancel()

@pytest.mark.asyncio
async def test_task_of_fixture(server):
    await asyncio.sleep(0)

@pytest.fixture(scope="module")
def shared(qapp):
    timer = QTimer(); timer.start(5)
    yield
    timer.stop()

def test_shared_timer(shared): pass
def test_shared_timer_again(shared): pass

@given(strategies.integers())
def test_property(number): pass

@pytest.mark.allow_leftovers("to see that it may")
def test_marked(qapp):
    kept.append(QTimer()); kept[-1].start(5)
"""

LEFTOVERS = {
    "timer": "the active timer QTimer 'beat' of 1000 ms: stop() it",
    "timer_of_parent": "the active timer QTimer in a QObject of 5 ms",
    "window": "the window QWidget 'panel': give it to qtbot.addWidget()",
    "thread": "the running thread 'worker': stop it",
    "daemon_of_ours": "the running thread 'upbit-network'",
    "qthread": "the running QThread QThread 'network': quit() and wait()",
    "task_of_another_loop": "the pending task 'nap' of <coroutine object sleep",
    "task": "the pending task 'nap' of <coroutine object sleep",
}
PASSED = len(re.findall(r"def test_", PROGRAM)) - 1


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest prints for a file of tests that leave things behind."""
    program = tmp_path_factory.mktemp("leaks") / "test_program.py"
    program.write_text(PROGRAM)
    options = ["-q", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "tests.helpers.leaks"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-p", "no:cacheprovider", str(program)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("test", LEFTOVERS)
def test_each_leftover_is_named_with_its_remedy(test: str, output: str) -> None:
    section = re.search(rf"_ ERROR at teardown of test_{test} _+\n(.*?)\n(_{{5}}|={{5}})", output, re.DOTALL)

    assert section, output
    assert LEFTOVERS[test] in section[1]


def test_nothing_else_is_reported(output: str) -> None:
    assert f"1 failed, {PASSED} passed, {len(LEFTOVERS)} errors in" in output, output

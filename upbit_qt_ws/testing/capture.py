"""Playing back a recording: each frame at its own pace, to the connections that stream its type and code.

A recording has one frame a line, ``receive_epoch_seconds<TAB>frame``, in the ``SIMPLE`` format. While it is
played, the market itself is silent about the streams in it. Numbers keep the spelling of the recording.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from upbit_qt_ws.errors import ConfigurationError, SimulatorError
from upbit_qt_ws.testing.jsontext import read, renamed, write
from upbit_qt_ws.wire.keys import NESTED_SIMPLE_KEYS, simple_keys_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from upbit_qt_ws.testing.fanout import Fanout
    from upbit_qt_ws.testing.frames import StreamFormat

_AT_ONCE: Final = 50


class CapturedFrame(NamedTuple):
    """One line: receive time in s, the type and code of the frame, and the frame with its short keys."""

    time: float
    type: str
    code: str
    event: dict[str, Any]


def check_speed(speed: float) -> None:
    """Refuse a speed that is not above 0.

    Raises:
        ConfigurationError: it is not.
    """
    if not speed > 0:
        raise ConfigurationError(f"speed is a factor above 0 (1 for real time, inf for no waiting), not {speed!r}")


def read_capture(path: Path) -> list[CapturedFrame]:
    """Read a recording.

    Raises:
        SimulatorError: the file cannot be read, or a line is not a time, a tab and a frame.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SimulatorError(f"cannot read the capture {path}: {error.strerror}") from error
    frames: list[CapturedFrame] = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        time, _, text = line.partition("\t")
        try:
            event = read(text)
            simple_keys_of(event["ty"])
            frames.append(CapturedFrame(float(time), event["ty"], event["cd"], event))
        except (ValueError, KeyError, TypeError) as error:
            raise SimulatorError(
                f"{path}, line {number}: expected seconds, a tab and a SIMPLE frame, got {line[:60]!r}"
            ) from error
    return frames


class CapturePlayer:
    """Plays one recording."""

    def __init__(self, frames: list[CapturedFrame], fanout: Fanout, served: Callable[[], None]) -> None:
        """Prepare.

        Args:
            frames: of the recording.
            fanout: where they go.
            served: is called when the streams of the recording have become known, so that connections which
                wait for one of its codes get their snapshot.
        """
        self._frames = frames
        self._fanout = fanout
        self._served = served
        self._newest: dict[tuple[str, str], dict[str, Any]] = {}

    async def play(self, speed: float) -> int:
        """Send the frames in their own time divided by ``speed``; return how many there were."""
        for frame in reversed(self._frames):
            self._newest[frame.type, frame.code] = frame.event
        for key in self._newest:
            self._fanout.captured[key] = self._text_of(key)
        try:
            self._served()
            await self._send_all(speed)
        finally:
            for key in self._newest:
                self._fanout.captured.pop(key, None)
        return len(self._frames)

    async def _send_all(self, speed: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for index, frame in enumerate(self._frames):
            due = 0.0 if math.isinf(speed) else (frame.time - self._frames[0].time) / speed
            wait = began + due - loop.time()
            if wait > 0 or index % _AT_ONCE == 0:
                await asyncio.sleep(max(0.0, wait))
            self._newest[frame.type, frame.code] = frame.event
            self._fanout.emit_captured(frame.type, frame.code)

    def _text_of(self, key: tuple[str, str]) -> Callable[[StreamFormat, int, str], str]:
        names = {short: name for name, short in simple_keys_of(key[0]).items()}
        nested = {
            simple_keys_of(key[0])[name]: {short: long for long, short in table.items()}
            for name, table in NESTED_SIMPLE_KEYS.items()
            if name in simple_keys_of(key[0])
        }

        def text(form: StreamFormat, units: int, stream_type: str) -> str:
            event = {**self._newest[key], "st": stream_type}
            if units and "obu" in event:
                event["obu"] = event["obu"][:units]
            return write(event if form.simple else renamed(event, names, nested))

        return text

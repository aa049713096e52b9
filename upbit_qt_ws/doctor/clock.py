"""How far this computer's clock is from the exchange's, told by the ``Date`` header of an answer. Pure."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from upbit_qt_ws.doctor.results import Finding, Outcome, Text

TOLERANCE: Final = 5.0
"""What a clock may be off by, in seconds; a computer that keeps its clock by the network is within 0.1."""

_RESOLUTION: Final = 1.0
_SET_CLOCK: Final = Text(
    "Let the operating system set the clock by the network. Keys are not affected, since a token holds no time, but "
    "times of events and candles look wrong, and a clock that is off by days makes certificates invalid.",
    "운영체제의 시각 자동 동기화를 켜세요. 토큰에는 시각이 없으므로 키에는 영향이 없지만, 체결·캔들 시각이 "
    "어긋나 보이고, 며칠 이상 틀리면 인증서가 유효하지 않게 됩니다.",
)


class Offset(NamedTuple):
    """Bounds of how far this clock is ahead of the exchange's, in seconds; negative when it is behind."""

    least: float
    most: float


def offset_of(date: str, sent: float, received: float) -> Offset:
    """Return how far this clock is ahead.

    Args:
        date: the header, which names the second in which the exchange answered.
        sent: this clock when the question left, in seconds since 1970.
        received: this clock when the answer had come.

    Raises:
        ValueError: the header is not a date.
    """
    second = parsedate_to_datetime(date).timestamp()
    return Offset(sent - second - _RESOLUTION, received - second)


def judge_clock(offset: Offset) -> Finding:
    """Return what to say of a clock; one that may be right within the resolution of the header is not blamed."""
    middle = (offset.least + offset.most) / 2
    doubt = (offset.most - offset.least) / 2
    figure = Text(
        f"{middle:+.1f} s from the exchange's clock, to within {doubt:.1f} s (its header counts whole seconds)",
        f"거래소 시계와 {middle:+.1f}초 차이, 오차 ±{doubt:.1f}초 (헤더가 초 단위임)",
    )
    if offset.least > TOLERANCE or offset.most < -TOLERANCE:
        return Finding(Outcome.WARNING, figure, _SET_CLOCK)
    return Finding(Outcome.OK, figure)

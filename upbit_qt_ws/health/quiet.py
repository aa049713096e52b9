"""Topics that were busy and have fallen silent. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from upbit_qt_ws.wire.topics import Topic

_BUSY_SHARE: Final = 0.1
_SEEN: Final = 10
_WEIGHT: Final = 0.2


class _Pulse:
    __slots__ = ("at", "count", "mean")

    def __init__(self, at: float) -> None:
        self.at = at
        self.count = 0
        self.mean = 0.0


class QuietTopics:
    """Finds the topics from which more should have come.

    A market may be quiet for hours, so only a topic that was busy counts: one that has changed ten times, and on
    average at least ten times as often as the silence that is borne.

    Args:
        silence: how long a busy topic may be silent, in seconds.
    """

    def __init__(self, silence: float) -> None:
        """Know no topic."""
        self._silence = silence
        self._pulses: dict[Topic, _Pulse] = {}

    def look(self, newest: Mapping[Topic, float], since: float, now: float) -> tuple[Topic, ...]:
        """Return the topics that are silent at ``now``, sorted.

        Args:
            newest: when the newest event of each topic was received, monotonic seconds.
            since: since when the topics could be heard: no silence before that counts.
            now: monotonic time, in seconds.
        """
        for topic in self._pulses.keys() - newest.keys():
            del self._pulses[topic]
        silent = []
        for topic, at in newest.items():
            pulse = self._pulses.get(topic)
            if pulse is None:
                self._pulses[topic] = _Pulse(at)
            elif at > pulse.at:
                gap = at - pulse.at
                pulse.mean = gap if pulse.count == 0 else pulse.mean + _WEIGHT * (gap - pulse.mean)
                pulse.at = at
                pulse.count += 1
            elif (
                pulse.count >= _SEEN
                and pulse.mean <= self._silence * _BUSY_SHARE
                and now - max(pulse.at, since) >= self._silence
            ):
                silent.append(topic)
        return tuple(sorted(silent))

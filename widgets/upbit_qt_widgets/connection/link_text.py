"""What a link to the exchange does, in words."""

from __future__ import annotations

import html
import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from upbit_qt_widgets.base.formatting import age_text
from upbit_qt_widgets.base.state_line import AMBER, GREEN, GREY, RED
from upbit_qt_widgets.base.texts import Language, pick, text
from upbit_qt_widgets.connection.words import WORDS
from upbit_qt_ws import LinkState
from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.wire.topics import Endpoint

if TYPE_CHECKING:
    from upbit_qt_ws import LinkStatus

_COLORS: Final = {
    LinkState.CONNECTED: GREEN,
    LinkState.CONNECTING: AMBER,
    LinkState.WAITING: RED,
    LinkState.UNAUTHORIZED: RED,
    LinkState.IDLE: GREY,
    LinkState.STOPPED: GREY,
}
_DAY_SECONDS: Final = 86_400.0


def parse_link(name: str) -> str:
    """Return the name of a link.

    Raises:
        ConfigurationError: there is none of that name.
    """
    names = [endpoint.value for endpoint in Endpoint]
    if name not in names:
        raise ConfigurationError(f"there is no link {name!r}: choose one of {', '.join(map(repr, names))}")
    return name


def state_word(state: LinkState | str, language: Language) -> str:
    """Return what a link does, in a word or two."""
    if state == LinkState.UNAUTHORIZED:
        return pick(WORDS["unauthorized"], language)
    return text(f"link.{LinkState(state).value}", language)


def state_color(state: LinkState | str, *, retries: bool, reason: str = "") -> str:
    """Return the colour of a state's dot, which only repeats what the words say.

    Args:
        state: of the link.
        retries: whether another attempt is due. To have no keys, and so nothing to try, is no illness.
        reason: why it is not what it should be; of an open connection, why not all of it is live.
    """
    if state == LinkState.CONNECTED and reason:
        return AMBER
    return GREY if state == LinkState.UNAUTHORIZED and not retries else _COLORS[LinkState(state)]


def badge_words(status: LinkStatus, language: Language, attempts: int, lost_for: float | None) -> str:
    """Describe a link in one line.

    Args:
        status: of the link.
        language: of the words.
        attempts: how often it was tried since the connection was lost; told from the second one on.
        lost_for: for how many seconds there has been no connection that was wanted; None while there is one.
    """
    parts = [state_word(status.state, language)]
    if attempts > 1:
        parts.append(text("link.attempt", language).format(number=attempts))
    if lost_for is not None:
        parts.append(age_text(lost_for, language))
    return " · ".join(parts)


def badge_tip(name: str, status: LinkStatus, language: Language, now: float, clock: datetime) -> str:
    """Return the lines of a tool tip, as rich text: since when, why, what to do, and the figures.

    Args:
        name: of the link.
        status: of the link.
        language: of the words.
        now: monotonic time in seconds.
        clock: the local time at ``now``.
    """
    lines = [f"{pick(WORDS[name], language)}: {state_word(status.state, language)}"]
    if status.since > 0.0:
        lines.append(pick(WORDS["since"], language).format(time=clock_text(now - status.since, clock)))
    if status.reason:
        lines.append(f"{text('reason', language)}: {status.reason}")
    if status.hint:
        lines.append(f"{pick(WORDS['hint'], language)}: {status.hint}")
    if status.retry_at is not None:
        seconds = max(0, math.ceil(status.retry_at - now))
        lines.append(pick(WORDS["retry"], language).format(seconds=seconds))
    figures = {
        "epoch": status.epoch,
        "sockets": status.sockets_opened,
        "requests": status.requests_sent,
        "repairs": status.repairs,
        "frames": status.frames,
    }
    lines += [f"{pick(WORDS[key], language)}: {figure:,}" for key, figure in figures.items()]
    return "<br>".join(map(html.escape, lines))


def clock_text(seconds_ago: float, clock: datetime) -> str:
    """Write a moment in the past, with its date if it was more than a day ago."""
    moment = clock - timedelta(seconds=max(0.0, seconds_ago))
    return moment.strftime("%H:%M:%S" if seconds_ago < _DAY_SECONDS else "%Y-%m-%d %H:%M")

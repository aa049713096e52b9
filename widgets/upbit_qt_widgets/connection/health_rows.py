"""What the tables of the panel and its words say, made of one reading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from upbit_qt_widgets.base.formatting import NOTHING, age_text
from upbit_qt_widgets.base.state_line import GREY, RED
from upbit_qt_widgets.base.texts import Language, pick, text
from upbit_qt_widgets.connection.figure_model import FigureColumn, FigureRow
from upbit_qt_widgets.connection.link_text import state_color, state_word
from upbit_qt_widgets.connection.words import ALERTS, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_widgets.connection.component_accounts import ComponentAccount
    from upbit_qt_widgets.connection.health_reading import AlertReading, HealthReading, LinkReading

_COUNT: Final = ("9,999,999,999",)
LINK_COLUMNS: Final = (
    FigureColumn("link", is_left=True),
    FigureColumn("state", ("● not authorised",), is_left=True),
    FigureColumn("epoch", ("9,999",)),
    FigureColumn("sockets", ("9,999",)),
    FigureColumn("requests", ("99,999",)),
    FigureColumn("repairs", ("9,999",), tip="repairs_tip"),
    FigureColumn("frames", _COUNT),
)
ALERT_COLUMNS: Final = (
    FigureColumn("state", ("● active", "● 진행 중"), is_left=True),
    FigureColumn("alert", is_left=True),
    FigureColumn("since_column", ("999 min ago",), is_left=True),
)
COMPONENT_COLUMNS: Final = (
    FigureColumn("component", is_left=True),
    FigureColumn("topics", ("9,999",)),
    FigureColumn("received", _COUNT, tip="sum_tip"),
    FigureColumn("delivered", _COUNT, tip="sum_tip"),
    FigureColumn("coalesced", _COUNT, tip="sum_tip"),
    FigureColumn("dropped", ("9,999,999",), tip="sum_tip"),
)
_DOWN: Final = re.compile(r"the (\w+) link has been down for (\d+) s(?:: (.*))?", re.DOTALL)
_KEYS: Final = re.compile(r"the exchange refuses the keys of the (\w+) link(?:: (.*))?", re.DOTALL)
_DOUBTFUL: Final = re.compile(r"the (\w+) link is connected, but not all of it is live: (.*)", re.DOTALL)
_DEAF: Final = re.compile(r"the network thread has not answered for (\d+) s")


def link_rows(reading: HealthReading, language: Language) -> list[FigureRow]:
    """Return a row for each link."""
    return [_link_row(name, link, language) for name, link in reading.connections.items()]


def _link_row(name: str, link: LinkReading, language: Language) -> FigureRow:
    figures = (link.epoch, link.sockets_opened, link.requests_sent, link.repairs, link.frames)
    caption = pick(WORDS[name], language) if name in WORDS else name
    word = state_word(link.state, language)
    parts = [f"{caption}: {word}", age_text(link.since_s, language)]
    if link.reason:
        parts.append(f"{text('reason', language)}: {link.reason}")
    if link.hint:
        parts.append(f"{pick(WORDS['hint'], language)}: {link.hint}")
    if link.retry_in_s is not None:
        parts.append(pick(WORDS["retry"], language).format(seconds=round(link.retry_in_s)))
    color = state_color(link.state, retries=link.retry_in_s is not None, reason=link.reason)
    texts = (caption, word, *(f"{figure:,}" for figure in figures))
    return FigureRow(name, texts, (caption, word, *figures), "\n".join(parts), color)


def alert_rows(reading: HealthReading, language: Language) -> list[FigureRow]:
    """Return a row for each alert, those that are active first, and then the newest first."""
    active = [_alert_row(alert.kind, alert, language) for alert in reversed(reading.alerts.active)]
    # Numbered from the oldest, so that a row stays the same row when another alert is over.
    past = [_alert_row(f"past {number}", alert, language) for number, alert in enumerate(reading.alerts.past)]
    return [*active, *reversed(past)]


def _alert_row(key: str, alert: AlertReading, language: Language) -> FigureRow:
    is_past = alert.resolved_s_ago is not None
    state = pick(WORDS["past" if is_past else "active"], language)
    message, hint = alert_words(alert, language)
    age = age_text(alert.raised_s_ago, language)
    raised = pick(WORDS["raised"], language).format(age=age)
    # An alert that is over needs no advice any more.
    below = "" if is_past else hint
    tip = "\n".join((f"{message} ({state}, {raised})", hint))
    raw = (is_past, message, alert.raised_s_ago)
    return FigureRow(key, (state, message, age), raw, tip, GREY if is_past else RED, below, is_past)


def alert_words(alert: AlertReading, language: Language) -> tuple[str, str]:
    """Return what is bad, and what to do about it."""
    korean = ALERTS.get(alert.kind)
    if language == "en" or korean is None:
        return alert.message, alert.hint
    return korean[0].format(value=alert.raised_value), korean[1]


def component_rows(accounts: Iterable[ComponentAccount], language: Language) -> list[FigureRow]:
    """Return a row for each component."""
    rows = []
    for account in accounts:
        name = account.name or pick(WORDS["others"], language)
        figures = (account.received, account.delivered, account.coalesced, account.dropped)
        topics = NOTHING if account.topics is None else f"{account.topics:,}"
        texts = (name, topics, *(f"{figure:,}" for figure in figures))
        # What is not a component is below all that are.
        order = (not account.name, name.casefold())
        raw = (order, -1 if account.topics is None else account.topics, *figures)
        rows.append(FigureRow(account.key, texts, raw, "\n".join(filter(None, (name, account.wants)))))
    return rows


def reason_text(reason: str, reading: HealthReading, language: Language) -> str:
    """Return why it is not healthy; the toolkit says it in English, and what it quotes stays so."""
    if language == "en":
        return reason
    for alert in reading.alerts.active:
        if alert.message == reason:
            return alert_words(alert, language)[0]
    if found := _DOWN.fullmatch(reason):
        told = f"{_link_name(found[1], language)} 연결이 {found[2]}초 동안 끊겨 있습니다"
        return f"{told}: {found[3]}" if found[3] else told
    if found := _KEYS.fullmatch(reason):
        told = f"거래소가 {_link_name(found[1], language)} 연결의 API 키를 거절했습니다"
        return f"{told}: {found[2]}" if found[2] else told
    if found := _DOUBTFUL.fullmatch(reason):
        name = _link_name(found[1], language)
        return f"{name} 연결은 열려 있지만 일부 데이터가 실시간이 아닙니다: {found[2]}"
    if found := _DEAF.fullmatch(reason):
        return f"네트워크 스레드가 {found[1]}초 동안 응답하지 않습니다"
    return reason


def _link_name(name: str, language: Language) -> str:
    return pick(WORDS[name], language) if name in WORDS else name


def states_text(states: dict[str, int], language: Language) -> str:
    """Return how many topics are in each state."""
    return " · ".join(
        f"{pick(WORDS[state], language) if state in WORDS else state} {count:,}" for state, count in states.items()
    )

"""How the data stands, in words: a lost link is not the same as data that has not come yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QWidget

from upbit_qt_widgets.base.state_line import AMBER, GREEN, GREY, RED, DataState, StateLine
from upbit_qt_ws import LinkState, LinkStatus, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

PENDING, LIVE, STALE = SubscriptionState.PENDING, SubscriptionState.LIVE, SubscriptionState.STALE
CONNECTED = LinkStatus(LinkState.CONNECTED, epoch=1)
WAITING = LinkStatus(LinkState.WAITING, epoch=1, reason="refused", retry_at=107.2)
NOW = 100_000_000_000
EARLIER = 95_000_000_000


@pytest.mark.parametrize(
    ("state", "words", "color", "is_true"),
    [
        (DataState(), "no market is chosen", GREY, True),
        (DataState(PENDING), "waiting for data", AMBER, True),
        (DataState(PENDING, LinkStatus(LinkState.CONNECTING)), "connecting to the exchange", AMBER, True),
        (DataState(PENDING, CONNECTED), "waiting for data", AMBER, True),
        (DataState(PENDING, WAITING), "not connected · reconnecting in 8 s", RED, True),
        (DataState(LIVE, CONNECTED, EARLIER), "live", GREEN, True),
        (DataState(LIVE, CONNECTED, EARLIER, halt="suspended"), "suspended", AMBER, False),
        (DataState(LIVE, CONNECTED, EARLIER, halt="preview"), "not traded yet", AMBER, False),
        (DataState(LIVE, CONNECTED, EARLIER, halt="delisted"), "delisted", GREY, False),
        (DataState(LIVE, CONNECTED, halt="unlisted"), "the exchange no longer lists this market", GREY, False),
        (
            DataState(STALE, WAITING, EARLIER, halt="suspended"),
            "not connected · reconnecting in 8 s · last value 5 s ago",
            RED,
            False,
        ),
        (DataState(STALE, WAITING, EARLIER), "not connected · reconnecting in 8 s · last value 5 s ago", RED, False),
        (
            DataState(STALE, LinkStatus(LinkState.CONNECTING, epoch=1), EARLIER),
            "not connected · reconnecting now · last value 5 s ago",
            RED,
            False,
        ),
        (
            DataState(STALE, CONNECTED, EARLIER),
            "reconnected · waiting for new data · last value 5 s ago",
            AMBER,
            False,
        ),
        (
            DataState(SubscriptionState.NOT_SERVED, CONNECTED, EARLIER),
            "the exchange does not serve this market",
            GREY,
            False,
        ),
        (
            DataState(SubscriptionState.REJECTED, CONNECTED),
            "the exchange refuses this subscription",
            RED,
            False,
        ),
        (
            DataState(LIVE, LinkStatus(LinkState.STOPPED), EARLIER),
            "the connection was shut down · last value 5 s ago",
            GREY,
            False,
        ),
    ],
)
def test_each_state_has_its_words_and_its_look(state: DataState, words: str, color: str, is_true: bool) -> None:
    assert (state.words("en", NOW), state.color, state.is_true) == (words, color, is_true)


def test_a_connection_that_is_open_and_silent_has_words_of_its_own_and_a_reason() -> None:
    silent = LinkStatus(LinkState.CONNECTED, epoch=1, reason="no sign of life")
    state = DataState(STALE, silent, EARLIER)
    assert state.words("en", NOW) == "connected, but nothing comes · last value 5 s ago"
    assert state.words("ko", NOW) == "연결되어 있지만 데이터가 오지 않음 · 마지막 값 5초 전"
    assert (state.color, state.is_true, state.ticks) == (AMBER, False, True)
    assert state.reason("en") == "no sign of life"
    assert DataState(LIVE, silent, EARLIER).words("en", NOW) == "live", "other topics may be"


def test_the_words_are_korean_too() -> None:
    assert DataState(STALE, WAITING, EARLIER).words("ko", NOW) == "연결되지 않음 · 8초 후 재연결 · 마지막 값 5초 전"


def test_the_reason_is_told_only_while_there_is_no_connection() -> None:
    assert DataState(STALE, WAITING).reason("en") == "refused"
    assert DataState(LIVE, WAITING).reason("en") == ""
    assert DataState(STALE, CONNECTED).reason("en") == ""


def test_the_clock_runs_only_while_a_time_is_shown_and_seen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    line = StateLine(window)
    clock = line.findChild(QTimer)
    assert clock is not None

    line.show_state(DataState(STALE, WAITING, EARLIER), "en", " · 7")
    assert not clock.isActive()
    window.show()
    assert clock.isActive()
    assert line.accessibleName().endswith("ago · 7")
    assert "(refused)" in line.toolTip()
    line.show_state(DataState(LIVE, CONNECTED, EARLIER), "en")
    assert not clock.isActive()
    line.show_state(DataState(PENDING, WAITING), "en")
    assert clock.isActive()
    window.hide()
    assert not clock.isActive()


def test_the_longest_sentence_does_not_widen_the_window(qtbot: QtBot) -> None:
    line = StateLine()
    qtbot.addWidget(line)
    line.show_state(DataState(STALE, CONNECTED, EARLIER), "en")
    line.resize(40, line.sizeHint().height())
    line.show()
    assert line.width() == 40

"""The rows of the panel and their model, from one reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from upbit_qt_widgets.base.state_line import AMBER, GREEN
from upbit_qt_widgets.connection.component_accounts import ComponentAccount, rest_of
from upbit_qt_widgets.connection.figure_model import FigureModel
from upbit_qt_widgets.connection.health_reading import EventsReading, HealthReading, read_health
from upbit_qt_widgets.connection.health_rows import (
    ALERT_COLUMNS,
    COMPONENT_COLUMNS,
    LINK_COLUMNS,
    alert_rows,
    component_rows,
    link_rows,
    reason_text,
)
from upbit_qt_widgets.connection.health_sample import sample_accounts, sample_status
from upbit_qt_widgets.connection.link_text import state_color
from upbit_qt_widgets.connection.words import ALERTS, WORDS
from upbit_qt_ws import LinkState, LinkStatus, SubscriptionState
from upbit_qt_ws.health import AlertKind, HealthLevel, judge

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester

NAME, TOPICS, RECEIVED, DELIVERED, COALESCED, DROPPED = range(6)


@pytest.fixture
def reading() -> HealthReading:
    return read_health(sample_status())


def column(model: FigureModel, number: int) -> list[str]:
    return [str(model.index(row, number).data()) for row in range(model.rowCount())]


def test_the_rows_of_all_tables_keep_the_rules_of_models(reading: HealthReading, qtmodeltester: ModelTester) -> None:
    links = FigureModel(LINK_COLUMNS, "en")
    alerts = FigureModel(ALERT_COLUMNS, "ko")
    components = FigureModel(COMPONENT_COLUMNS, "en")
    links.show(link_rows(reading, "en"))
    alerts.show(alert_rows(reading, "ko"))
    components.show(component_rows(sample_accounts(), "en"))
    for model in (links, alerts, components):
        qtmodeltester.check(model)  # type: ignore[no-untyped-call]

    assert column(links, 1) == ["connected", "not authorised", "idle"]
    assert "what to do: set UPBIT_ACCESS_KEY" in str(links.index(1, 0).data(Qt.ItemDataRole.ToolTipRole))
    assert column(alerts, 0) == ["진행 중", "해소됨"]
    assert column(components, RECEIVED)[1] == "2,914,007"


def test_columns_are_sorted_by_their_figures_and_stay_so_with_new_ones() -> None:
    model = FigureModel(COMPONENT_COLUMNS, "en")
    accounts = [ComponentAccount(name, name, 1, "", figure, figure, 0, 0) for name, figure in (("a", 9), ("b", 10))]
    model.show(component_rows(accounts, "en"))
    chosen = QPersistentModelIndex(model.index(0, NAME))
    model.sort(RECEIVED, Qt.SortOrder.DescendingOrder)
    assert column(model, NAME) == ["b", "a"]

    accounts.append(ComponentAccount("c", "c", 1, "", 100, 100, 0, 0))
    accounts[0] = accounts[0]._replace(received=1000)
    model.show(component_rows(accounts, "en"))

    assert column(model, NAME) == ["a", "c", "b"]
    assert chosen.data() == "a"
    model.show(component_rows(accounts[1:], "en"))
    assert column(model, NAME) == ["c", "b"]
    assert not chosen.isValid()


def test_only_rows_with_other_figures_are_announced() -> None:
    model = FigureModel(COMPONENT_COLUMNS, "en")
    accounts = [ComponentAccount(name, name, 1, "", 5, 5, 0, 0) for name in "abcd"]
    model.show(component_rows(accounts, "en"))
    runs: list[tuple[int, int]] = []

    def note(first: QModelIndex, last: QModelIndex) -> None:
        runs.append((first.row(), last.row()))

    model.dataChanged.connect(note)
    model.show(component_rows(accounts, "en"))
    assert runs == []
    changed = [accounts[0]._replace(received=6), accounts[1], accounts[2]._replace(received=6)]
    model.show(component_rows([*changed, accounts[3]], "en"))
    assert runs == [(0, 0), (2, 2)]


def test_what_no_listed_component_has_is_a_row_below_all_others() -> None:
    accounts = [ComponentAccount("1", "zebra", 1, "", 10, 7, 2, 1)]
    rest = rest_of(EventsReading(received=15, delivered=10, coalesced=3, dropped=2), accounts)
    assert rest is not None
    assert rest.received == rest.delivered + rest.coalesced + rest.dropped == 5
    assert rest_of(EventsReading(10, 7, 2, 1), accounts) is None
    model = FigureModel(COMPONENT_COLUMNS, "ko")
    model.show(component_rows([rest, *accounts], "ko"))
    model.sort(NAME)
    assert column(model, NAME) == ["zebra", "그 밖 (종료된 것 포함)"]
    assert column(model, TOPICS) == ["1", "–"]


def test_an_alert_that_is_over_needs_no_advice(reading: HealthReading) -> None:
    active, past = alert_rows(reading, "ko")
    assert active.texts[1] == "이벤트가 1.3초 늦게 도착합니다 (95%)"
    assert "upbit-qt doctor" in active.below
    assert past.is_past
    assert past.below == ""
    assert past.texts[1] == "5분 동안 연결이 3번 끊겼습니다", "the figure that it was raised with"


def test_everything_that_can_be_told_has_words() -> None:
    assert ALERTS.keys() == {kind.value for kind in AlertKind}
    assert all(message.format(value=1.0) and hint for message, hint in ALERTS.values())
    known = {*(level.value for level in HealthLevel), *(state.value for state in SubscriptionState)}
    assert known <= WORDS.keys()
    columns = (*LINK_COLUMNS, *ALERT_COLUMNS, *COMPONENT_COLUMNS)
    assert all(item.caption in WORDS and (not item.tip or item.tip in WORDS) for item in columns)


def test_the_reasons_of_the_toolkit_are_told_in_korean(reading: HealthReading) -> None:
    links = {
        "public": LinkStatus(state=LinkState.WAITING, reason="refused: 503"),
        "private": LinkStatus(state=LinkState.UNAUTHORIZED, reason="expired", retry_at=5.0),
        "info": LinkStatus(state=LinkState.CONNECTING),
    }
    judged = judge(links, {"public": 75.0, "info": 12.0}, (), 11.0)

    told = [reason_text(reason, reading, "ko") for reason in judged.reasons]

    assert told == [
        "네트워크 스레드가 11초 동안 응답하지 않습니다",
        "시세 연결이 75초 동안 끊겨 있습니다: refused: 503",
        "거래소가 내 계정 연결의 API 키를 거절했습니다: expired",
        "지표·공지 연결이 12초 동안 끊겨 있습니다",
    ]
    assert reason_text(reading.reasons[0], reading, "ko") == "이벤트가 1.3초 늦게 도착합니다 (95%)"
    assert reason_text("something new", reading, "ko") == "something new"
    assert [reason_text(reason, reading, "en") for reason in judged.reasons] == list(judged.reasons)


def test_an_open_connection_that_is_not_all_live_is_told_in_korean_and_is_not_green(reading: HealthReading) -> None:
    silent = LinkStatus(state=LinkState.CONNECTED, reason="no sign of life")
    (reason,) = judge({"public": silent}, {}, (), 0.0).reasons
    assert reason == "the public link is connected, but not all of it is live: no sign of life"
    told = reason_text(reason, reading, "ko")
    assert told == "시세 연결은 열려 있지만 일부 데이터가 실시간이 아닙니다: no sign of life"
    assert state_color(LinkState.CONNECTED, retries=False, reason="no sign of life") == AMBER
    assert state_color(LinkState.CONNECTED, retries=False) == GREEN

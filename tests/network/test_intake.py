"""From a frame to the mailbox: stamped, counted, and never ended by a bad frame."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.delivery.mailbox import Mailbox
from upbit_qt_ws.events import Event, Source, StreamType
from upbit_qt_ws.network.intake import Intake
from upbit_qt_ws.network.streams import TopicStreams
from upbit_qt_ws.wire.replies import ErrorReply, Reply, StatusReply
from upbit_qt_ws.wire.topics import Endpoint, Topic

if TYPE_CHECKING:
    from collections.abc import Callable

BTC, ETH = Topic("ticker", "KRW-BTC"), Topic("ticker", "KRW-ETH")
AT = 1_795_412_382_540
TICKER = b'{"type":"ticker","code":"KRW-BTC","trade_price":1.5,"timestamp":%d,"stream_type":"SNAPSHOT"}' % AT
OTHER = b'{"type":"ticker","code":"KRW-ETH","trade_price":2.5,"timestamp":%d,"stream_type":"REALTIME"}' % AT


class Line:
    """An intake with everything around it."""

    def __init__(self, wake: Callable[[], None] = lambda: None) -> None:
        self.mailbox = Mailbox(wake)
        self.streams = TopicStreams(
            self.mailbox,
            Endpoint.PUBLIC,
            fills=False,
            gap_found=lambda gap: None,
            served=lambda topic: None,
            refill=lambda refill: None,
        )
        self.streams.keep(frozenset({BTC}))
        self.awaited: set[tuple[str, str, float]] = set()
        self.arrivals: list[tuple[tuple[str, str, float], StreamType]] = []
        self.replies: list[Reply] = []
        self.intake = Intake(
            self.streams, self.awaited, lambda topic, kind: self.arrivals.append((topic, kind)), self.replies.append
        )
        self.intake.begin_epoch(1)

    def events(self) -> list[Event]:
        return [event for letter in self.mailbox.empty() for event, _ in letter.items]

    def counts(self) -> tuple[int, int, int, int]:
        return (self.intake.frames, self.intake.late, self.intake.malformed, self.intake.unknown)


@pytest.fixture
def line() -> Line:
    return Line()


def test_an_event_is_stamped_with_its_connection_and_the_time_of_receipt(line: Line) -> None:
    before = time.monotonic_ns()
    line.intake.begin_epoch(4)
    line.intake.take([TICKER])
    (event,) = line.events()
    assert event.epoch == 4
    assert before <= event.received_ns <= time.monotonic_ns()
    assert event.source is Source.WEBSOCKET
    assert line.intake.last_data_ns == event.received_ns


def test_a_frame_cannot_forge_its_stamps(line: Line) -> None:
    forged = b'"epoch":99,"received_ns":1,"source":"rest","~epoch":99,"~received_ns":1,"~source":"rest"'
    line.intake.take([TICKER[:-1] + b"," + forged + b"}"])
    (event,) = line.events()
    assert event.epoch == 1
    assert event.received_ns == line.intake.last_data_ns
    assert event.source is Source.WEBSOCKET


def test_a_list_frame_is_one_frame_with_all_its_events_and_replies(line: Line) -> None:
    line.mailbox.open([ETH])
    line.intake.take([b"[" + TICKER + b"," + OTHER + b',{"status":"UP"},{"type":"new"}]'])
    assert [event.timestamp for event in line.events()] == [AT, AT]
    assert line.replies == [StatusReply("UP")]
    assert line.counts() == (1, 0, 0, 1)


def test_events_of_topics_that_are_not_asked_for_are_late(line: Line) -> None:
    line.intake.take([OTHER])
    line.intake.take([TICKER])
    assert [event.type for event in line.events()] == ["ticker"]
    assert line.counts() == (2, 1, 0, 0)


def test_the_first_data_of_an_awaited_topic_is_reported_with_its_kind(line: Line) -> None:
    line.mailbox.open([ETH])
    line.awaited.add(ETH)
    line.intake.take([TICKER])
    line.intake.take([OTHER])
    line.awaited.clear()
    line.intake.take([OTHER])
    assert line.arrivals == [(ETH, StreamType.REALTIME)]


def test_replies_are_passed_on_and_are_no_data(line: Line) -> None:
    line.intake.take([b'{"error":{"name":"NO_TICKET","message":"m"}}'])
    line.intake.take([b'{"status":"UP"}'])
    assert line.replies == [ErrorReply("NO_TICKET", "m"), StatusReply("UP")]
    assert line.intake.last_data_ns is None
    assert line.counts() == (2, 0, 0, 0)


def test_malformed_frames_are_counted_and_logged_once_a_connection(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for frame in (b"garbage", b"{", b'{"type":"ticker"}', b"\xff"):
            line.intake.take([frame])
        line.intake.take([TICKER])
    assert line.counts() == (5, 0, 4, 0)
    assert [event.timestamp for event in line.events()] == [AT]
    assert len(caplog.records) == 1
    assert "garbage" in caplog.text
    with caplog.at_level(logging.WARNING):
        line.intake.begin_epoch(2)
        line.intake.take([b"more garbage"])
    assert len(caplog.records) == 2
    assert line.intake.malformed == 5


def test_each_unknown_type_is_logged_once_and_a_flood_of_them_is_bounded(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            line.intake.take([b'{"type":"liquidation"}'])
            line.intake.take([b'{"type":"funding"}'])
    assert len(caplog.records) == 2
    assert "liquidation" in caplog.text
    with caplog.at_level(logging.WARNING):
        for number in range(100):
            line.intake.take([b'{"type":"kind%d"}' % number])
    assert len(caplog.records) <= 16
    assert line.intake.unknown == 106


def test_unknown_fields_are_kept_with_their_type(line: Line) -> None:
    line.awaited.add(BTC)
    line.intake.take([TICKER[:-1] + b',"brand_new":1}'])
    assert line.intake.unknown_fields == {"ticker.brand_new"}
    line.intake.begin_epoch(2)
    line.intake.take([TICKER])
    assert line.intake.unknown_fields == {"ticker.brand_new"}


def test_a_new_connection_drops_what_waits_and_knows_of_no_data_yet(line: Line) -> None:
    line.intake.take([TICKER])
    line.intake.begin_epoch(2)
    assert line.intake.last_data_ns is None
    assert line.events() == []
    assert line.intake.frames == 1


def test_the_window_is_woken_once_for_all_that_one_read_has_brought() -> None:
    found: list[int] = []
    woken = Line(wake=lambda: found.append(len(woken.events())))
    woken.streams.keep(frozenset({BTC, ETH}))
    woken.intake.take([TICKER, OTHER])
    assert found == [2]
    woken.intake.take([b"garbage", b'{"status":"UP"}'])
    assert found == [2], "nothing has come that anybody could show"


@given(
    frames=st.lists(
        st.sampled_from([TICKER, OTHER, b"", b"[]", b"[1]", b'{"type":"x"}', b'{"status":"UP"}'])
        | st.binary(max_size=20)
    )
)
def test_every_frame_is_counted_once_whatever_it_is(frames: list[bytes]) -> None:
    line = Line()
    line.intake.take(frames)
    delivered = sum(count for letter in line.mailbox.empty() for _, count in letter.items)
    assert line.intake.frames == len(frames)
    assert delivered == frames.count(TICKER)
    assert line.intake.late == frames.count(OTHER)
    assert line.intake.unknown >= frames.count(b'{"type":"x"}')
    empty_lists = sum(frame.strip() == b"[]" for frame in frames)
    counted = delivered + line.intake.late + line.intake.malformed + line.intake.unknown + len(line.replies)
    assert counted + empty_lists == len(frames)

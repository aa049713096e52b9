"""From a frame to the mailbox: stamped, counted, and never ended by a bad frame."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any

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

    def each(self, *frames: bytes) -> list[Any]:
        """Take frames one after the other, and return all their events: the mailbox keeps the newest state only."""
        found: list[Any] = []
        for frame in frames:
            self.intake.take([frame])
            found += self.events()
        return found

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
    line.streams.keep(frozenset({BTC, ETH}))
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
    line.streams.keep(frozenset({BTC, ETH}))
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


def ticker(at: object, *, code: str = "KRW-BTC", kind: str = "REALTIME", **fields: object) -> bytes:
    """Spell a ticker frame."""
    told = {"type": "ticker", "code": code, "trade_price": 1.5, "timestamp": at, "stream_type": kind, **fields}
    return json.dumps(told, separators=(",", ":")).encode()


def settled_line() -> tuple[Line, int]:
    """Return an intake that knows the exchange's clock, and what that shows about now, in ms."""
    line = Line()
    line.streams.clock.header("Mon, 23 Nov 2026 05:39:42 GMT", time.monotonic())
    line.intake.take([ticker(AT)])
    line.events()
    return line, AT


def test_a_time_that_is_missing_or_cannot_be_is_the_exchanges_present() -> None:
    line, now = settled_line()
    events = line.each(*map(ticker, (None, 0, 7, "soon", 4_000_000_000_000)))
    assert len(events) == 5
    assert all(now <= event.timestamp < now + 60_000 for event in events)
    assert line.intake.bad.count == 5
    assert line.intake.bad.names == {"ticker.timestamp"}


def test_an_event_that_tells_no_time_hides_neither_what_came_before_nor_what_comes_after() -> None:
    line, now = settled_line()
    assert [event.timestamp for event in line.each(ticker(now), ticker(None), ticker(now + 1))] == [now, now, now + 1]


def test_an_event_that_was_not_asked_for_is_not_passed_on_with_a_time_that_was_made_up() -> None:
    line, now = settled_line()
    # Somebody wants it on another socket.
    line.mailbox.open([Topic("ticker", "KRW-XRP")])
    assert line.each(ticker(None, code="KRW-XRP")) == []
    assert line.intake.late == 1
    assert len(line.each(ticker(None), ticker(now))) == 2


def test_a_time_in_another_unit_is_no_bad_value() -> None:
    line, now = settled_line()
    events = line.each(ticker(now * 1000 + 345), ticker(now // 1000), ticker(now))
    assert [event.timestamp for event in events] == [now, now // 1000 * 1000, now]
    assert line.intake.bad.count == 0


def test_a_last_trade_after_its_own_message_is_none_and_the_event_passes() -> None:
    line, now = settled_line()
    events = line.each(ticker(now, trade_timestamp=now + 3_600_000), ticker(now, trade_timestamp=now - 5))
    assert [event.trade_timestamp for event in events] == [None, now - 5]


def test_the_times_of_a_trade_stand_in_for_each_other() -> None:
    line, now = settled_line()
    trade = Topic("trade", "KRW-BTC")
    line.streams.keep(frozenset({trade}))
    base = {"type": "trade", "code": "KRW-BTC", "trade_price": 1.5, "trade_volume": 1, "stream_type": "REALTIME"}
    for number, times in enumerate(({"timestamp": now}, {"trade_timestamp": now}, {}, {"trade_timestamp": 5})):
        line.intake.take([json.dumps({**base, "sequential_id": number, **times}).encode()])
    told: list[Any] = line.events()
    times_told = [(event.timestamp, event.trade_timestamp) for event in told]
    assert len(times_told) == 4
    assert all(now <= at < now + 60_000 and now <= traded < now + 60_000 for at, traded in times_told)


def test_a_candle_that_has_not_begun_is_malformed_and_the_next_one_is_not() -> None:
    line, now = settled_line()
    candle = Topic("candle.1m", "KRW-BTC")
    line.streams.keep(frozenset({candle}))
    base = {
        "type": "candle.1m", "code": "KRW-BTC", "timestamp": now, "stream_type": "REALTIME",
        "opening_price": 1, "high_price": 1, "low_price": 1, "trade_price": 1,
    }  # fmt: skip
    for start in ("2090-01-01T00:00:00", "2026-11-24T05:39:00", "2026-13-23T05:39:00", "2026-11-23T05:39:00"):
        line.intake.take([json.dumps({**base, "candle_date_time_utc": start}).encode()])
    told: list[Any] = line.events()
    assert [event.candle_date_time_utc for event in told] == ["2026-11-23T05:39:00"]
    assert line.intake.malformed == 3


def test_an_exchange_whose_clock_is_set_is_believed_at_once() -> None:
    line, now = settled_line()
    for step in (300_000, 86_400_000, 90_000_000):
        events = line.each(ticker(now + step), ticker(now + step + 5))
        assert [event.timestamp for event in events] == [now + step, now + step + 5]
        shown = line.streams.clock.now_ms(time.monotonic())
        assert shown is not None
        assert 0 <= shown - now - step < 60_000


def test_a_bad_element_of_a_list_is_malformed_and_the_others_pass(line: Line) -> None:
    line.streams.keep(frozenset({BTC, ETH}))
    line.intake.take([b"[" + TICKER + b',{"type":"ticker"},5,' + OTHER + b"]"])
    assert len(line.events()) == 2
    assert line.counts() == (1, 0, 2, 0)


def test_each_bad_field_is_logged_once_and_counted_each_time(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        line.intake.take([ticker(AT, high_price=-1), ticker(AT, low_price="<b>\n")])
    assert line.intake.bad.count == 6
    assert line.intake.bad.names == {"ticker.high_price", "ticker.low_price"}
    assert len(caplog.records) == 2
    assert "ticker.low_price is '<b>\\n'" in caplog.records[-1].getMessage()
    line.intake.begin_epoch(2)
    line.intake.take([ticker(AT, high_price=-1)])
    assert len(caplog.records) == 2
    newer = Line().intake
    newer.take_over(line.intake)
    assert (newer.bad.count, newer.bad.names) == (7, line.intake.bad.names)

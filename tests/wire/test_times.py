"""Times that have not come yet do no harm to what comes after them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.wire.test_codec import full
from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.events import Event
from upbit_qt_ws.wire.codec import FrameDecoder
from upbit_qt_ws.wire.times import settle_times

NOW = 1_790_134_742_000
LATEST = NOW + 60_000
AHEAD = NOW + 3_600_000
UNTOLD = NOW - 900


def settled(kind: str, now: int | None = NOW, latest: int = LATEST, **changes: Any) -> tuple[Any, list[str]]:
    payload = {name: value for name, value in full(kind, **changes).items() if value != "missing"}
    payload.pop("sequential_id", None)
    if kind == "trade":
        payload["sequential_id"] = 5
    if kind.startswith("my"):
        payload = json.loads(json.dumps(payload, default=str))
    event = FrameDecoder().decode(json.dumps(payload).encode())
    assert isinstance(event, Event)
    noted: list[str] = []
    settle_times(event, now, UNTOLD if now else 0, latest, lambda name, value: noted.append(name))
    return event, noted


@pytest.mark.parametrize("kind", ["ticker", "trade", "orderbook", "candle.1m", "myOrder", "myAsset", "announcement"])
def test_a_time_of_its_own_stays(kind: str) -> None:
    event, noted = settled(kind, timestamp=NOW - 5)
    assert event.timestamp == NOW - 5
    assert noted == []


@pytest.mark.parametrize("kind", ["ticker", "orderbook", "candle.1m", "myOrder"])
def test_a_time_that_is_missing_or_too_far_ahead_is_replaced(kind: str) -> None:
    assert settled(kind, timestamp="missing") == (settled(kind, timestamp=UNTOLD)[0], [])
    event, noted = settled(kind, timestamp=AHEAD)
    assert event.timestamp == UNTOLD
    assert noted == [f"{kind.partition('.')[0]}.timestamp"]


def test_a_trade_takes_the_better_of_its_two_times() -> None:
    for at, traded, meant in (
        (NOW - 5, AHEAD, (NOW - 5, NOW - 5)),
        (AHEAD, NOW - 9, (NOW - 9, NOW - 9)),
        ("missing", NOW - 9, (NOW - 9, NOW - 9)),
        (NOW - 5, "missing", (NOW - 5, NOW - 5)),
        (AHEAD, AHEAD, (UNTOLD, UNTOLD)),
    ):
        event, _ = settled("trade", timestamp=at, trade_timestamp=traded)
        assert (event.timestamp, event.trade_timestamp) == meant


def test_a_last_trade_that_has_not_happened_is_none() -> None:
    event, noted = settled("ticker", trade_timestamp=AHEAD)
    assert event.trade_timestamp is None
    assert noted == ["ticker.trade_timestamp"]


def test_a_candle_that_has_not_begun_is_refused() -> None:
    with pytest.raises(DecodeError, match="has not begun"):
        settled("candle.1m", candle_date_time_utc="2030-01-01T00:00:00")


def test_without_a_clock_nothing_is_too_far_ahead_and_a_missing_time_stays_unknown() -> None:
    assert settled("ticker", now=None, latest=4_102_444_800_000, timestamp=AHEAD)[0].timestamp == AHEAD
    assert settled("ticker", now=None, latest=4_102_444_800_000, timestamp="missing")[0].timestamp == 0

"""The tables of field names: complete, unambiguous, and in agreement with the event classes."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from upbit_qt_ws import events
from upbit_qt_ws.wire.keys import LIST_SUBSCRIPTIONS_SIMPLE_KEYS, NESTED_SIMPLE_KEYS, SIMPLE_KEYS, simple_keys_of
from upbit_qt_ws.wire.topics import CANDLE_INTERVALS

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"
STAMPS = {"epoch", "received_ns", "source", "unread"}
CLASSES: dict[str, type[msgspec.Struct]] = {
    "ticker": events.TickerEvent,
    "trade": events.TradeEvent,
    "orderbook": events.OrderbookEvent,
    "candle": events.CandleEvent,
    "myOrder": events.MyOrderEvent,
    "myAsset": events.MyAssetEvent,
    "announcement": events.AnnouncementEvent,
    "indicator": events.IndicatorEvent,
    "indicator_signal": events.IndicatorSignalEvent,
}


def test_every_type_has_a_table() -> None:
    assert set(SIMPLE_KEYS) == set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_a_table_has_exactly_the_fields_of_its_class(name: str) -> None:
    assert set(SIMPLE_KEYS[name]) == {field.name for field in msgspec.structs.fields(CLASSES[name])} - STAMPS


@pytest.mark.parametrize(("name", "cls"), [("orderbook_units", events.OrderbookUnit), ("assets", events.Asset)])
def test_a_nested_table_has_exactly_the_fields_of_its_class(name: str, cls: type[msgspec.Struct]) -> None:
    assert set(NESTED_SIMPLE_KEYS[name]) == {field.name for field in msgspec.structs.fields(cls)}


@pytest.mark.parametrize("name", [*SIMPLE_KEYS, *NESTED_SIMPLE_KEYS, "reply"])
def test_no_abbreviation_stands_for_two_fields(name: str) -> None:
    table = SIMPLE_KEYS.get(name) or NESTED_SIMPLE_KEYS.get(name) or LIST_SUBSCRIPTIONS_SIMPLE_KEYS
    assert len(set(table.values())) == len(table)


@pytest.mark.parametrize("name", SIMPLE_KEYS)
def test_no_abbreviation_is_the_full_name_of_another_field(name: str) -> None:
    table = SIMPLE_KEYS[name]
    assert all(short not in table or table[short] == short for short in table.values())


@pytest.mark.parametrize("interval", CANDLE_INTERVALS)
def test_all_candles_share_one_table(interval: str) -> None:
    assert simple_keys_of(f"candle.{interval}") is SIMPLE_KEYS["candle"]


def test_an_undocumented_type_has_no_table() -> None:
    with pytest.raises(KeyError):
        simple_keys_of("liquidation")


def test_the_same_abbreviation_differs_by_type_as_documented() -> None:
    assert SIMPLE_KEYS["trade"]["trade_date"] == "td"
    assert SIMPLE_KEYS["ticker"]["trade_date"] == "tdt"
    assert SIMPLE_KEYS["myOrder"]["avg_price"] == NESTED_SIMPLE_KEYS["orderbook_units"]["ask_price"] == "ap"
    assert SIMPLE_KEYS["ticker"]["trade_price"] == "tp"
    assert SIMPLE_KEYS["ticker"]["code"] == "cd"


def test_the_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        SIMPLE_KEYS["ticker"]["code"] = "mk"  # type: ignore[index]
    with pytest.raises(TypeError):
        SIMPLE_KEYS["new"] = {}  # type: ignore[index]


@pytest.mark.parametrize("stream", ["ticker", "trade", "orderbook", "candle", "myOrder", "myAsset", "indicator"])
def test_the_documented_frames_use_the_tables_keys_in_the_tables_order(stream: str) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the sample payloads are not beside the project")
    for path in sorted(SAMPLES.glob(f"{stream}_*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            parsed = json.loads(line)
            for entry in parsed if isinstance(parsed, list) else [parsed]:
                names = list(SIMPLE_KEYS[stream].values() if "ty" in entry else SIMPLE_KEYS[stream])
                assert set(entry) <= set(names), path.name
                if stream in ("trade", "orderbook", "candle", "myAsset"):
                    assert list(entry) == [name for name in names if name in entry], path.name

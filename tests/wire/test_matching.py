"""Which topics an event of the private and the info socket belongs to."""

from __future__ import annotations

from typing import Any

import pytest

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.events import (
    AnnouncementEvent,
    IndicatorEvent,
    IndicatorSignalEvent,
    MyAssetEvent,
    MyOrderEvent,
    Side,
)
from upbit_qt_ws.testing.indicator_specs import read_specs
from upbit_qt_ws.wire.indicators import INDICATORS, TRIGGERS, parse_indicator, parse_signal, read_indicator
from upbit_qt_ws.wire.matching import matching_topics
from upbit_qt_ws.wire.topics import Topic

ORDER = MyOrderEvent(type="myOrder", code="KRW-BTC", uuid="u", ask_bid=Side.BID, order_type="limit", state="wait")
NOTICE = AnnouncementEvent(type="announcement", event_type="CREATED", uuid="u", title="t", category="trade")
ASSETS = MyAssetEvent(type="myAsset", asset_uuid="u", assets=())
TOPICS = [
    Topic("myOrder", ""),
    Topic("myOrder", "KRW-BTC"),
    Topic("myOrder", "KRW-ETH"),
    Topic("announcement", "trade"),
    Topic("announcement", "wallet"),
    Topic("myAsset", ""),
]


def test_an_order_belongs_to_its_market_and_to_all_orders() -> None:
    assert matching_topics(ORDER, TOPICS) == (Topic("myOrder", ""), Topic("myOrder", "KRW-BTC"))


def test_an_announcement_belongs_to_its_category() -> None:
    assert matching_topics(NOTICE, TOPICS) == (Topic("announcement", "trade"),)
    assert matching_topics(ASSETS, TOPICS) == (Topic("myAsset", ""),)


def indicator(**params: Any) -> IndicatorEvent:
    return IndicatorEvent(
        type="indicator", code="KRW-BTC", timeframe="5m", indicator="rsi", params=params, value={"rsi": 58.7}
    )


@pytest.mark.parametrize(
    ("timeframe", "name", "params", "belongs"),
    [
        ("5m", "rsi", {"period": 14}, True),
        ("5m", "rsi", None, True),
        ("5m", "rsi", {"period": 9}, False),
        ("15m", "rsi", {"period": 14}, False),
        ("5m", "macd", None, False),
    ],
)
def test_an_indicator_belongs_where_its_parameters_agree(
    timeframe: str, name: str, params: dict[str, float | str] | None, belongs: bool
) -> None:
    topic = Topic(parse_indicator(timeframe, name, params).topic_type, "KRW-BTC")
    assert matching_topics(indicator(period=14), [topic]) == ((topic,) if belongs else ())
    assert matching_topics(indicator(period=14), [topic._replace(code="KRW-ETH")]) == ()


@pytest.mark.parametrize(
    ("trigger", "threshold", "belongs"), [("overbought", 70, True), ("overbought", 80, False), ("oversold", 30, False)]
)
def test_a_signal_belongs_where_its_trigger_agrees(trigger: str, threshold: float, belongs: bool) -> None:
    event = IndicatorSignalEvent(
        type="indicator_signal",
        code="KRW-BTC",
        timeframe="5m",
        indicator="rsi",
        params={"period": 14},
        value={"rsi": 71.0},
        trigger="overbought",
        event_params={"threshold": 70},
    )
    wanted = parse_signal("5m", "rsi", trigger, None, {"threshold": threshold})
    topic = Topic(wanted.topic_type, "KRW-BTC")
    assert matching_topics(event, [topic]) == ((topic,) if belongs else ())
    assert matching_topics(indicator(period=14), [topic]) == ()


def test_a_topic_type_says_all_that_was_asked_for_in_one_spelling() -> None:
    first = parse_indicator("1d", "macd", {"slow": 26, "fast": 12})
    second = parse_indicator("1d", "macd", {"fast": 12})
    assert first.topic_type == second.topic_type
    assert read_indicator(first.topic_type) == first
    signal = parse_signal("1d", "volume", "volume_spike", {"period": 10}, {"multiplier": 3})
    assert read_indicator(signal.topic_type) == signal
    assert signal.wire_form == {
        "type": "volume", "params": {"period": 10}, "trigger": "volume_spike", "event_params": {"multiplier": 3},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("timeframe", "name", "params", "named"),
    [
        ("1m", "rsi", None, "'1m'"),
        ("5m", "stochastic", None, "'stochastic'"),
        ("5m", "rsi", {"window": 14}, "'window'"),
        ("5m", "rsi", {"period": -1}, "period=-1"),
        ("5m", "rsi", {"period": True}, "period=True"),
        ("5m", "rsi", {"period": float("nan")}, "period=nan"),
        ("5m", "moving_average", {"type": "WMA"}, "'WMA'"),
    ],
)
def test_what_the_exchange_would_refuse_is_named(timeframe: str, name: str, params: Any, named: str) -> None:
    with pytest.raises(SubscriptionError) as caught:
        parse_indicator(timeframe, name, params)
    assert named in str(caught.value)


def test_a_trigger_of_another_indicator_is_named() -> None:
    with pytest.raises(SubscriptionError, match="'golden_cross'"):
        parse_signal("5m", "rsi", "golden_cross", None, None)
    with pytest.raises(SubscriptionError, match="it has none"):
        parse_signal("5m", "macd", "golden_cross", None, {"threshold": 1})


@pytest.mark.parametrize("name", INDICATORS)
def test_what_is_asked_for_by_default_is_what_the_exchange_takes(name: str) -> None:
    values = parse_indicator("5m", name, None).wire_form
    assert read_specs([values], signal=False, any_value=False)[0].params == values["params"]
    for trigger in TRIGGERS[name]:
        signal = parse_signal("5m", name, trigger, None, None).wire_form
        assert read_specs([signal], signal=True, any_value=False)[0].trigger == trigger

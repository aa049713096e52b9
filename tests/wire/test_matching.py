"""Which topics an event of the private and the info socket belongs to."""

from __future__ import annotations

from typing import Any

import pytest

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.events import AnnouncementEvent, IndicatorEvent, MyAssetEvent, MyOrderEvent, Side
from upbit_qt_ws.wire.indicators import parse_indicator, read_indicator
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
    ("kind", "timeframe", "name", "params", "belongs"),
    [
        ("indicator", "5m", "rsi", {"period": 14}, True),
        ("indicator", "5m", "rsi", None, True),
        ("indicator", "5m", "rsi", {"period": 9}, False),
        ("indicator", "15m", "rsi", {"period": 14}, False),
        ("indicator", "5m", "macd", None, False),
        ("indicator_signal", "5m", "rsi", {"period": 14}, False),
    ],
)
def test_an_indicator_belongs_where_all_given_parameters_agree(
    kind: str, timeframe: str, name: str, params: dict[str, float | str] | None, belongs: bool
) -> None:
    topic = Topic(parse_indicator(kind, timeframe, name, params).topic_type, "KRW-BTC")
    assert matching_topics(indicator(period=14), [topic]) == ((topic,) if belongs else ())
    assert matching_topics(indicator(period=14), [topic._replace(code="KRW-ETH")]) == ()


def test_a_topic_type_says_all_that_was_asked_for_in_one_spelling() -> None:
    first = parse_indicator("indicator", "1d", "macd", {"slow": 26, "fast": 12})
    second = parse_indicator("indicator", "1d", "macd", {"fast": 12, "slow": 26})
    assert first.topic_type == second.topic_type == 'indicator.1d.macd.{"fast":12,"slow":26}'
    assert read_indicator(first.topic_type) == first
    assert read_indicator("indicator.1d.macd").params == {}


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
        parse_indicator("indicator", timeframe, name, params)
    assert named in str(caught.value)

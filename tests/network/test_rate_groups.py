"""Which call counts in which group."""

from __future__ import annotations

import pytest

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.network.rate_groups import LIMITS, STRICTEST, Bucket, UpbitRateLimitGroup, bucket_of, limits_with
from upbit_qt_ws.network.rate_limit import Rate

G = UpbitRateLimitGroup
CALLS = [
    ("GET", "/v1/ticker", Bucket(G.REST_PUBLIC, "ticker")),
    ("GET", "ticker/all", Bucket(G.REST_PUBLIC, "ticker")),
    ("GET", "/v1/orderbook/instruments?markets=KRW-BTC", Bucket(G.REST_PUBLIC, "orderbook")),
    ("GET", "/candles/minutes/15", Bucket(G.REST_PUBLIC, "candle")),
    ("GET", "/v1/candles/days/", Bucket(G.REST_PUBLIC, "candle")),
    ("get", "/v1/trades/ticks", Bucket(G.REST_PUBLIC, "trade")),
    ("GET", "/market/all", Bucket(G.REST_PUBLIC, "market")),
    ("GET", "/v1/accounts", Bucket(G.REST_PRIVATE_DEFAULT)),
    ("GET", "/v1/orders/open", Bucket(G.REST_PRIVATE_DEFAULT)),
    ("GET", "/v1/order", Bucket(G.REST_PRIVATE_DEFAULT)),
    ("DELETE", "/v1/order", Bucket(G.REST_PRIVATE_DEFAULT)),
    ("POST", "/v1/orders", Bucket(G.REST_PRIVATE_ORDER)),
    ("POST", "/orders/cancel_and_new", Bucket(G.REST_PRIVATE_ORDER)),
    ("POST", "/orders/test", Bucket(G.REST_PRIVATE_ORDER, "test")),
    ("DELETE", "/v1/orders/open", STRICTEST),
    ("GET", "/v1/no/such/call", STRICTEST),
    ("POST", "/v1/ticker", STRICTEST),
    ("GET", "", STRICTEST),
    ("GET", "/v1", STRICTEST),
]


@pytest.mark.parametrize(("method", "path", "bucket"), CALLS)
def test_a_call_counts_by_its_method_and_path_however_it_is_spelt(method: str, path: str, bucket: Bucket) -> None:
    assert bucket_of(path, method) == bucket
    assert bucket in LIMITS


def test_the_strictest_bucket_is_the_slowest() -> None:
    speed = {bucket: min(rate.limit / rate.window for rate in rates) for bucket, rates in LIMITS.items()}
    assert min(speed, key=speed.__getitem__) == STRICTEST


def test_limits_may_be_replaced_and_nonsense_is_named() -> None:
    order = Bucket(G.REST_PRIVATE_ORDER)
    changed = limits_with({order: (Rate(8, 1.0),)})
    assert changed[order] == (Rate(8, 1.0),)
    assert changed.keys() == LIMITS.keys()
    with pytest.raises(ConfigurationError, match="nothing"):
        limits_with({order: ()})
    with pytest.raises(ConfigurationError, match="unknown"):
        limits_with({Bucket(G.REST_PUBLIC, "order"): (Rate(8, 1.0),)})

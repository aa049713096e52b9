"""Figures for Qt Designer and for pictures: a program that does well, with one alert."""

from __future__ import annotations

import math
from typing import Final

from upbit_qt_widgets.connection.component_accounts import ComponentAccount

_MESSAGE: Final = "events are 1.3 s old when they come (95th percentile)"
_HINT: Final = "The network is slow or the computer's clock jumps: try another network, and run `upbit-qt doctor`."


def sample_status() -> dict[str, object]:
    """Return what ``health_status()`` of a manager might tell."""
    latency = {"count": 1843, "p50_ms": 38.4, "p95_ms": 1312.0, "p99_ms": 1460.0}
    alert = {
        "kind": "latency",
        "message": _MESSAGE,
        "hint": _HINT,
        "raised_value": 1.312,
        "value": 1.312,
        "threshold": 1.0,
    }
    lost = {
        "kind": "reconnects",
        "message": "the connection was lost 3 times in 5 minutes",
        "hint": "The network is unstable: check the cable, the wireless reception and any VPN.",
        "raised_value": 3.0,
        "value": 2.0,
        "threshold": 2.5,
    }
    return {
        "status": "degraded",
        "reasons": [_MESSAGE],
        "connections": {
            "public": {
                "state": "connected",
                "epoch": 4,
                "since_s": 812.0,
                "sockets_opened": 4,
                "requests_sent": 37,
                "repairs": 1,
                "frames": 1_204_388,
            },
            "private": {
                "state": "unauthorized",
                "reason": "there are no API keys",
                "hint": "set UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY",
                "since_s": 5_412.0,
            },
            "info": {"state": "idle", "since_s": 5_412.0},
        },
        "subscriptions": {
            "components": 4,
            "subscriptions": 6,
            "topics": 248,
            "states": {"pending": 2, "live": 245, "not_served": 1},
        },
        "performance": {
            "frames_in_per_s": 412.6,
            "deliveries_per_s": 388.1,
            "flushes_per_s": 31.4,
            "drops_per_s": 0.0,
            "exchange_latency": latency,
            "memory_mb": 148.2,
            "cpu": 0.071,
        },
        "alerts": {
            "active": [{**alert, "raised_s_ago": 42.0, "resolved_s_ago": None}],
            "past": [{**lost, "raised_s_ago": 2_410.0, "resolved_s_ago": 2_080.0}],
        },
        "events": {"received": 3_410_219, "delivered": 3_052_811, "coalesced": 357_102, "dropped": 306},
    }


def sample_accounts() -> list[ComponentAccount]:
    """Return what the components of that program might have received."""
    figures = (
        ("CandleChartWidget", 2, "candle.1m KRW-BTC\ntrade KRW-BTC", 96_302, 96_302, 0, 0),
        ("MarketTable", 243, "ticker KRW-BTC, KRW-XRP, KRW-ETH, …", 2_914_007, 2_601_995, 312_012, 0),
        ("OrderbookWidget", 2, "orderbook KRW-BTC\nticker KRW-BTC", 341_805, 296_715, 45_090, 0),
        ("TradeTape", 1, "trade KRW-BTC", 51_118, 50_812, 0, 306),
    )
    return [ComponentAccount(name, *rest) for name, rest in ((row[0], row) for row in figures)]


def sample_latencies() -> list[float | None]:
    """Return the latencies in ms of five minutes, with a gap where the connection was lost."""
    values: list[float | None] = [
        38 + 9 * math.sin(second / 9) + 5 * math.sin(second / 2.3) + (60 if 240 < second < 248 else 0)
        for second in range(300)
    ]
    values[120:135] = [None] * 15
    return values

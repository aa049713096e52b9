"""What it costs to make an event of a frame: a ticker, and a book of 30 units."""

from __future__ import annotations

import json
import sys

from benchmarks.micro.timing import microseconds
from upbit_qt_ws.testing import MockUpbitWebSocketServer
from upbit_qt_ws.testing.encode import encoders
from upbit_qt_ws.testing.frames import StreamFormat
from upbit_qt_ws.wire.codec import FrameDecoder


def main(seconds: float) -> None:
    exchange = MockUpbitWebSocketServer(rate=0).market
    market, now = exchange.market("KRW-BTC"), exchange.now_ms
    encoder = encoders(spelling="java", with_level=True)[StreamFormat.DEFAULT]
    frames = {
        "ticker": encoder.ticker(market, market.last_trade(), now, "REALTIME").encode(),
        "book of 30 units": encoder.orderbook("KRW-BTC", market.display.shown(now), 0, 30, "REALTIME").encode(),
    }
    found = {}
    for name, frame in frames.items():
        decoder = FrameDecoder()
        # The first frame of its kind is looked at more closely.
        decoder.decode(frame)
        decoded, plain = decoder.decode, json.loads
        found[name] = microseconds(lambda: [decoded(frame) for _ in range(100)], seconds=seconds, calls=100)  # noqa: B023
        found[f"{name}, json.loads alone"] = microseconds(
            lambda: [plain(frame) for _ in range(100)],  # noqa: B023
            seconds=seconds,
            calls=100,
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main(float(sys.argv[1]))

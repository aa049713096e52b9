"""The exchange's own SDK for Python: its asynchronous stream, on qasync."""

from __future__ import annotations

from urllib.parse import urlsplit

import qasync
from upbit import AsyncUpbit

from benchmarks.stage import Stage
from benchmarks.table import Quote


async def watch(stage: Stage) -> None:
    client = AsyncUpbit(base_url=f"http://{urlsplit(stage.job['url']).netloc}")
    async with client.ws_stream.ticker(stage.codes) as stream:
        async for ticker in stream:
            stage.show(
                Quote(
                    ticker.code,
                    ticker.trade_price,
                    ticker.signed_change_rate,
                    ticker.opening_price,
                    ticker.high_price,
                    ticker.low_price,
                    ticker.prev_closing_price,
                    ticker.acc_trade_price_24h,
                )
            )


if __name__ == "__main__":
    stage = Stage()
    loop = qasync.QEventLoop(stage.app)
    with loop:
        loop.run_until_complete(watch(stage))

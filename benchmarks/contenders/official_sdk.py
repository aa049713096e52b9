"""The exchange's own SDK for Python: its asynchronous stream, on qasync. It gives prices as text, to be exact."""

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
                    float(ticker.trade_price),
                    float(ticker.signed_change_rate),
                    float(ticker.opening_price),
                    float(ticker.high_price),
                    float(ticker.low_price),
                    float(ticker.prev_closing_price),
                    float(ticker.highest_52_week_price),
                )
            )


if __name__ == "__main__":
    stage = Stage()
    loop = qasync.QEventLoop(stage.app)
    with loop:
        loop.run_until_complete(watch(stage))

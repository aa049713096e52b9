"""ccxt pro on qasync: the loop around `watch_tickers` that its manual shows."""

from __future__ import annotations

import ccxt.pro
import qasync

from benchmarks.stage import Stage
from benchmarks.table import Quote


async def watch(stage: Stage) -> None:
    exchange = ccxt.pro.upbit({"newUpdates": True})
    exchange.urls["api"] = {
        "public": stage.job["rest"].removesuffix("/v1"),
        "private": stage.job["rest"].removesuffix("/v1"),
        "ws": stage.job["url"],
    }
    await exchange.load_markets()
    names = {exchange.markets_by_id[code][0]["symbol"]: code for code in stage.codes}
    symbols = list(names)
    while True:
        for symbol, ticker in (await exchange.watch_tickers(symbols)).items():
            stage.show(
                Quote(
                    names[symbol],
                    ticker["last"],
                    ticker["info"]["signed_change_rate"],
                    ticker["open"],
                    ticker["high"],
                    ticker["low"],
                    ticker["previousClose"],
                    float(ticker["info"]["highest_52_week_price"]),
                )
            )


if __name__ == "__main__":
    stage = Stage()
    loop = qasync.QEventLoop(stage.app)
    with loop:
        loop.run_until_complete(watch(stage))

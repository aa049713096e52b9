"""The command ``upbit-qt watch``: the merged stream in a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal

import pytest

from upbit_qt_ws import cli
from upbit_qt_ws.events import Asset, Event, MyAssetEvent, Side, Source, StreamType, TickerEvent, TradeEvent
from upbit_qt_ws.watch import json_line, text_line
from upbit_qt_ws.wire.codec import FrameDecoder

NOON = 1_795_402_800_123
"""2026-11-23 12:00:00.123 KST."""

LINES = [
    (
        TickerEvent(type="ticker", code="KRW-BTC", trade_price=1.16539e8, signed_change_rate=0.0127, timestamp=NOON),
        "12:00:00.123 ticker       KRW-BTC      116,539,000 ▲ +1.27%",
    ),
    (
        TradeEvent(
            type="trade",
            code="BTC-XRP",
            trade_price=0.0000014,
            trade_volume=12.5,
            ask_bid=Side.ASK,
            sequential_id=1,
            timestamp=NOON,
            source=Source.CACHE,
        ),
        "12:00:00.123 trade        BTC-XRP      ASK 12.5 @ 0.0000014 (cache)",
    ),
    (
        MyAssetEvent(
            type="myAsset",
            asset_uuid="u",
            assets=(Asset(currency="KRW", balance=Decimal("1386929.37231066771348207123"), locked=Decimal(0)),),
            timestamp=NOON,
        ),
        "12:00:00.123 myAsset                   KRW 1386929.37231066771348207123 (+0 locked)",
    ),
]


@pytest.mark.parametrize(("event", "line"), LINES)
def test_an_event_is_a_line_for_people(event: Event, line: str) -> None:
    assert text_line(event) == line


def test_json_has_full_names_in_every_format_and_exact_amounts() -> None:
    simple = FrameDecoder().decode(b'{"ty":"ticker","cd":"KRW-BTC","tp":1.5,"st":"SNAPSHOT","tms":5}')
    assert isinstance(simple, Event)
    read = json.loads(json_line(simple))
    assert (read["type"], read["trade_price"], read["stream_type"]) == ("ticker", 1.5, StreamType.SNAPSHOT)
    assert {"epoch", "source", "age_s"} <= read.keys()
    assert not any(name.startswith("~") or name == "received_ns" for name in read)
    assets = json.loads(json_line(LINES[2][0]))["assets"]
    assert assets == [{"currency": "KRW", "balance": "1386929.37231066771348207123", "locked": "0"}]


def test_the_command_prints_what_was_asked_for_and_ends() -> None:
    command = [sys.executable, "-m", "upbit_qt_ws.cli", "watch", "KRW-BTC", "KRW-ETH", "--type", "ticker,myOrder"]
    ended = subprocess.run(
        [*command, "--json", "--seconds", "1"], capture_output=True, text=True, timeout=30, check=True
    )
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    assert {event["code"] for event in events} == {"KRW-BTC", "KRW-ETH"}
    assert {event["type"] for event in events} == {"ticker"}
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["krw-btc"], "krw-btc"),
        (["KRW-BTC", "--type", "price"], "price"),
        (["KRW-BTC", "--type", "candle.2m"], "2m"),
        (["KRW-BTC", "--seconds", "-1"], "-1"),
        ([], "no market code"),
    ],
)
@pytest.mark.usefixtures("qapp")
def test_what_cannot_be_watched_is_named(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["watch", *arguments]) == 2
    assert told in capsys.readouterr().err

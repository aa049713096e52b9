from __future__ import annotations

from typing import Any

import pytest

from tests.testing.support import client, exchange, fast, sample
from tests.testing.test_keys import headers
from upbit_qt_ws.errors import ConfigurationError, SimulatorError
from upbit_qt_ws.testing import SimulatorOptions
from upbit_qt_ws.wire.keys import SIMPLE_KEYS

pytestmark = pytest.mark.asyncio

ALL = {"type": "announcement"}


async def test_categories_and_bodies_as_asked_for() -> None:
    async with (
        exchange() as server,
        client(server, private=True, **headers()) as everything,
        client(server, private=True, **headers()) as trades,
    ):
        await everything.send(ALL, form="SIMPLE")
        await trades.send({**ALL, "categories": ["trade", "wallet"], "include_body": True})
        await everything.all_sent()
        await trades.all_sent()
        server.push_announcement({"category": "trade", "title": "신규", "body": "본문"})
        server.push_announcement({"category": "event", "event_type": "UPDATED", "uuid": "7"})
        server.push_announcement({"category": "wallet"})
        short = await everything.take(3)
        assert list(short[0]) == [key for name, key in SIMPLE_KEYS["announcement"].items() if name != "body"]
        assert [(frame["cat"], frame["et"]) for frame in short] == [
            ("trade", "CREATED"),
            ("event", "UPDATED"),
            ("wallet", "CREATED"),
        ]
        first, second = await trades.all_sent()
        example = sample("announcement_docexample.jsonl")[1]
        assert list(first) == list(example)
        assert (first["title"], first["body"], second["body"]) == ("신규", "본문", None)
        assert len(first["listed_at"]) == len(example["listed_at"])
        assert short[1]["url"].startswith("https://www.upbit.com/service_center/notice?id=7&")
        with pytest.raises(SimulatorError, match="category"):
            server.push_announcement({"title": "신규"})


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"categories": ["trading"]}, "INVALID_PARAM"),
        ({"categories": [7]}, "INVALID_PARAM"),
        ({"categories": "trade"}, "WRONG_FORMAT"),
        ({"include_body": "yes"}, "WRONG_FORMAT"),
    ],
)
async def test_what_is_wrong_has_a_name(fields: dict[str, Any], name: str) -> None:
    async with exchange() as server, client(server, private=True, **headers()) as user:
        await user.send({**ALL, **fields})
        assert (await user.next())["error"]["name"] == name


async def test_the_categories_of_the_sdk_are_a_switch() -> None:
    options = fast(announcement_categories="sdk")
    async with exchange(options=options) as server, client(server, private=True, **headers()) as user:
        await user.send({**ALL, "categories": ["trading", "trade"]})
        assert await user.all_sent() == []
        await user.socket.send('[{"ticket":"mine"},{"method":"LIST_SUBSCRIPTIONS"}]')
        assert (await user.next())["result"] == [ALL]


async def test_the_exchange_announces_something_now_and_then() -> None:
    seen: list[list[tuple[str, str]]] = []
    for _ in range(2):
        options = fast(announcement_interval=600.0)
        async with exchange(options=options) as server, client(server, private=True, **headers()) as user:
            await user.send({**ALL, "include_body": True})
            await user.all_sent()
            server.market.advance(12 * 3_600)
            frames = await user.all_sent()
            seen.append([(frame["uuid"], frame["title"]) for frame in frames])
            assert 40 < len(frames) < 110
            assert {frame["event_type"] for frame in frames} == {"CREATED", "UPDATED"}
            assert all(frame["body"] and frame["first_listed_at"] <= frame["listed_at"] for frame in frames)
    assert seen[0] == seen[1], "the seed decides"


async def test_none_are_made_without_an_interval() -> None:
    options = fast(announcement_interval=None)
    async with exchange(options=options) as server, client(server, private=True, **headers()) as user:
        await user.send(ALL)
        await user.all_sent()
        server.market.advance(24 * 3_600)
        assert await user.all_sent() == []
    with pytest.raises(ConfigurationError, match="announcement_interval"):
        SimulatorOptions(announcement_interval=0)

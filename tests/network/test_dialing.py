"""TCP connections through a network that refuses, is slow, or swallows packets; on every kind of loop."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.helpers.loops import everywhere
from tests.helpers.unanswered import unanswered
from tests.testing.support import eventually
from upbit_qt_ws.network.addresses import Address, AddressBook
from upbit_qt_ws.network.dialing import leads_through_proxy, open_socket
from upbit_qt_ws.testing import SimulatedExchange
from upbit_qt_ws.testing.faults import FaultProxy

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"


@contextmanager
def door() -> Iterator[FaultProxy]:
    with SimulatedExchange(rate=0, markets=["KRW-BTC"]) as exchange, FaultProxy(exchange) as proxy:
        yield proxy


class Directory(AddressBook):
    """Tells every host to be at the same ports of this machine."""

    def __init__(self, *ports: int) -> None:
        super().__init__()
        self._ports = ports
        self.chosen: list[int] = []

    async def find(self, host: str, port: int) -> tuple[Address, ...]:
        return tuple(Address(socket.AF_INET, socket.SOCK_STREAM, 0, (HOST, port)) for port in self._ports)

    def worked(self, host: str, port: int, addresses: tuple[Address, ...], chosen: Address) -> None:
        self.chosen.append(chosen.target[1])


def closed_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def attempts() -> int:
    """Return how many attempts wait for an answer."""
    return sum(task.get_name().startswith("connect to") and not task.cancelling() for task in asyncio.all_tasks())


@everywhere
async def test_an_open_port_is_connected_to() -> None:
    with door() as proxy:
        with await open_socket("localhost", proxy.port, AddressBook(), 5.0) as opened:
            assert opened.getpeername() == (HOST, proxy.port)
            assert opened.gettimeout() == 0.0
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 15_000
        assert attempts() == 0


@everywhere
async def test_a_closed_port_refuses_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(ConnectionRefusedError):
        await open_socket(HOST, closed_port(), AddressBook(), 60.0)
    assert time.monotonic() - began < 30.0
    assert attempts() == 0


@everywhere
async def test_an_address_that_refuses_is_passed_over() -> None:
    with door() as proxy:
        book = Directory(closed_port(), closed_port(), proxy.port)
        (await open_socket("host", 1, book, 60.0)).close()
        assert book.chosen == [proxy.port]


@everywhere
async def test_an_address_that_gives_no_answer_is_passed_over_and_none_is_waited_for() -> None:
    with door() as proxy, door() as silent, unanswered(silent):
        book = Directory(silent.port, proxy.port)
        (await open_socket("host", 1, book, 60.0)).close()
        assert book.chosen == [proxy.port]
        assert attempts() == 0


@everywhere
async def test_while_nothing_answers_attempts_are_made_beside_one_another_and_the_first_one_wins() -> None:
    with door() as proxy:
        with unanswered(proxy):
            opening = asyncio.ensure_future(open_socket(HOST, proxy.port, AddressBook(), 60.0))
            most, deadline = 0, time.monotonic() + 30.0
            # Four after 3.75 s; then the oldest makes room for a new one.
            while most < 4 and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
                most = max(most, attempts())
            until = time.monotonic() + 2.0
            while time.monotonic() < until:
                await asyncio.sleep(0.05)
                most = max(most, attempts())
            assert most == 4
            assert not opening.done()
        (await opening).close()
        assert attempts() == 0


@everywhere
async def test_what_nothing_answers_ends_with_the_time_limit_and_leaves_nothing() -> None:
    with door() as proxy, unanswered(proxy):
        with pytest.raises(TimeoutError):
            await open_socket(HOST, proxy.port, AddressBook(), 1.5)
        assert attempts() == 0


@everywhere
async def test_attempts_end_when_they_are_not_wanted_any_more() -> None:
    with door() as proxy, unanswered(proxy):
        opening = asyncio.ensure_future(open_socket(HOST, proxy.port, AddressBook(), 60.0))
        await eventually(lambda: attempts() > 0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert attempts() == 0


@pytest.mark.parametrize(
    ("variables", "is_secure", "through"),
    [
        ({}, True, False),
        ({"https_proxy": "http://proxy:3128"}, True, True),
        ({"http_proxy": "http://proxy:3128"}, True, False),
        ({"http_proxy": "http://proxy:3128"}, False, True),
        ({"wss_proxy": "socks5h://proxy:1080"}, True, True),
        ({"https_proxy": "http://proxy:3128", "no_proxy": "upbit.com"}, True, False),
        ({"https_proxy": "http://proxy:3128", "no_proxy": "example.com"}, True, True),
    ],
)
def test_the_way_through_a_proxy_of_the_system_is_left_to_the_library(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], is_secure: bool, through: bool
) -> None:
    for name in ("http", "https", "ws", "wss", "socks", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert leads_through_proxy("api.upbit.com", 443, is_secure=is_secure) is through

"""Where a host is: look-ups that answer, fail, hang, and come late."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from upbit_qt_ws.network.addresses import Address, AddressBook

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.asyncio

FIRST, SECOND = (Address(socket.AF_INET, socket.SOCK_STREAM, 6, (f"192.0.2.{last}", 443)) for last in (1, 2))


class Resolver:
    """Answers look-ups when it is told to, with what it is told."""

    def __init__(self) -> None:
        self.answer = threading.Event()
        self.addresses = [FIRST, SECOND]
        self.error: OSError | None = None
        self.asked = 0

    def __call__(self, host: str, port: int, *, type: int = 0, flags: int = 0) -> list[Any]:
        if flags & socket.AI_NUMERICHOST:
            return real(host, port, type=type, flags=flags)
        self.asked += 1
        self.answer.wait(20.0)
        if self.error is not None:
            raise self.error
        return [(family, kind, protocol, "", target) for family, kind, protocol, target in self.addresses]


real = socket.getaddrinfo


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    made = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    yield made
    made.answer.set()


async def test_a_number_needs_no_look_up(resolver: Resolver) -> None:
    for host in ("127.0.0.1", "::1"):
        (address, *_) = await AddressBook().find(host, 443)
        assert address.target[:2] == (host, 443)
    assert resolver.asked == 0


async def test_a_name_is_looked_up_once_for_all_who_ask_at_the_same_time(resolver: Resolver) -> None:
    book = AddressBook()
    asking = [asyncio.ensure_future(book.find("api.example", 443)) for _ in range(3)]
    await asyncio.sleep(0)
    resolver.answer.set()
    assert await asyncio.gather(*asking) == [(FIRST, SECOND)] * 3
    assert resolver.asked == 1
    await book.find("api.example", 443)
    assert resolver.asked == 2, "what is known is asked for again the next time: addresses change"


async def test_a_look_up_that_hangs_is_waited_for_as_long_as_nothing_is_known(resolver: Resolver) -> None:
    book = AddressBook()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await book.find("api.example", 443)
    resolver.answer.set()
    assert await book.find("api.example", 443) == (FIRST, SECOND)


async def test_a_look_up_that_hangs_does_not_hold_up_the_way_that_worked_before(resolver: Resolver) -> None:
    book = AddressBook()
    book.worked("api.example", 443, (FIRST, SECOND), SECOND)
    assert await book.find("api.example", 443) == (SECOND, FIRST)
    assert await book.find("api.example", 443) == (SECOND, FIRST)
    assert resolver.asked == 1, "the first look-up still runs"
    resolver.addresses = [FIRST]
    resolver.answer.set()
    async with asyncio.timeout(10.0):
        while await book.find("api.example", 443) != (FIRST,):
            pass


async def test_a_look_up_that_fails_says_so_though_a_way_was_known(resolver: Resolver) -> None:
    book = AddressBook()
    book.worked("api.example", 443, (FIRST,), FIRST)
    resolver.error = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    resolver.answer.set()
    with pytest.raises(OSError, match="name resolution"):
        await book.find("api.example", 443)


async def test_a_name_that_is_none_is_an_error_of_the_network(resolver: Resolver) -> None:
    resolver.answer.set()
    resolver.addresses = []
    with pytest.raises(OSError, match="no address"):
        await AddressBook().find("api.example", 443)

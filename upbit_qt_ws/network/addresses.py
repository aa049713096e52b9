"""Where a host is: its look-up, which may hang, and the addresses that it had when it was last reached."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import Any, Final, NamedTuple

_PATIENCE: Final = 1.0
"""How long a look-up may take before the addresses of the last time are used, in seconds.

A resolver whose questions vanish tries for 5 to 30 s, and the network may be back long before it gives up.
"""


class Address(NamedTuple):
    """One way to a host: what ``socket.socket`` and its ``connect`` take."""

    family: int
    type: int
    protocol: int
    target: tuple[Any, ...]


class AddressBook:
    """Looks hosts up, one look-up a host at a time, and remembers which addresses led there. Belongs to one loop."""

    def __init__(self) -> None:
        """Know no host."""
        self._worked: dict[tuple[str, int], tuple[Address, ...]] = {}
        self._looking: dict[tuple[str, int], asyncio.Future[tuple[Address, ...]]] = {}

    async def find(self, host: str, port: int) -> tuple[Address, ...]:
        """Return the addresses of a host, at least one.

        If the look-up takes longer than a second, and the host has been reached before, these are the addresses that
        it had then; the look-up goes on, and its answer is there for the next question.

        Raises:
            OSError: the look-up has failed.
        """
        with contextlib.suppress(OSError):
            return _addresses(host, port, socket.AI_NUMERICHOST)
        place = host, port
        looking = self._looking.get(place)
        if looking is None:
            looking = self._looking[place] = self._look_up(place)
        known = self._worked.get(place)
        await asyncio.wait((looking,), timeout=None if known is None else _PATIENCE)
        return looking.result() if looking.done() or known is None else known

    def worked(self, host: str, port: int, addresses: tuple[Address, ...], chosen: Address) -> None:
        """A host was reached at one of its addresses, which is tried first the next time that all are needed."""
        self._worked[host, port] = (chosen, *(address for address in addresses if address != chosen))

    def _look_up(self, place: tuple[str, int]) -> asyncio.Future[tuple[Address, ...]]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[Address, ...]] = loop.create_future()

        def forget(done: asyncio.Future[tuple[Address, ...]]) -> None:
            del self._looking[place]
            # It may come when nobody waits any more.
            done.exception()

        def settle(found: tuple[Address, ...] | OSError) -> None:
            if isinstance(found, OSError):
                answer.set_exception(found)
            else:
                answer.set_result(found)

        def work() -> None:
            try:
                found: tuple[Address, ...] | OSError = _addresses(*place)
            except OSError as error:
                found = error
            except UnicodeError as error:
                found = OSError(f"{place[0]!r} is no name of a host: {error}")
            with contextlib.suppress(RuntimeError):  # The loop has been closed meanwhile.
                loop.call_soon_threadsafe(settle, found)

        answer.add_done_callback(forget)
        # Not the loop's executor: the end of the program would wait for its threads, for as long as a look-up hangs.
        threading.Thread(target=work, name=f"look-up of {place[0]}", daemon=True).start()
        return answer


def _addresses(host: str, port: int, flags: int = 0) -> tuple[Address, ...]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    if not found:
        raise OSError(f"{host} has no address")
    return tuple(Address(family, kind, protocol, target) for family, kind, protocol, _, target in found)

"""A second connection that is opened beside the first, and that nobody needs any more when it is there."""

from __future__ import annotations

import asyncio
import gc
from types import SimpleNamespace
from typing import Any

import pytest

from upbit_qt_ws.errors import WebSocketConnectionError
from upbit_qt_ws.network.renewal import Renewal


class Transport:
    """Counts how often it was aborted."""

    def __init__(self) -> None:
        self.aborted = 0

    def abort(self) -> None:
        self.aborted += 1


class OldConnection:
    """Is served until the new one is there or has failed; then the new one is not needed any more."""

    def __init__(self, new_ended: asyncio.Event) -> None:
        self._new_ended = new_ended

    async def go_on(self) -> float | None:
        await self._new_ended.wait()
        await asyncio.sleep(0)
        return None

    async def wait_until(self, moment: float) -> None:
        raise AssertionError(f"nothing is waited for until {moment}")


async def unneeded(result: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Open a connection that ends in ``result``, an error or a connection, when it is not needed any more.

    Returns:
        What :meth:`Renewal.open` returns, and what the loop complained of.
    """
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    ended = asyncio.Event()
    old = OldConnection(ended)

    async def opening() -> Any:
        ended.set()
        if isinstance(result, Exception):
            raise result
        return result

    dialogue: Any = None
    found = await Renewal(dialogue, 0.0).open(opening(), old.go_on, old.wait_until, asyncio.Event())
    gc.collect()
    await asyncio.sleep(0)
    return found, complaints


@pytest.mark.asyncio
async def test_a_failure_that_matters_no_more_is_no_complaint() -> None:
    assert await unneeded(WebSocketConnectionError("no answer")) == (None, [])


@pytest.mark.asyncio
async def test_a_connection_that_is_needed_no_more_is_not_left_open() -> None:
    transport = Transport()
    assert await unneeded(SimpleNamespace(transport=transport)) == (None, [])
    assert transport.aborted == 1

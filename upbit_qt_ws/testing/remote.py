"""The controls of the simulated exchange for other threads: each call runs in the thread of the server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping
    from decimal import Decimal
    from pathlib import Path

    from upbit_qt_ws.testing.api_keys import ApiKey
    from upbit_qt_ws.testing.market_status import MarketState
    from upbit_qt_ws.testing.server import MockUpbitWebSocketServer
    from upbit_qt_ws.testing.trade import Trade

T = TypeVar("T")


class RemoteControls(ABC):
    """The levers of :class:`MockUpbitWebSocketServer`, safe from any thread.

    Attributes:
        server: the server itself, which belongs to its thread.
    """

    server: MockUpbitWebSocketServer

    @abstractmethod
    def call(self, function: Callable[[], T]) -> T:
        """Run ``function`` in the thread of the server, and return its result or raise its exception."""

    def advance(self, seconds: float, *, trades: int | None = None) -> int:
        """Let simulated time pass; see :meth:`SimulatedMarket.advance`."""
        return self.call(lambda: self.server.market.advance(seconds, trades=trades))

    def trade(
        self, code: str, *, price: float | str | None = None, side: str | None = None, volume: float | None = None
    ) -> Trade:
        """Let one trade happen; see :meth:`SimulatedMarket.trade`."""
        return self.call(lambda: self.server.market.trade(code, price=price, side=side, volume=volume))

    def set_rate(self, rate: float) -> None:
        """Change the trades per second over all markets."""
        self.call(lambda: self.server.set_rate(rate))

    def pause(self) -> None:
        """Send no market data."""
        self.call(self.server.pause)

    def resume(self) -> None:
        """Go on after :meth:`pause`."""
        self.call(self.server.resume)

    def silence(self, code: str, silent: bool = True) -> None:
        """Stop sending anything about ``code``, or (False) start again."""
        self.call(lambda: self.server.silence(code, silent))

    def starve(self, what: str = "public", starved: bool = True) -> None:
        """Keep data from all connections; see :meth:`MockUpbitWebSocketServer.starve`."""
        self.call(lambda: self.server.starve(what, starved))

    def stall(self, what: str = "public", stalled: bool = True) -> None:
        """Keep data from the connections that are open now; see :meth:`MockUpbitWebSocketServer.stall`."""
        self.call(lambda: self.server.stall(what, stalled))

    def forget(self, code: str, type: str | None = None, *, connection_id: int | None = None) -> int:
        """Lose one code out of subscriptions; see :meth:`MockUpbitWebSocketServer.forget`."""
        return self.call(lambda: self.server.forget(code, type, connection_id=connection_id))

    def poison(self, code: str, error_name: str | None = "INVALID_PARAM") -> None:
        """Refuse every later request that names ``code``, or (None) serve it again."""
        self.call(lambda: self.server.poison(code, error_name))

    def unlist(self, code: str) -> None:
        """Take a market off the list; its streams stop without notice."""
        self.call(lambda: self.server.unlist(code))

    def list_market(self, code: str, price: float | None = None) -> None:
        """Put a market on the list; see :meth:`MockUpbitWebSocketServer.list_market`."""
        self.call(lambda: self.server.list_market(code, price))

    def set_market_state(
        self,
        code: str,
        state: MarketState = "ACTIVE",
        *,
        suspended: bool = False,
        delisting_date: str | None = None,
    ) -> None:
        """Suspend or end trading in a market, or begin it again; see :meth:`MarketControls.set_market_state`."""
        self.call(lambda: self.server.set_market_state(code, state, suspended=suspended, delisting_date=delisting_date))

    def empty_book(self, code: str, empty: bool = True) -> None:
        """Show a book without orders, or (False) the market's orders again."""
        self.call(lambda: self.server.empty_book(code, empty))

    def drop(self, connection_id: int | None = None, *, code: int | None = None, abort: bool = False) -> None:
        """End connections; see :meth:`MockUpbitWebSocketServer.drop`."""
        self.call(lambda: self.server.drop(connection_id, code=code, abort=abort))

    def set_key(self, key: ApiKey) -> None:
        """Add a key, or replace the one with the same access key; see :meth:`MockUpbitWebSocketServer.set_key`."""
        self.call(lambda: self.server.set_key(key))

    def delete_key(self, access_key: str) -> None:
        """Delete a key; see :meth:`MockUpbitWebSocketServer.delete_key`."""
        self.call(lambda: self.server.delete_key(access_key))

    def set_auth_failure(self, name: str | None, access_key: str | None = None) -> None:
        """Let authentication fail; see :meth:`MockUpbitWebSocketServer.set_auth_failure`."""
        self.call(lambda: self.server.set_auth_failure(name, access_key))

    def refuse_connections(self, refuse: bool = True, *, status: int | None = None, seconds: float = 60.0) -> None:
        """Refuse new connections; see :meth:`MockUpbitWebSocketServer.refuse_connections`."""
        self.call(lambda: self.server.refuse_connections(refuse, status=status, seconds=seconds))

    def repeat_trades(self, count: int = 20) -> None:
        """Send the newest trades of each streamed market once more."""
        self.call(lambda: self.server.repeat_trades(count))

    def fail(self, name: str) -> None:
        """Send an error frame on every open connection, and close it."""
        self.call(lambda: self.server.fail(name))

    def broadcast(self, payload: bytes | str) -> None:
        """Send any payload in one frame on every open connection."""
        self.call(lambda: self.server.broadcast(payload))

    def deafen(self, deaf: bool = True) -> None:
        """Answer nothing but pings, or (False) be there again."""
        self.call(lambda: self.server.deafen(deaf))

    def refuse_sockets(self, path: str | None) -> None:
        """Refuse new WebSocket connections on one path; None accepts all again."""
        self.call(lambda: self.server.refuse_sockets(path))

    def block_address(self, seconds: float, address: str | None = None) -> None:
        """Answer 418 for a while; see :meth:`MockUpbitWebSocketServer.block_address`."""
        self.call(lambda: self.server.block_address(seconds, address))

    def send_raw(self, connection_id: int, data: bytes) -> None:
        """Write bytes to the TCP stream of a connection as they are."""
        self.call(lambda: self.server.send_raw(connection_id, data))

    def send_message(self, connection_id: int, payload: bytes | str) -> None:
        """Send any payload in one frame."""
        self.call(lambda: self.server.send_message(connection_id, payload))

    def place_order(
        self,
        code: str,
        side: str,
        price: Decimal | float | str | None = None,
        volume: Decimal | float | str | None = None,
    ) -> str:
        """Place an order of the account and return its uuid; see :meth:`MockUpbitWebSocketServer.place_order`."""
        return self.call(lambda: self.server.place_order(code, side, price, volume))

    def cancel_order(self, uuid: str) -> None:
        """Cancel an order that waits; see :meth:`MockUpbitWebSocketServer.cancel_order`."""
        self.call(lambda: self.server.cancel_order(uuid))

    def push_order(self, event: Mapping[str, Any]) -> None:
        """Send a ``myOrder`` event; see :meth:`MockUpbitWebSocketServer.push_order`."""
        self.call(lambda: self.server.push_order(event))

    def push_asset(self, event: Mapping[str, Any]) -> None:
        """Send a ``myAsset`` event; see :meth:`MockUpbitWebSocketServer.push_asset`."""
        self.call(lambda: self.server.push_asset(event))

    def push_indicator(self, event: Mapping[str, Any]) -> None:
        """Send an indicator or its signal; see :meth:`MockUpbitWebSocketServer.push_indicator`."""
        self.call(lambda: self.server.push_indicator(event))

    def push_announcement(self, event: Mapping[str, Any]) -> None:
        """Send an announcement; see :meth:`MockUpbitWebSocketServer.push_announcement`."""
        self.call(lambda: self.server.push_announcement(event))

    def play_capture(self, path: str | Path, speed: float = 1.0) -> Future[int]:
        """Play a recording; the future ends with the number of frames.

        Raises:
            SimulatorError: the recording cannot be read.
        """
        finished: Future[int] = Future()

        def settle(task: asyncio.Task[int]) -> None:
            if task.cancelled():
                finished.cancel()
            elif (error := task.exception()) is not None:
                finished.set_exception(error)
            else:
                finished.set_result(task.result())

        self.call(lambda: self.server.play_capture(path, speed).add_done_callback(settle))
        return finished

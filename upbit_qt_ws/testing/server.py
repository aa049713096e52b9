"""The simulated exchange as a server: WebSocket and REST on one port of this machine."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from websockets.asyncio.server import serve

from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.system.shortage import shortage_in
from upbit_qt_ws.testing.connections import ListeningConnection
from upbit_qt_ws.testing.controls import ControlledExchange
from upbit_qt_ws.testing.gateway import INFO_PATH, PRIVATE_PATH, PUBLIC_PATH
from upbit_qt_ws.testing.options import SimulatorOptions

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable
    from types import TracebackType

    from websockets.asyncio.server import Server

    from upbit_qt_ws.testing.records import ConnectionView, RecordedCall, RecordedRequest

DEFAULT_RATE: Final = 50.0
"""Trades per second over all markets: an ordinary hour."""

_LOCAL: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
_CLOSE_TIMEOUT: Final = 0.5
_STOP_TIMEOUT: Final = 1.0


class MockUpbitWebSocketServer(ControlledExchange):
    """A simulated Upbit on ``127.0.0.1``, running in the event loop in which :meth:`start` is awaited.

    It serves ``/websocket/v1``, ``/websocket/v1/private``, ``/websocket/v1/info`` and REST below ``/v1`` from one
    market. The records (``requests``, ``connections``, ``handshakes``, ``rest_requests``) may be read from any
    thread; everything else belongs to the loop. :class:`~upbit_qt_ws.testing.SimulatedExchange` is the same for
    other threads.

    Attributes:
        market: the simulated market; ``market.advance(seconds)`` and ``market.trade(code)`` make things
            happen at once.
        options: the switches it was made with.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 1,
        rate: float = DEFAULT_RATE,
        markets: Iterable[str] | None = None,
        options: SimulatorOptions | None = None,
        start_ms: int | None = None,
        realtime: bool = True,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Create the exchange; nothing is opened before :meth:`start`.

        Args:
            host: address to listen on.
            port: port to listen on; 0 takes a free one.
            seed: decides the listing, the prices and the past.
            rate: trades per second over all markets; 0 freezes the market, ``math.inf`` floods.
            markets: codes to list; None lists all.
            options: switches; None takes the defaults.
            start_ms: simulated time at the start, ms since 1970 UTC; None takes the time of this machine.
            realtime: let simulated time pass with real time; False leaves it to ``market.advance``.
            ssl_context: serve ``wss`` and ``https``; None serves plain.

        Raises:
            ConfigurationError: a negative rate or an unknown market.
        """
        super().__init__(
            seed=seed,
            rate=rate,
            markets=markets,
            options=options if options is not None else SimulatorOptions(),
            start_ms=start_ms,
        )
        self._host = host
        self._port = port
        self._realtime = realtime
        self._ssl = ssl_context
        self._server: Server | None = None

    async def start(self) -> None:
        """Open the port and start the market.

        Raises:
            SimulatorError: the port is in use, or the server runs already.
        """
        if self._server is not None:
            raise SimulatorError(f"the simulated exchange runs already on {self.websocket_url}")
        try:
            self._server = await serve(
                self._connections.handle,
                self._host,
                self._port,
                ssl=self._ssl,
                create_connection=ListeningConnection,
                process_request=self._gateway.process_request,
                process_response=self._gateway.process_response,
                compression="deflate" if self.options.permessage_deflate else None,
                server_header=None,
                ping_interval=None,
                close_timeout=_CLOSE_TIMEOUT,
                logger=_quiet_logger(),
            )
        except (OSError, OverflowError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) else ""
            raise SimulatorError(
                f"cannot listen on {self._host}:{self._port}: {shortage_in(error) or why or error}; "
                "choose another port, or 0 for a free one"
            ) from error
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        spawn = self._connections.spawn
        if self._realtime:
            spawn(self._pump.run())
        spawn(self._connections.status_clock())
        if self.options.idle_timeout is not None:
            spawn(self._connections.idle_clock(self.options.idle_timeout))

    async def stop(self) -> None:
        """Close all connections (code 1001) and the port; within 2 s. Does nothing when it does not run."""
        server, self._server = self._server, None
        if server is None:
            return
        await self._connections.finish()
        server.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(server.wait_closed()), _STOP_TIMEOUT)
            return
        for session in self._connections.sessions:
            session.cut()
        await server.wait_closed()

    async def __aenter__(self) -> MockUpbitWebSocketServer:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    @property
    def port(self) -> int:
        """The port; 0 until it is known."""
        return self._port

    @property
    def websocket_url(self) -> str:
        """Address of the public WebSocket."""
        return self._address("ws", PUBLIC_PATH)

    @property
    def private_url(self) -> str:
        """Address of the private WebSocket."""
        return self._address("ws", PRIVATE_PATH)

    @property
    def info_url(self) -> str:
        """Address of the WebSocket of the indicators."""
        return self._address("ws", INFO_PATH)

    @property
    def rest_url(self) -> str:
        """Base address of REST, without a slash at the end."""
        return self._address("http", "/v1")

    def _address(self, scheme: str, path: str) -> str:
        # Who listens on all addresses of a machine is reached on it by that of the machine itself.
        host = _LOCAL.get(self._host, self._host)
        host = f"[{host}]" if ":" in host else host
        return f"{scheme}{'' if self._ssl is None else 's'}://{host}:{self._port}{path}"

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """Every text that clients sent, oldest first."""
        return self._connections.requests.copy()

    @property
    def connections(self) -> tuple[ConnectionView, ...]:
        """Every connection, closed ones too, in the order in which they were opened."""
        return self._connections.views()

    @property
    def handshakes(self) -> tuple[RecordedCall, ...]:
        """Every WebSocket handshake with the status of its answer, 101 when it was let in."""
        return self._gateway.handshakes.copy()

    @property
    def rest_requests(self) -> tuple[RecordedCall, ...]:
        """Every other HTTP request with the status of its answer."""
        return self._gateway.rest_requests.copy()


def _quiet_logger() -> logging.Logger:
    # Refused handshakes and REST calls are everyday business here, not errors of the program under test.
    logger = logging.getLogger("upbit_qt_ws.testing.websockets")
    logger.setLevel(logging.CRITICAL)
    return logger

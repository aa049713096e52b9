"""A TCP proxy in front of the simulated exchange that can do to a connection what networks do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing.faults.pipe import Pipe, Weather

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from upbit_qt_ws.testing.thread import SimulatedExchange

_BACKLOG: Final = 100


class FaultProxy:
    """Carries bytes between clients and the exchange, TLS or not, and breaks them on demand.

    It lives in the exchange's thread; every member may be used from any thread::

        with SimulatedExchange() as exchange, FaultProxy(exchange) as proxy:
            connect_to(proxy.websocket_url)
            proxy.reset()

    Args:
        exchange: it must run as long as the proxy does.
    """

    def __init__(self, exchange: SimulatedExchange) -> None:
        """Open nothing before :meth:`start`."""
        self._exchange = exchange
        self._weather: Weather | None = None
        self._pipes: set[Pipe] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: socket.socket | None = None
        self._place: socket.socket | None = None
        self._accepted: set[socket.socket] = set()
        self._port = 0

    def start(self) -> None:
        """Open a free port.

        Raises:
            SimulatorError: the exchange does not run.
        """
        self._exchange.run(self._start())

    def stop(self) -> None:
        """Close the port and cut all connections. Does nothing when it does not run."""
        if self._weather is not None:
            self._exchange.run(self._stop())

    def __enter__(self) -> FaultProxy:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def port(self) -> int:
        """The port; 0 until it is known."""
        return self._port

    @property
    def websocket_url(self) -> str:
        """Address of the public WebSocket, through the proxy."""
        return self._through(self._exchange.websocket_url)

    @property
    def private_url(self) -> str:
        """Address of the private WebSocket, through the proxy."""
        return self._through(self._exchange.private_url)

    @property
    def info_url(self) -> str:
        """Address of the WebSocket of the indicators, through the proxy."""
        return self._through(self._exchange.info_url)

    @property
    def rest_url(self) -> str:
        """Base address of REST, through the proxy."""
        return self._through(self._exchange.rest_url)

    @property
    def connections(self) -> int:
        """How many connections go through it now."""
        return len(self._pipes)

    # -- at once ----------------------------------------------------------------------------------------------

    def cut(self) -> None:
        """End all connections without a close frame."""
        self._each(Pipe.cut)

    def reset(self) -> None:
        """Reset all connections, as a crashing peer does."""
        self._each(Pipe.reset)

    def cut_after(self, size: int) -> None:
        """End all connections after ``size`` more bytes to the client, likely in the middle of a frame."""
        self._each(lambda pipe: pipe.cut_after(size))

    def inject(self, junk: bytes) -> None:
        """Put bytes that are no frame into the streams to the clients."""
        self._each(lambda pipe: pipe.inject(junk))

    # -- until it is taken back -------------------------------------------------------------------------------

    def freeze(self, frozen: bool = True) -> None:
        """Hold all bytes back in both directions, or (False) let them flow on."""

        def change(weather: Weather) -> None:
            if frozen:
                weather.flowing.clear()
            else:
                weather.flowing.set()

        self._change(change)

    def refuse(self, refused: bool = True) -> None:
        """Close the port, so that new connections are refused, or (False) open it again."""
        self._exchange.run(self._close_port() if refused else self._open_port())

    def mute(self, is_mute: bool = True) -> None:
        """Accept new connections without a word, or (False) serve them again; those that are open stand still."""

        def change(weather: Weather) -> None:
            if weather.mute and not is_mute:
                for pipe in tuple(self._pipes):
                    pipe.cut()
            weather.mute = is_mute

        self._change(change)
        self.freeze(is_mute)

    def slow(self, bytes_per_second: int = 0) -> None:
        """Limit what comes from the exchange; 0 for no limit."""
        self._change(lambda weather: setattr(weather, "to_client", bytes_per_second))

    def slow_writes(self, bytes_per_second: int = 0) -> None:
        """Limit what goes to the exchange; 0 for no limit."""
        self._change(lambda weather: setattr(weather, "to_exchange", bytes_per_second))

    def fragment(self, fragmented: bool = True) -> None:
        """Send bytes one by one, or (False) as they come."""
        self._change(lambda weather: setattr(weather, "single_bytes", fragmented))

    def lag(self, seconds: float = 0.0) -> None:
        """Delay everything; 0 for no delay."""
        self._change(lambda weather: setattr(weather, "lag", seconds))

    def cut_handshakes(self, cut: bool = True) -> None:
        """End new connections in the middle of the handshake, or (False) let them be."""
        self._change(lambda weather: setattr(weather, "cut_handshakes", cut))

    def cut_first_read(self, cut: bool = True) -> None:
        """End new connections in the first bytes after the handshake, or (False) let them be."""
        self._change(lambda weather: setattr(weather, "cut_first_read", cut))

    # -- in the exchange's thread -----------------------------------------------------------------------------

    def _through(self, url: str) -> str:
        if not self._port:
            raise SimulatorError("the proxy does not run; use it inside its `with` block")
        return url.replace(f":{self._exchange.port}", f":{self._port}", 1)

    def _each(self, act: Callable[[Pipe], None]) -> None:
        def run() -> None:
            for pipe in tuple(self._pipes):
                act(pipe)

        self._exchange.call(run)

    def _change(self, change: Callable[[Weather], None]) -> None:
        def run() -> None:
            if self._weather is None:
                raise SimulatorError("the proxy does not run; use it inside its `with` block")
            change(self._weather)

        self._exchange.call(run)

    async def _start(self) -> None:
        self._weather = Weather()
        await self._open_port()

    async def _stop(self) -> None:
        self._weather = None
        await self._close_port()
        for pipe in tuple(self._pipes):
            pipe.cut()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        place, self._place = self._place, None
        for left in (*self._accepted, *(() if place is None else (place,))):
            left.close()
        self._accepted.clear()

    async def _open_port(self) -> None:
        if self._listener is None:
            self._listener, self._place = self._place or _bound(self._port), None
            self._listener.listen(_BACKLOG)
            self._port = self._listener.getsockname()[1]
            # A server of asyncio leaves connections open that it has just accepted when it is closed.
            asyncio.get_running_loop().add_reader(self._listener, self._take)

    async def _close_port(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            asyncio.get_running_loop().remove_reader(listener)
            listener.close()
            # A port that nobody holds may be given to somebody else, and the client would connect to that.
            self._place = _bound(self._port)

    def _take(self) -> None:
        if self._listener is None:
            return
        try:
            accepted, _ = self._listener.accept()
        except OSError:
            # The client has gone already.
            return
        accepted.setblocking(False)
        self._accepted.add(accepted)
        task = asyncio.get_running_loop().create_task(self._serve(accepted))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, accepted: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=accepted)
        self._accepted.discard(accepted)
        if self._weather is None:
            writer.transport.abort()
            return
        pipe = Pipe(self._weather, reader, writer)
        self._pipes.add(pipe)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await pipe.run("127.0.0.1", self._exchange.port)
        finally:
            self._pipes.discard(pipe)


def _bound(port: int) -> socket.socket:
    """Return a socket with this port (0 for any), which refuses connections as long as nobody listens on it."""
    place = socket.socket()
    if os.name == "posix":
        # Elsewhere the option has another meaning: somebody else may take the port then.
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.setblocking(False)
    place.bind(("127.0.0.1", port))
    return place

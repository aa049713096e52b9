"""A TCP proxy in front of the simulated exchange that can do to a connection what networks do."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from upbit_qt_ws.errors import ConfigurationError, SimulatorError
from upbit_qt_ws.testing.faults.pipe import Pipe, Weather
from upbit_qt_ws.testing.faults.port import Port
from upbit_qt_ws.testing.faults.vocabulary import DIRECTIONS

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from types import TracebackType

    from upbit_qt_ws.testing.thread import SimulatedExchange


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
        self._accepted: set[socket.socket] = set()
        self._door = Port(self._welcome)

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
        return self._door.number

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
        self._exchange.call(self._door.close if refused else self._door.open)

    def black_hole(self, direction: str | None = "both") -> None:
        """Have packets vanish, without a reset; new connections get no answer. None ends it.

        The bytes of open connections come late then: their systems repeat them after 0.2 s, 0.4 s, 0.8 s and so on.

        Args:
            direction: ``in`` for the packets of the exchange, ``out`` for those of the client, or ``both``.

        Raises:
            ConfigurationError: it is something else.
        """
        if direction not in (None, *DIRECTIONS):
            raise ConfigurationError(f"packets vanish in the direction {', '.join(DIRECTIONS)}, not {direction!r}")

        def change(weather: Weather) -> None:
            for flow, name in ((weather.from_exchange, "in"), (weather.from_client, "out")):
                if direction in ("both", name):
                    flow.clear()
                else:
                    flow.set()
            self._door.silence(direction is not None)

        self._change(change)

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
        if not self.port:
            raise SimulatorError("the proxy does not run; use it inside its `with` block")
        return url.replace(f":{self._exchange.port}", f":{self.port}", 1)

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
        self._door.open()

    async def _stop(self) -> None:
        self._weather = None
        self._door.give_up()
        for pipe in tuple(self._pipes):
            pipe.cut()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for left in self._accepted:
            left.close()
        self._accepted.clear()

    def _welcome(self, accepted: socket.socket) -> None:
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

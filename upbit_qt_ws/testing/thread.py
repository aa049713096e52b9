"""The simulated exchange in a thread of its own, for programs and tests that have another event loop, or none."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Any, Final, TypeVar

from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing.calm import stay_calm
from upbit_qt_ws.testing.remote import RemoteControls
from upbit_qt_ws.testing.server import DEFAULT_RATE, MockUpbitWebSocketServer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine, Iterable
    from types import TracebackType

    from upbit_qt_ws.testing.options import SimulatorOptions
    from upbit_qt_ws.testing.records import ConnectionView, RecordedCall, RecordedRequest

_CALL_TIMEOUT: Final = 60.0
_JOIN_TIMEOUT: Final = 2.0

T = TypeVar("T")


class SimulatedExchange(RemoteControls):
    """A :class:`MockUpbitWebSocketServer` in a daemon thread with a stock asyncio loop.

    Every member may be used from any thread::

        with SimulatedExchange(seed=3, rate=200) as exchange:
            connect_to(exchange.websocket_url)
            exchange.trade("KRW-BTC", side="BID")

    Attributes:
        server: the server itself, which belongs to its thread; see :meth:`call`.
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
        """Create the exchange with the arguments of :class:`MockUpbitWebSocketServer`; start it with ``with``.

        Raises:
            ConfigurationError: a negative rate or an unknown market.
        """
        self.server = MockUpbitWebSocketServer(
            host=host,
            port=port,
            seed=seed,
            rate=rate,
            markets=markets,
            options=options,
            start_ms=start_ms,
            realtime=realtime,
            ssl_context=ssl_context,
        )
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._finish: asyncio.Event | None = None

    def start(self) -> None:
        """Start the thread and wait until the port is open.

        Raises:
            SimulatorError: the port is in use, or the exchange runs already.
        """
        if self._thread is not None:
            raise SimulatorError(f"the simulated exchange runs already on {self.websocket_url}")
        started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(started,), name="simulated-upbit", daemon=True)
        self._thread.start()
        try:
            started.result()
        except BaseException:
            self._thread.join()
            self._thread = None
            raise

    def stop(self) -> None:
        """Close everything and end the thread, within 2 s. Does nothing when it does not run."""
        thread, self._thread = self._thread, None
        if thread is None or self._loop is None or self._finish is None:
            return
        self._loop.call_soon_threadsafe(self._finish.set)
        thread.join(_JOIN_TIMEOUT)
        if thread.is_alive():
            raise SimulatorError("the simulated exchange did not stop in time: a function given to call() blocks it")
        self._loop = self._finish = None

    def __enter__(self) -> SimulatedExchange:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def call(self, function: Callable[[], T]) -> T:
        """Run ``function`` in the thread of the server, and return its result or raise its exception.

        Raises:
            SimulatorError: the exchange does not run, or is kept busy for longer than a minute.
        """
        loop = self._loop
        if loop is None:
            raise SimulatorError("the simulated exchange does not run; use it inside its `with` block")
        if threading.current_thread() is self._thread:
            return function()
        result: Future[T] = Future()

        def run() -> None:
            try:
                result.set_result(function())
            except BaseException as error:
                result.set_exception(error)

        try:
            loop.call_soon_threadsafe(run)
        except RuntimeError as error:
            raise SimulatorError("the simulated exchange has just been stopped") from error
        if not wait((result,), _CALL_TIMEOUT).done:
            raise SimulatorError(f"the simulated exchange did not answer within {_CALL_TIMEOUT:g} s: it is kept busy")
        return result.result()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop of the server, and return its result or raise its exception.

        Raises:
            SimulatorError: the exchange does not run.
        """
        loop = self._loop
        if loop is None:
            work.close()
            raise SimulatorError("the simulated exchange does not run; use it inside its `with` block")
        return asyncio.run_coroutine_threadsafe(work, loop).result(_CALL_TIMEOUT)

    @property
    def port(self) -> int:
        """The port; 0 until it is known."""
        return self.server.port

    @property
    def websocket_url(self) -> str:
        """Address of the public WebSocket."""
        return self.server.websocket_url

    @property
    def private_url(self) -> str:
        """Address of the private WebSocket."""
        return self.server.private_url

    @property
    def info_url(self) -> str:
        """Address of the WebSocket of the indicators."""
        return self.server.info_url

    @property
    def rest_url(self) -> str:
        """Base address of REST, without a slash at the end."""
        return self.server.rest_url

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """Every text that clients sent, oldest first."""
        return self.server.requests

    @property
    def connections(self) -> tuple[ConnectionView, ...]:
        """Every connection, closed ones too, in the order in which they were opened."""
        return self.server.connections

    @property
    def handshakes(self) -> tuple[RecordedCall, ...]:
        """Every WebSocket handshake with the status of its answer."""
        return self.server.handshakes

    @property
    def rest_requests(self) -> tuple[RecordedCall, ...]:
        """Every other HTTP request with the status of its answer."""
        return self.server.rest_requests

    def _run(self, started: Future[None]) -> None:
        # A stock loop, even in a program whose policy makes Qt loops.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve(started))

    async def _serve(self, started: Future[None]) -> None:
        stay_calm(asyncio.get_running_loop())
        self._finish = asyncio.Event()
        try:
            await self.server.start()
        except BaseException as error:
            started.set_exception(error)
            return
        self._loop = asyncio.get_running_loop()
        started.set_result(None)
        await self._finish.wait()
        await self.server.stop()

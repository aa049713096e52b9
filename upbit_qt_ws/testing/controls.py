"""What can be done to the simulated exchange from outside: events, silences, faults, recordings."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.errors import ConfigurationError, SimulatorError
from upbit_qt_ws.testing.account import Account
from upbit_qt_ws.testing.auth import Authenticator
from upbit_qt_ws.testing.capture import CapturePlayer, check_speed, read_capture
from upbit_qt_ws.testing.connections import Connections
from upbit_qt_ws.testing.encode import EMISSION_DELAY_MS
from upbit_qt_ws.testing.exchange import SimulatedMarket
from upbit_qt_ws.testing.fanout import Fanout
from upbit_qt_ws.testing.gateway import Gateway, reset
from upbit_qt_ws.testing.pump import Pump
from upbit_qt_ws.testing.rest import RestApi
from upbit_qt_ws.testing.subscribing import Subscribing, account_keys

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Mapping

    from upbit_qt_ws.testing.options import SimulatorOptions


# Those that RFC 6455 and its registry allow on the wire: not 1005, 1006 and 1015.
_CLOSE_CODES: Final = (range(1000, 1004), range(1007, 1015), range(3000, 5000))


class ControlledExchange:
    """The parts of the exchange, wired together, and the levers on them. Everything belongs to the server's loop.

    Attributes:
        market: the simulated market; ``market.advance(seconds)`` and ``market.trade(code)`` make things
            happen at once.
        options: the switches it was made with.
    """

    def __init__(
        self,
        *,
        seed: int,
        rate: float,
        markets: Iterable[str] | None,
        options: SimulatorOptions,
        start_ms: int | None,
    ) -> None:
        """Build the parts; see :class:`~upbit_qt_ws.testing.MockUpbitWebSocketServer` for the arguments."""
        self.options = options
        now_ms = int(time.time() * 1_000) - EMISSION_DELAY_MS
        self.market = SimulatedMarket(
            seed=seed,
            start_ms=start_ms if start_ms is not None else now_ms,
            rate=rate,
            region=options.region,
            codes=markets,
            volatility=options.volatility,
        )
        authenticator = Authenticator(options)
        rest = RestApi(self.market, Account(self.market), authenticator, options)
        self._gateway = Gateway(rest, authenticator, options)
        self._fanout = Fanout(self.market, options)
        self._subscribing = Subscribing(self._fanout, options)
        self._connections = Connections(self._gateway, self._fanout, self._subscribing, options)
        self._pump = Pump(self.market, lambda: self._connections.most_unread)

    def set_rate(self, rate: float) -> None:
        """Change the trades per second over all markets; see :class:`SimulatedMarket`.

        Raises:
            ConfigurationError: a negative rate.
        """
        self.market.rate = rate

    def pause(self) -> None:
        """Send no market data, no snapshots either; connections stay open, errors and replies still come."""
        self._pump.paused = True
        self._subscribing.pause()

    def resume(self) -> None:
        """Go on after :meth:`pause`; snapshots that waited are sent first."""
        self._pump.paused = False
        self._subscribing.resume()

    def silence(self, code: str, silent: bool = True) -> None:
        """Stop sending anything about ``code`` as if it had been delisted, or (False) start again.

        Connections that asked for the code while it was silent get a snapshot when it is heard again.

        Raises:
            SimulatorError: the exchange does not list ``code``: it is silent anyway.
        """
        if code not in self.market.listings:
            raise SimulatorError(f"the simulated exchange does not list {code!r}, so it is silent already")
        if silent:
            self._fanout.silenced.add(code)
            return
        self._fanout.silenced.discard(code)
        self._subscribing.serve_anew(self._connections.sessions)

    def drop(self, connection_id: int | None = None, *, code: int | None = None, abort: bool = False) -> None:
        """End connections from the side of the server.

        Args:
            connection_id: which one; None for all.
            code: close code to send, such as 1001; None ends the TCP connection without a close frame.
            abort: reset the TCP connection.

        Raises:
            ConfigurationError: ``code`` together with ``abort``, or a code that no close frame may have.
            SimulatorError: no such open connection.
        """
        if code is not None and not any(code in codes for codes in _CLOSE_CODES):
            raise ConfigurationError(
                f"no close frame has the code {code}; 1001 or 1012 can be sent, None sends no frame"
            )
        if code is not None and abort:
            raise ConfigurationError(f"a reset connection sends no close frame: leave out code={code} or abort")
        for session in self._connections.chosen(connection_id):
            session.give_up()
            if abort:
                reset(session.connection)
            elif code is not None:
                self._connections.spawn(session.connection.close(code))
            else:
                session.connection.transport.close()

    def refuse_connections(self, refuse: bool = True, *, status: int | None = None) -> None:
        """Refuse every new handshake and REST call, or (False) accept them again.

        Args:
            refuse: whether to refuse.
            status: HTTP status to answer with, such as 401, 418, 429 or 503; None resets the connection.
        """
        self._gateway.refusing = refuse
        self._gateway.refusal_status = status

    def send_raw(self, connection_id: int, data: bytes) -> None:
        """Write bytes to the TCP stream of a connection as they are, after everything that waits.

        Raises:
            SimulatorError: no such open connection.
        """
        for session in self._connections.chosen(connection_id):
            session.write()
            session.connection.transport.write(data)

    def send_message(self, connection_id: int, payload: bytes | str) -> None:
        """Send any payload in one frame: bytes in a binary one, as the exchange does, a string in a text one.

        Raises:
            SimulatorError: no such open connection.
        """
        for session in self._connections.chosen(connection_id):
            session.write()
            if isinstance(payload, str):
                session.connection.protocol.send_text(payload.encode())
            else:
                session.connection.protocol.send_binary(payload)
            session.connection.send_data()

    def push_order(self, event: Mapping[str, Any]) -> None:
        """Send a ``myOrder`` event to the private connections that want its code.

        Args:
            event: the fields by their full names; ``code`` is needed. ``type``, ``stream_type`` and
                ``timestamp`` are added when they are missing. Decimals are written exactly.

        Raises:
            SimulatorError: ``code`` is missing.
        """
        if not event.get("code"):
            raise SimulatorError(f"a myOrder event needs the code of its market, such as KRW-BTC: {dict(event)!r}")
        self._push("myOrder", event["code"], event)

    def push_asset(self, event: Mapping[str, Any]) -> None:
        """Send a ``myAsset`` event to the private connections that want it; see :meth:`push_order`."""
        self._push("myAsset", "", event)

    def play_capture(self, path: str | Path, speed: float = 1.0) -> asyncio.Task[int]:
        """Play a recording; see :mod:`upbit_qt_ws.testing.capture`.

        Args:
            path: of the recording.
            speed: 2.0 is twice as fast as it was; ``math.inf`` is as fast as possible.

        Returns:
            A task that ends with the number of frames; cancel it to stop playing.

        Raises:
            ConfigurationError: the speed is not above 0.
            SimulatorError: the recording cannot be read.
        """
        check_speed(speed)
        frames = read_capture(Path(path))
        player = CapturePlayer(frames, self._fanout, lambda: self._subscribing.serve_anew(self._connections.sessions))
        return self._connections.spawn(player.play(speed))

    def _push(self, event_type: str, code: str, event: Mapping[str, Any]) -> None:
        now_ms = self.market.now_ms + EMISSION_DELAY_MS
        full = {"timestamp": now_ms, "stream_type": "REALTIME", **event, "type": event_type}
        for key in account_keys(event_type, code):
            self._fanout.account_event(key, full)

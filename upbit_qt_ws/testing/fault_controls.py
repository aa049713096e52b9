"""Faults: what a real exchange does rarely and a client must survive, at the push of a button."""

from __future__ import annotations

import asyncio
from typing import Final

from upbit_qt_ws.errors import ConfigurationError, SimulatorError
from upbit_qt_ws.testing.gateway import reset
from upbit_qt_ws.testing.parts import ExchangeParts
from upbit_qt_ws.testing.refusals import RequestRefused

# Those that RFC 6455 and its registry allow on the wire: not 1005, 1006 and 1015.
_CLOSE_CODES: Final = (range(1000, 1004), range(1007, 1015), range(3000, 5000))


class FaultControls(ExchangeParts):
    """Silences, losses, broken and refused connections, strange bytes."""

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

    def starve(self, what: str = "public", starved: bool = True) -> None:
        """Keep data from all connections, old and new, and go on answering pings, lists and REST; or (False) feed them.

        What would have been sent meanwhile is never sent; streams that were asked for meanwhile begin with a snapshot
        when it ends.

        Args:
            what: ``public`` or ``private`` for all data of these sockets, or a topic such as ``ticker KRW-BTC``.
            starved: whether to begin or to end it.

        Raises:
            SimulatorError: ``what`` is something else.
        """
        if starved:
            self._fanout.starvation.begin(what)
        else:
            self._fanout.starvation.end(what, of_all=True)
            self._subscribing.serve_anew(self._connections.sessions)

    def stall(self, what: str = "public", stalled: bool = True) -> None:
        """Do the same to the connections that are open now: those that come later are fed.

        So it is when the part of the exchange hangs that feeds these connections.

        Raises:
            SimulatorError: ``what`` is neither a socket nor a topic.
        """
        if stalled:
            self._fanout.starvation.begin(what, self._connections.sessions)
        else:
            self._fanout.starvation.end(what, of_all=False)
            self._subscribing.serve_anew(self._connections.sessions)

    def forget(self, code: str, type: str | None = None, *, connection_id: int | None = None) -> int:
        """Lose one code out of subscriptions, as a server with a fault would: no word about it, no more frames.

        ``LIST_SUBSCRIPTIONS`` does not list it any more either; the next request that names it serves it again.

        Args:
            code: without a suffix; empty for the streams without a code, such as ``myAsset``.
            type: which of its streams, such as ``trade``; None for all of them.
            connection_id: of one connection; None for all open ones.

        Returns:
            How many streams were lost.

        Raises:
            SimulatorError: no such open connection.
        """
        return sum(self._subscribing.forget(session, code, type) for session in self._connections.chosen(connection_id))

    def poison(self, code: str, error_name: str | None = "INVALID_PARAM") -> None:
        """Refuse every later request that names ``code``: an error frame, then the close.

        Args:
            code: without a suffix.
            error_name: ``error.name`` of the frame; None serves the code again.
        """
        if error_name is None:
            self._subscribing.poisons.pop(code, None)
        else:
            self._subscribing.poisons[code] = error_name

    def unlist(self, code: str) -> None:
        """Take a market off the list: REST does not know it, its streams stop without notice.

        The silence is documented for indicators [A] and inferred for the other streams [D].

        Raises:
            SimulatorError: the exchange does not list it.
        """
        self.market.unlist(code)
        self._fanout.silenced.add(code)

    def list_market(self, code: str, price: float | None = None) -> None:
        """Put a market on the list; subscriptions that name it already begin to flow.

        So it is documented for indicators [A]. That the others then get their snapshot first, and that streams
        which had run before it was taken off the list go on without one, is inferred. [D]

        Args:
            code: one that was taken off the list or was never on it, such as ``KRW-NEWCOIN``.
            price: of a new coin; None takes about the worth of 1,000 KRW.

        Raises:
            SimulatorError: it is listed already, or its quote currency is not one of this exchange.
        """
        self.market.list_market(code, price)
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

    def deafen(self, deaf: bool = True) -> None:
        """Accept connections and answer pings, but hear and say nothing else, or (False) be there again.

        So it is when the servers behind the front of an exchange are gone. What was sent meanwhile is lost.
        """
        self._connections.deaf = deaf
        if deaf:
            self.pause()
        else:
            self.resume()

    def repeat_trades(self, count: int = 20) -> None:
        """Send the newest trades of each streamed market once more, as a server with a fault would."""
        self._fanout.repeat_trades(count)

    def fail(self, name: str) -> None:
        """Send an error frame with this ``error.name`` on every open connection, and close it."""
        for session in self._connections.sessions:
            if not session.ended:
                self._connections.refuse(session, RequestRefused(name))

    def broadcast(self, payload: bytes | str) -> None:
        """Send any payload in one frame on every open connection; see :meth:`send_message`."""
        for session in self._connections.sessions:
            if session.is_open and not session.ended:
                self.send_message(session.id, payload)

    def refuse_connections(self, refuse: bool = True, *, status: int | None = None, seconds: float = 60.0) -> None:
        """Refuse every new handshake and REST call, or (False) accept them again.

        Args:
            refuse: whether to refuse.
            status: HTTP status to answer with, such as 401, 418, 429 or 503; None resets the connection.
            seconds: how long the answers with 418 say that the block lasts.
        """
        self._gateway.refusing = refuse
        self._gateway.refusal_seconds = seconds
        self._gateway.refusal_status = status

    def refuse_sockets(self, path: str | None) -> None:
        """Refuse new WebSocket connections on one path by a reset, while everything else goes on.

        Args:
            path: such as ``/websocket/v1``; None accepts all again.
        """
        self._gateway.refused_path = path

    def block_address(self, seconds: float, address: str | None = None) -> None:
        """Answer 418 to every handshake and REST call for a while; open connections go on.

        Args:
            seconds: for how long; 0 ends a block.
            address: IP address of the caller; None blocks every one.

        Raises:
            ConfigurationError: the time is negative.
        """
        if not seconds >= 0:
            raise ConfigurationError(f"seconds is 0 or more, not {seconds!r}")
        until = asyncio.get_running_loop().time() + seconds if seconds else 0.0
        self._gateway.blocks.block(address, until)

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

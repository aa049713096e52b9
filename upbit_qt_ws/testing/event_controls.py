"""Events at the push of a button: those of the account, indicators, announcements, and whole recordings."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing.capture import CapturePlayer, check_speed, read_capture
from upbit_qt_ws.testing.encode import EMISSION_DELAY_MS
from upbit_qt_ws.testing.parts import ExchangeParts

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping


class EventControls(ExchangeParts):
    """Makes the exchange send something now."""

    def place_order(
        self,
        code: str,
        side: str,
        price: Decimal | float | str | None = None,
        volume: Decimal | float | str | None = None,
    ) -> str:
        """Place an order of the account; it rests until the market trades at its price, and fills as that goes on.

        ``myOrder`` tells ``wait``, ``trade`` for each fill, then ``done`` (``cancel`` for what an amount of money
        could not buy) [A, C]; ``myAsset`` and REST tell what became of the balances. An order that could trade at
        once does, and the market sees that trade.

        Args:
            code: of the market.
            side: ``BID`` buys, ``ASK`` sells.
            price: the limit, on the price grid; None sells ``volume`` at any price.
            volume: in coins; None buys for ``price`` as an amount of money.

        Returns:
            The uuid of the order.

        Raises:
            SimulatorError: the exchange would refuse it: too little money, too small, off the price grid.
        """
        return self._account.place(code, side, _amount(price), _amount(volume)).uuid

    def cancel_order(self, uuid: str) -> None:
        """Cancel an order that waits; ``myOrder`` tells ``cancel``, and what it locked is free again.

        Raises:
            SimulatorError: no such order waits.
        """
        self._account.cancel(uuid)

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

    def push_indicator(self, event: Mapping[str, Any]) -> None:
        """Send an ``indicator`` event, or with a ``trigger`` an ``indicator_signal``, to those who asked for it.

        Args:
            event: the fields by their full names; ``code``, ``timeframe`` and ``indicator`` are needed. It goes to
                the connections that asked for these, with the same ``params`` and ``trigger`` if it has them. Missing
                ``params``, ``event_params``, ``timestamp`` and ``stream_type`` are added. Decimals are written
                exactly.

        Raises:
            SimulatorError: a needed field is missing.
        """
        missing = [name for name in ("code", "timeframe", "indicator") if not event.get(name)]
        if missing:
            raise SimulatorError(f"an indicator event needs {', '.join(missing)}: {dict(event)!r}")
        self._indicators.push(event)

    def push_announcement(self, event: Mapping[str, Any]) -> None:
        """Send an ``announcement`` to the private connections that want its category.

        Args:
            event: the fields by their full names; ``category`` is needed, everything else is made up when it is
                missing (``event_type`` is then ``CREATED``). ``body`` reaches those who asked for it; None stands
                for one that is too large.

        Raises:
            SimulatorError: ``category`` is missing.
        """
        if not event.get("category"):
            raise SimulatorError(f"an announcement needs a category, such as trade: {dict(event)!r}")
        self._announcements.push(event)

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
        self._fanout.account_event(event_type, code, full)


def _amount(value: Decimal | float | str | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))

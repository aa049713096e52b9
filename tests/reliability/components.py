"""What a trader's window holds: components on all kinds of streams, and one that changes its mind all the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from tests.reliability.witness import Witness
from upbit_qt_ws import Gap, QtWebSocketProxy, Subscription, SubscriptionState
from upbit_qt_ws.testing.coins import listings

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from upbit_qt_ws import GlobalWebSocketManager

MARKETS = ("KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL")
TRADED = MARKETS[:2]


def wide_markets(wide: str, seed: int) -> tuple[str, ...]:
    """Return so many markets of the exchange, these four among them; every one for ``all``.

    Raises:
        ValueError: it is no number of at least 4.
    """
    if wide != "all" and int(wide) < len(MARKETS):
        raise ValueError(f"{wide!r} markets are too few: take {len(MARKETS)} or more, or 'all'")
    codes = dict.fromkeys((*MARKETS, *listings(seed)))
    return tuple(codes) if wide == "all" else tuple(codes)[: int(wide)]


class Components:
    """Five components, as in scenario S-L.

    Args:
        manager: serves them.
        complain: called with the kind of a violation and its description.
        in_order: the exchange sends trades in their order.
        stood_in: tells whether REST has been asked for states.

    Attributes:
        proxies: one for each component.
        witnesses: what listens to each lasting subscription.
        gaps: what was announced.
    """

    def __init__(
        self,
        manager: GlobalWebSocketManager,
        complain: Callable[[str, str], None],
        *,
        in_order: bool,
        stood_in: Callable[[], bool],
    ) -> None:
        """Subscribe."""
        self._in_order = in_order
        self._stood_in = stood_in
        self._manager = manager
        self._complain = complain
        self._owners: list[QObject] = []
        self.proxies: list[QtWebSocketProxy] = []
        self.witnesses: dict[str, Witness] = {}
        self.gaps: list[Gap] = []
        names = ("list", "book", "tape", "chart", "account")
        list_, book, tape, chart, account = (self.add(name) for name in names)
        self._watch("ticker", list_.subscribe_ticker, MARKETS, snapshots=True)
        self._watch("orderbook", book.subscribe_orderbook, TRADED, snapshots=True)
        self._watch("trades", tape.subscribe_trade, TRADED, stream="realtime")
        self._watch("last trade", tape.subscribe_trade, MARKETS[2:], snapshots=True)
        self._watch("candles", chart.subscribe_candle, MARKETS[:1], snapshots=True)
        self._watch("seconds", chart.subscribe_candle, MARKETS[:1], snapshots=True, interval="1s")
        self._watch("orders", account.subscribe_my_order)
        self._watch("assets", account.subscribe_my_asset)

    def add(self, name: str) -> QtWebSocketProxy:
        """Add a component."""
        owner = QObject()
        self._owners.append(owner)
        proxy = QtWebSocketProxy(name, parent=owner, manager=self._manager)
        proxy.gap_detected.connect(self.gaps.append)
        self.proxies.append(proxy)
        return proxy

    def _watch(
        self,
        name: str,
        subscribe: Callable[..., Subscription],
        codes: tuple[str, ...] | None = None,
        *,
        snapshots: bool = False,
        stream: str = "both",
        **options: str,
    ) -> None:
        witness = Witness(name, self._complain, snapshots=snapshots, in_order=self._in_order, stood_in=self._stood_in)
        if codes is None:
            witness.subscription = subscribe(callback=witness)
        else:
            witness.subscription = subscribe(list(codes), callback=witness, stream=stream, **options)
        self.witnesses[name] = witness

    @property
    def subscriptions(self) -> list[Subscription]:
        """The lasting ones."""
        return [witness.subscription for witness in self.witnesses.values() if witness.subscription is not None]

    @property
    def sleeping(self) -> list[str]:
        """The names of the subscriptions that are not live."""
        return [
            name
            for name, witness in self.witnesses.items()
            if witness.subscription is None or witness.subscription.state is not SubscriptionState.LIVE
        ]

    def close(self) -> None:
        """Close the window."""
        self.proxies.clear()
        self._owners.clear()


class Churn:
    """A component that subscribes, swaps, cancels, dies and comes again, by the dice of a seed."""

    def __init__(self, manager: GlobalWebSocketManager, complain: Callable[[str, str], None], random: Random) -> None:
        """Want nothing yet."""
        self._manager = manager
        self._complain = complain
        self._random = random
        self._owner: QObject | None = None
        self._proxy: QtWebSocketProxy | None = None
        self.witnesses: list[Witness] = []

    def step(self) -> str:
        """Change something; return what."""
        dice = self._random
        codes = dice.sample(MARKETS, dice.randint(1, len(MARKETS)))
        open_ = [witness for witness in self.witnesses if _is_open(witness)]
        action = dice.choice(("subscribe", "swap", "cancel", "die"))
        if self._proxy is None or action == "subscribe" or not open_:
            if self._proxy is None:
                self._owner = QObject()
                self._proxy = QtWebSocketProxy("churn", parent=self._owner, manager=self._manager)
            witness = Witness("churn", self._complain, lasting=False)
            subscribe = dice.choice(
                (self._proxy.subscribe_ticker, self._proxy.subscribe_trade, self._proxy.subscribe_orderbook)
            )
            witness.subscription = subscribe(codes, callback=witness)
            self.witnesses.append(witness)
            return f"churn: subscribe {witness.subscription.spec.type} {codes}"
        chosen = dice.choice(open_).subscription
        assert chosen is not None
        if action == "swap":
            chosen.set_codes(codes)
        elif action == "cancel":
            chosen.cancel()
        else:
            self.close()
        return f"churn: {action} {chosen.spec.type} {codes if action == 'swap' else ''}"

    def close(self) -> None:
        """Die."""
        self._owner = self._proxy = None


def _is_open(witness: Witness) -> bool:
    return witness.subscription is not None and witness.subscription.state is not SubscriptionState.CLOSED

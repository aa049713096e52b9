"""Which components of the application receive how much."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PyQt6 import sip
from PyQt6.QtWidgets import QApplication

from upbit_qt_ws import QtWebSocketProxy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from upbit_qt_widgets.connection.health_reading import EventsReading
    from upbit_qt_ws import GlobalWebSocketManager

_LOOK_AGAIN: Final = 10
"""After so many readings the application is searched anew, also if nothing seems to have changed."""


class ComponentAccount(NamedTuple):
    """What became of the events of one component; ``received`` is always the sum of the other three.

    Attributes:
        key: tells components of the same name apart.
        name: of its proxy; empty for all that is not listed by itself.
        topics: how many it wants; None if that is not known.
        wants: what it is subscribed to, in words.
        received: events since it was made, as are the other figures.
        delivered: handed over.
        coalesced: replaced by newer ones before they were.
        dropped: lost for want of room, of somebody who sees them, or of a subscription.
    """

    key: str
    name: str
    topics: int | None
    wants: str
    received: int
    delivered: int
    coalesced: int
    dropped: int


class ComponentFinder:
    """Finds the proxies of a manager among the windows of the application.

    The manager does not list its proxies, so those that belong to no window of the application are not found; they are
    in the rest, see :func:`rest_of`.
    """

    def __init__(self, manager: GlobalWebSocketManager) -> None:
        """Search nothing yet."""
        self._manager = manager
        self._found: list[weakref.ref[QtWebSocketProxy]] = []
        self._seen: tuple[int, int] | None = None
        self._readings = 0

    def accounts(self) -> list[ComponentAccount]:
        """Return the accounts of the components that subscribe to something, by name."""
        registry = self._manager.registry
        now = (self._manager.watched_components, registry.ledger.revision)
        if now != self._seen or self._readings % _LOOK_AGAIN == 0:
            self._seen = now
            self._found = [weakref.ref(proxy) for proxy in self._search()]
        self._readings += 1
        accounts = [account_of(proxy) for proxy in self._alive() if proxy.subscriptions]
        return sorted(accounts, key=lambda account: account.name)

    def _alive(self) -> Iterator[QtWebSocketProxy]:
        for reference in self._found:
            proxy = reference()
            if proxy is not None and not sip.isdeleted(proxy):
                yield proxy

    def _search(self) -> list[QtWebSocketProxy]:
        application = QApplication.instance()
        roots = [*QApplication.topLevelWidgets(), *([application] if application is not None else [])]
        proxies = {address_of(proxy): proxy for root in roots for proxy in root.findChildren(QtWebSocketProxy)}
        return [proxy for proxy in proxies.values() if proxy.manager is self._manager]


def account_of(proxy: QtWebSocketProxy) -> ComponentAccount:
    """Return the sum of the accounts of a proxy's open subscriptions."""
    subscriptions = proxy.subscriptions
    topics = {topic for subscription in subscriptions for topic in subscription.spec.topics}
    figures = [sum(column) for column in zip(*(item.account for item in subscriptions), strict=True)] or [0] * 4
    wants = "\n".join(f"{item.spec.type} {', '.join(item.codes)}".strip() for item in subscriptions)
    received, delivered, coalesced, dropped = figures
    return ComponentAccount(
        str(address_of(proxy)), proxy.name, len(topics), wants, received, delivered, coalesced, dropped
    )


def rest_of(total: EventsReading, accounts: Iterable[ComponentAccount]) -> ComponentAccount | None:
    """Return what the total has that no listed component has; None if that is nothing.

    Those are components without a window, and subscriptions that have ended.
    """
    listed = tuple(accounts)
    rest = [
        getattr(total, field) - sum(getattr(account, field) for account in listed)
        for field in ("received", "delivered", "coalesced", "dropped")
    ]
    # Between two readings an event may be counted in one of them only.
    if min(rest) < 0 or not rest[0]:
        return None
    return ComponentAccount("", "", None, "", *rest)


def address_of(proxy: QtWebSocketProxy) -> int:
    """Return what tells one object from all others that live now."""
    address: Any = sip.unwrapinstance(proxy)  # type: ignore[func-returns-value] # The stub says that it returns None.
    return int(address)

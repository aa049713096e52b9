"""The physical clients: each keeps one socket of the exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from upbit_qt_ws.network.link import Link
from upbit_qt_ws.wire.topics import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.health.exchange_clock import ExchangeClock
    from upbit_qt_ws.health.status import LinkStatus
    from upbit_qt_ws.network.key_source import KeySource
    from upbit_qt_ws.network.link import Pacer
    from upbit_qt_ws.network.news import TopicNews
    from upbit_qt_ws.subscriptions.gaps import Refill


class UpbitWebSocketPublicClient(Link):
    """The socket of quotation data, which needs no keys. See :class:`Link` for the arguments."""

    def __init__(
        self,
        config: WebSocketConfig,
        mailbox: Mailbox,
        connects: Pacer,
        report_status: Callable[[LinkStatus], None],
        report_topics: Callable[[TopicNews], None],
        refill: Callable[[Refill], None],
        clock: ExchangeClock | None = None,
    ) -> None:
        """Open nothing before :meth:`run`."""
        url = config.public_url
        super().__init__(
            config, Endpoint.PUBLIC, url, mailbox, connects, None, report_status, report_topics, refill, clock
        )


class UpbitWebSocketPrivateClient(Link):
    """A socket that needs a token: that of the account, or that of indicators. See :class:`Link` for the arguments."""

    def __init__(
        self,
        config: WebSocketConfig,
        mailbox: Mailbox,
        connects: Pacer,
        keys: KeySource,
        report_status: Callable[[LinkStatus], None],
        report_topics: Callable[[TopicNews], None],
        refill: Callable[[Refill], None],
        endpoint: Literal[Endpoint.PRIVATE, Endpoint.INFO] = Endpoint.PRIVATE,
        clock: ExchangeClock | None = None,
    ) -> None:
        """Open nothing before :meth:`run`."""
        url = config.private_url if endpoint is Endpoint.PRIVATE else config.info_url
        super().__init__(config, endpoint, url, mailbox, connects, keys, report_status, report_topics, refill, clock)

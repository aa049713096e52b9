"""The ``subscribe_*`` methods: arguments to specifications, checked before anything else happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.subscriptions import SubscriptionSpec
from upbit_qt_ws.wire.indicators import parse_indicator, parse_signal
from upbit_qt_ws.wire.markets import parse_codes
from upbit_qt_ws.wire.topics import (
    Endpoint,
    Stream,
    endpoint_of,
    parse_category,
    parse_interval,
    parse_level,
    parse_units,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from upbit_qt_ws.delivery.backpressure import Policy
    from upbit_qt_ws.subscription import Subscription


def with_codes(spec: SubscriptionSpec, codes: str | Iterable[str] | None) -> SubscriptionSpec:
    """Return what ``spec`` asks for with other codes, or other categories of announcements.

    Raises:
        SubscriptionError: a code is misspelt, or the type has no codes.
    """
    if spec.type == "announcement":
        return msgspec.structs.replace(spec, codes=_parse_categories(codes))
    if spec.type == "myOrder":
        return msgspec.structs.replace(spec, codes=_parse_optional(codes))
    if spec.type == "myAsset":
        raise SubscriptionError("the own assets have no codes: they always are those of the whole account")
    if codes is None:
        raise SubscriptionError("no market code was given: write at least one, for example ['KRW-BTC']")
    listed = _krw_codes(codes) if endpoint_of(spec.type) is Endpoint.INFO else parse_codes(codes)
    return msgspec.structs.replace(spec, codes=listed, level=parse_level(spec.level, listed))


def _parse_optional(codes: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return codes, none of them for all."""
    if codes is None or (not isinstance(codes, str) and not (codes := tuple(codes))):
        return ()
    return parse_codes(codes)


def _parse_categories(categories: str | Iterable[str] | None) -> tuple[str, ...]:
    if categories is None:
        return ()
    listed = (categories,) if isinstance(categories, str) else tuple(categories)
    return tuple(dict.fromkeys(parse_category(category) for category in listed))


def _krw_codes(codes: str | Iterable[str]) -> tuple[str, ...]:
    listed = parse_codes(codes)
    for code in listed:
        if not code.startswith("KRW-"):
            raise SubscriptionError(f"indicators are served for KRW markets only, and {code!r} is not one")
    return listed


class SubscribeMethods:
    """The part of a proxy that subscribes."""

    def _subscribe(
        self,
        spec: SubscriptionSpec,
        callback: Callable[[Any], object] | None,
        error_handler: Callable[[Exception], object] | None,
        policy: Policy | None,
        concurrency: int,
    ) -> Subscription:
        raise NotImplementedError

    def subscribe_ticker(
        self,
        codes: str | Iterable[str],
        callback: Callable[[Any], object] | None = None,
        *,
        error_handler: Callable[[Exception], object] | None = None,
        policy: Policy | None = None,
        concurrency: int = 1,
        stream: str | Stream = "both",
    ) -> Subscription:
        """Subscribe to the tickers of some markets.

        Args:
            codes: market codes such as ``"KRW-BTC"``, one or many.
            callback: called with each :class:`TickerEvent`; sync, or async on the asyncio loop of the GUI thread.
            error_handler: called with what the callback raises; without one ``error_occurred`` is emitted.
            policy: what gives way when events come faster than they are taken: :func:`drop_oldest`,
                :func:`coalesce_by_symbol` or :func:`throttle`; None for that of the type, which is to coalesce tickers,
                order books and candles and to deliver everything else.
            concurrency: on how many events an async callback may work at once; with more than one, their order is lost.
            stream: ``"both"``, ``"snapshot"`` or ``"realtime"``.

        Raises:
            SubscriptionError: an argument is wrong, or the proxy was cleaned up.
            WrongThreadError: called outside the GUI thread.
        """
        return self._subscribe(_public("ticker", codes, stream), callback, error_handler, policy, concurrency)

    def subscribe_trade(
        self,
        codes: str | Iterable[str],
        callback: Callable[[Any], object] | None = None,
        *,
        error_handler: Callable[[Exception], object] | None = None,
        policy: Policy | None = None,
        concurrency: int = 1,
        stream: str | Stream = "both",
    ) -> Subscription:
        """Subscribe to the trades of some markets; each trade is delivered. See :meth:`subscribe_ticker`."""
        return self._subscribe(_public("trade", codes, stream), callback, error_handler, policy, concurrency)

    def subscribe_orderbook(
        self,
        codes: str | Iterable[str],
        callback: Callable[[Any], object] | None = None,
        *,
        level: float = 0,
        units: int = 30,
        error_handler: Callable[[Exception], object] | None = None,
        policy: Policy | None = None,
        concurrency: int = 1,
        stream: str | Stream = "both",
    ) -> Subscription:
        """Subscribe to the order books of some markets. See :meth:`subscribe_ticker`.

        Args:
            codes: market codes, one or many.
            callback: called with each :class:`OrderbookEvent`.
            level: price-grouping unit in KRW, 0 for none; only in KRW markets.
            units: depth: 1, 5, 15 or 30.
            error_handler: called with what the callback raises.
            policy: see :meth:`subscribe_ticker`.
            concurrency: likewise.
            stream: ``"both"``, ``"snapshot"`` or ``"realtime"``.
        """
        listed = parse_codes(codes)
        spec = SubscriptionSpec(
            "orderbook", listed, Stream.parse(stream), parse_units(units), parse_level(level, listed)
        )
        return self._subscribe(spec, callback, error_handler, policy, concurrency)

    def subscribe_candle(
        self,
        codes: str | Iterable[str],
        interval: str = "1m",
        callback: Callable[[Any], object] | None = None,
        *,
        error_handler: Callable[[Exception], object] | None = None,
        policy: Policy | None = None,
        concurrency: int = 1,
        stream: str | Stream = "both",
    ) -> Subscription:
        """Subscribe to the candles of some markets. See :meth:`subscribe_ticker`.

        Args:
            codes: market codes, one or many.
            interval: ``1s``, ``1m``, ``3m``, ``5m``, ``10m``, ``15m``, ``30m``, ``60m`` or ``240m``.
            callback: called with each :class:`CandleEvent`.
            error_handler: called with what the callback raises.
            policy: see :meth:`subscribe_ticker`.
            concurrency: likewise.
            stream: ``"both"``, ``"snapshot"`` or ``"realtime"``.
        """
        return self._subscribe(
            _public(parse_interval(interval), codes, stream), callback, error_handler, policy, concurrency
        )

    def subscribe_my_order(
        self,
        codes: str | Iterable[str] | None = None,
        callback: Callable[[Any], object] | None = None,
        *,
        error_handler: Callable[[Exception], object] | None = None,
        policy: Policy | None = None,
        concurrency: int = 1,
    ) -> Subscription:
        """Subscribe to the account's own orders; needs keys with the permission to view orders.

        Only changes are sent: what is open already is told by :meth:`get_my_order_snapshot`. See
        :meth:`subscribe_ticker` for what is raised.

        Args:
            codes: markets; None or none at all for every market.
            callback: called with each :class:`MyOrderEvent`.
            error_handler: called with what the callback raises.
            policy: see :meth:`subscribe_ticker`.
            concurrency: likewise.
        """
        spec = SubscriptionSpec("myOrder", _parse_optional(codes))
        return self._subscribe(spec, callback, error_handler, policy, concurrency)

    def subscribe_my_asset(
        self,
        callback: Callable[[Any], object] | None = None,
        *,
        error_handler: Callable[[Exception], object] | None = None,
        policy: Policy | None = None,
        concurrency: int = 1,
    ) -> Subscription:
        """Subscribe to the account's own balances; needs keys with the permission to view assets.

        Only changes are sent, and in an account that never used this stream not for the first minutes: the state now is
        told by :meth:`get_my_asset_snapshot`. See :meth:`subscribe_ticker` for what is raised.

        Args:
            callback: called with each :class:`MyAssetEvent`.
            error_handler: called with what the callback raises.
            policy: see :meth:`subscribe_ticker`.
            concurrency: likewise.
        """
        return self._subscribe(SubscriptionSpec("myAsset", ()), callback, error_handler, policy, concurrency)

    def subscribe_announcement(
        self,
        categories: str | Iterable[str] | None = None,
        callback: Callable[[Any], object] | None = None,
        *,
        include_body: bool = False,
        error_handler: Callable[[Exception], object] | None = None,
        policy: Policy | None = None,
        concurrency: int = 1,
    ) -> Subscription:
        """Subscribe to the exchange's announcements; needs keys, of any permission.

        See :meth:`subscribe_ticker` for what is raised.

        Args:
            categories: ``notice``, ``trade``, ``wallet``, ``maintenance``, ``digital_asset``, ``nft``, ``service``,
                ``event``; None for all.
            callback: called with each :class:`AnnouncementEvent`.
            include_body: have the text sent too, in Markdown. Others who share the stream see it as well; the exchange
                leaves out large ones.
            error_handler: called with what the callback raises.
            policy: see :meth:`subscribe_ticker`.
            concurrency: likewise.
        """
        spec = SubscriptionSpec("announcement", _parse_categories(categories), body=bool(include_body))
        return self._subscribe(spec, callback, error_handler, policy, concurrency)

    def subscribe_indicator(
        self,
        codes: str | Iterable[str],
        indicator: str,
        callback: Callable[[Any], object] | None = None,
        *,
        timeframe: str = "60m",
        params: Mapping[str, float | str] | None = None,
        error_handler: Callable[[Exception], object] | None = None,
        policy: Policy | None = None,
        concurrency: int = 1,
    ) -> Subscription:
        """Subscribe to a technical indicator, a value of which comes at the close of each candle; needs keys.

        See :meth:`subscribe_ticker` for what is raised.

        Args:
            codes: KRW markets, one or many. All indicators of the application together may be 100, markets times
                indicators.
            indicator: ``volume``, ``rsi``, ``moving_average``, ``ma_crossover``, ``bollinger_bands`` or ``macd``.
            callback: called with each :class:`IndicatorEvent`.
            timeframe: ``5m``, ``15m``, ``60m``, ``240m`` or ``1d``.
            params: for example ``{"period": 9}``; what is left out has the usual values (RSI 14, averages 20, crossover
                5 and 20, bands 20 and 2, MACD 12, 26 and 9). The exchange takes certain values only.
            error_handler: called with what the callback raises.
            policy: see :meth:`subscribe_ticker`.
            concurrency: likewise.
        """
        listed = _krw_codes(codes)
        spec = SubscriptionSpec(parse_indicator(timeframe, indicator, params).topic_type, listed)
        return self._subscribe(spec, callback, error_handler, policy, concurrency)

    def subscribe_indicator_signal(
        self,
        codes: str | Iterable[str],
        indicator: str,
        trigger: str,
        callback: Callable[[Any], object] | None = None,
        *,
        timeframe: str = "60m",
        params: Mapping[str, float | str] | None = None,
        event_params: Mapping[str, float | str] | None = None,
        error_handler: Callable[[Exception], object] | None = None,
        policy: Policy | None = None,
        concurrency: int = 1,
    ) -> Subscription:
        """Subscribe to an indicator's signals; see :meth:`subscribe_indicator`.

        One comes when the condition becomes true that was not. The callback gets :class:`IndicatorSignalEvent`.

        Args:
            codes: KRW markets, one or many.
            indicator: see :meth:`subscribe_indicator`.
            trigger: ``volume_spike`` of volume; ``overbought`` or ``oversold`` of rsi; ``price_cross_above`` or
                ``price_cross_below`` of a moving average or Bollinger bands; ``golden_cross`` or ``dead_cross`` of a
                crossover or MACD, and ``zero_cross_above`` or ``zero_cross_below`` of MACD.
            callback: called with each event.
            timeframe: ``5m``, ``15m``, ``60m``, ``240m`` or ``1d``.
            params: of the indicator.
            event_params: of the trigger: ``multiplier`` of a volume spike, ``threshold`` of overbought and oversold.
            error_handler: called with what the callback raises.
            policy: see :meth:`subscribe_ticker`.
            concurrency: likewise.
        """
        listed = _krw_codes(codes)
        signal = parse_signal(timeframe, indicator, trigger, params, event_params)
        return self._subscribe(
            SubscriptionSpec(signal.topic_type, listed), callback, error_handler, policy, concurrency
        )


def _public(kind: str, codes: str | Iterable[str], stream: str | Stream) -> SubscriptionSpec:
    return SubscriptionSpec(kind, parse_codes(codes), Stream.parse(stream))

"""The server's own strict reading of a WebSocket request; it shares nothing with the client's writer."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from upbit_qt_ws.testing.candles import WEBSOCKET_INTERVALS
from upbit_qt_ws.testing.frames import StreamFormat
from upbit_qt_ws.testing.indicator_specs import MOST_COMBINATIONS, TIMEFRAMES, IndicatorSpec, read_specs
from upbit_qt_ws.testing.numbers import from_float
from upbit_qt_ws.testing.refusals import RequestRefused

if TYPE_CHECKING:
    from upbit_qt_ws.testing.coins import Region

PUBLIC_TYPES: Final = frozenset({"ticker", "trade", "orderbook", *(f"candle.{name}" for name in WEBSOCKET_INTERVALS)})
PRIVATE_TYPES: Final = frozenset({"myOrder", "myAsset", "announcement"})
INFO_TYPES: Final = frozenset({"indicator", "indicator_signal"})
CATEGORIES: Final = ("notice", "trade", "wallet", "maintenance", "digital_asset", "nft", "service", "event")
"""Kinds of announcements on their reference page. [A]"""
SDK_CATEGORIES: Final = ("note", "trading", "airdrop", "feature", "disclosure")
"""Further ones that the official SDK knows; the general guide has ``trading`` in an example. [A, contradictory]"""
LIST_SUBSCRIPTIONS: Final = "LIST_SUBSCRIPTIONS"


class TypeRequest(NamedTuple):
    """One type object. ``level`` is in units of 1e-8; codes are as written, with their suffix, without repeats.

    The other fields belong to indicators and announcements; no categories means all of them.
    """

    type: str
    codes: tuple[str, ...]
    level: int
    snapshot: bool
    realtime: bool
    timeframe: str = ""
    indicators: tuple[IndicatorSpec, ...] = ()
    categories: tuple[str, ...] = ()
    include_body: bool = False


class Request(NamedTuple):
    """One valid request: type objects or a method, and a format (None when it has none)."""

    ticket: str
    types: tuple[TypeRequest, ...]
    method: str | None
    format: StreamFormat | None


class Grammar(NamedTuple):
    """What a request may say, as far as that is a matter of options.

    Attributes:
        level: accept the ``level`` of an order book.
        camel_case_flags: accept ``isOnlySnapshot`` and ``isOnlyRealtime`` as well.
        sdk_categories: accept the categories of announcements that only the SDK knows.
        any_indicator_value: accept every positive parameter of an indicator, not only the documented ones.
    """

    level: bool = True
    camel_case_flags: bool = True
    sdk_categories: bool = False
    any_indicator_value: bool = False


def parse_request(
    text: str | bytes,
    *,
    private: bool,
    info: bool = False,
    region: Region = "kr",
    camel_case_flags: bool = True,
    grammar: Grammar | None = None,
) -> Request:
    """Read one request.

    Args:
        text: the frame.
        private: whether it came in on the private path.
        info: whether it came in on the path of the indicators.
        region: the Indonesian exchange refuses ``level``.
        camel_case_flags: accept ``isOnlySnapshot`` and ``isOnlyRealtime`` as well.
        grammar: such options all at once; None takes ``region`` and ``camel_case_flags``.

    Raises:
        RequestRefused: with the name of the error frame that the exchange sends.
    """
    elements = _elements(text)
    ticket: str | None = None
    method: str | None = None
    form: StreamFormat | None = None
    types: list[dict[str, Any]] = []
    stray = False
    # The format is documented as the last element, but was served in second place too.
    for element in elements:
        if "type" in element:
            types.append(element)
        elif "ticket" in element:
            ticket = _string(element["ticket"], "NO_TICKET")
        elif "method" in element:
            method = _string(element["method"], "WRONG_FORMAT")
        elif "format" in element:
            form = _format(element["format"])
        else:
            stray = True
    if ticket is None:
        raise RequestRefused("NO_TICKET")
    if stray or (not types and method is None):
        raise RequestRefused("NO_TYPE")
    if method is not None and method != LIST_SUBSCRIPTIONS:
        raise RequestRefused("INVALID_PARAM", method)
    reader = _TypeReader(
        PRIVATE_TYPES if private else INFO_TYPES if info else PUBLIC_TYPES,
        grammar if grammar is not None else Grammar(level=region != "id", camel_case_flags=camel_case_flags),
    )
    requests = tuple(reader.read(element) for element in types)
    if sum(len(request.codes) * len(request.indicators) for request in requests) > MOST_COMBINATIONS:
        raise RequestRefused("TOO_MANY_REQUEST")
    return Request(ticket, requests, method, form)


def _elements(text: str | bytes) -> list[dict[str, Any]]:
    try:
        value = json.loads(text)
    except ValueError:
        raise RequestRefused("WRONG_FORMAT") from None
    if not isinstance(value, list) or not all(isinstance(element, dict) for element in value):
        raise RequestRefused("WRONG_FORMAT")
    return value


def _string(value: object, error: str) -> str:
    if not isinstance(value, str) or not value:
        raise RequestRefused(error)
    return value


def _format(value: object) -> StreamFormat:
    try:
        return StreamFormat(value)
    except ValueError:
        raise RequestRefused("WRONG_FORMAT") from None


class _TypeReader:
    """Reads the type objects of one request."""

    def __init__(self, types: frozenset[str], grammar: Grammar) -> None:
        self._types = types
        self._grammar = grammar

    def read(self, element: dict[str, Any]) -> TypeRequest:
        name = element["type"]
        if not isinstance(name, str):
            raise RequestRefused("WRONG_FORMAT")
        if name not in self._types:
            needs_token = name in PRIVATE_TYPES or name in INFO_TYPES
            public = self._types is PUBLIC_TYPES
            raise RequestRefused("INVALID_AUTH" if needs_token and public else "INVALID_PARAM", name)
        codes = self._codes(name, element)
        snapshot_only = self._flag(element, "is_only_snapshot", "isOnlySnapshot")
        realtime_only = self._flag(element, "is_only_realtime", "isOnlyRealtime")
        # Both flags at once are undocumented; the one that promises less wins.
        request = TypeRequest(
            name,
            codes,
            self._level(element) if name == "orderbook" else 0,
            snapshot=(snapshot_only or not realtime_only) and name in PUBLIC_TYPES,
            realtime=not snapshot_only,
        )
        if name in INFO_TYPES:
            return self._with_indicators(request, element)
        return self._with_categories(request, element) if name == "announcement" else request

    def _with_indicators(self, request: TypeRequest, element: dict[str, Any]) -> TypeRequest:
        timeframe = element.get("timeframe")
        if timeframe not in TIMEFRAMES:
            raise RequestRefused("INVALID_PARAM", str(timeframe))
        signal = request.type == "indicator_signal"
        specs = read_specs(element.get("indicators"), signal=signal, any_value=self._grammar.any_indicator_value)
        return request._replace(timeframe=timeframe, indicators=specs)

    def _with_categories(self, request: TypeRequest, element: dict[str, Any]) -> TypeRequest:
        categories = element.get("categories", [])
        if not isinstance(categories, list):
            raise RequestRefused("WRONG_FORMAT")
        known = (*CATEGORIES, *(SDK_CATEGORIES if self._grammar.sdk_categories else ()))
        for category in categories:
            if category not in known:
                raise RequestRefused("INVALID_PARAM", str(category))
        include_body = self._flag(element, "include_body", "includeBody")
        return request._replace(categories=tuple(categories), include_body=include_body)

    def _codes(self, name: str, element: dict[str, Any]) -> tuple[str, ...]:
        codes = element.get("codes")
        if name in ("myAsset", "announcement"):
            if name == "myAsset" and "codes" in element:
                raise RequestRefused("WRONG_FORMAT")
            return ()
        if codes is None or (codes == [] and name != "myOrder"):
            if name == "myOrder" and "codes" not in element:
                return ()
            raise RequestRefused("NO_CODES")
        if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
            raise RequestRefused("WRONG_FORMAT")
        return tuple(dict.fromkeys(codes))

    def _flag(self, element: dict[str, Any], name: str, old_name: str) -> bool:
        value = element.get(name, element.get(old_name, False) if self._grammar.camel_case_flags else False)
        if not isinstance(value, bool):
            raise RequestRefused("WRONG_FORMAT")
        return value

    def _level(self, element: dict[str, Any]) -> int:
        if "level" not in element:
            return 0
        if not self._grammar.level:
            raise RequestRefused("WRONG_FORMAT")
        level = element["level"]
        if isinstance(level, bool) or not isinstance(level, int | float | str):
            raise RequestRefused("WRONG_FORMAT")
        try:
            value = float(level)
        except ValueError:
            raise RequestRefused("WRONG_FORMAT") from None
        if not math.isfinite(value):
            raise RequestRefused("WRONG_FORMAT")
        return from_float(value)

"""The server's own strict reading of a WebSocket request; it shares nothing with the client's writer."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from upbit_qt_ws.testing.candles import WEBSOCKET_INTERVALS
from upbit_qt_ws.testing.encode import StreamFormat
from upbit_qt_ws.testing.numbers import from_float

if TYPE_CHECKING:
    from upbit_qt_ws.testing.coins import Region

PUBLIC_TYPES: Final = frozenset({"ticker", "trade", "orderbook", *(f"candle.{name}" for name in WEBSOCKET_INTERVALS)})
PRIVATE_TYPES: Final = frozenset({"myOrder", "myAsset"})
LIST_SUBSCRIPTIONS: Final = "LIST_SUBSCRIPTIONS"

# Korean texts as recorded, except those of NO_TYPE and NO_CODES, which were never captured; English ones as
# recorded on the Indonesian exchange, except NO_TYPE and INVALID_AUTH.
_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "WRONG_FORMAT": ("Format 이 맞지 않습니다.", "Requested using wrong format."),
    "NO_TICKET": ("티켓이 존재하지 않거나, 유효하지 않습니다.", "Ticket field must be contained."),
    "NO_TYPE": ("type 필드가 존재하지 않습니다.", "type field not exists."),
    "NO_CODES": ("codes 필드가 존재하지 않습니다.", "codes field not exists."),
    "INVALID_PARAM": ("{} 은 지원하지 않는 타입입니다.", "type {} is not supported."),
    "out_of_scope": ("허용되지 않은 기능입니다.", "This feature is not allowed."),
    "INVALID_AUTH": ("인증 정보가 올바르지 않습니다.", "Authentication information is not valid."),
}
_MESSAGE_FIRST: Final = frozenset({"INVALID_PARAM", "WRONG_FORMAT"})


class RequestRefused(Exception):
    """A request that the exchange answers with an error frame.

    Attributes:
        name: ``error.name``.
    """

    def __init__(self, name: str, subject: str = "") -> None:
        """Keep the name and what the message is about, for example an unknown type."""
        super().__init__(name)
        self.name = name
        self.subject = subject

    def frame(self, region: Region) -> str:
        """Return the error as JSON; the order of its two keys varies by error, as recorded."""
        korean, english = _MESSAGES.get(self.name, ("요청 수 제한을 초과했습니다.", "Too many API requests."))
        message = (korean if region == "kr" else english).format(self.subject)
        pairs = {"name": self.name, "message": message}
        if self.name in _MESSAGE_FIRST:
            pairs = {"message": message, "name": self.name}
        return json.dumps({"error": pairs}, ensure_ascii=False, separators=(",", ":"))


class TypeRequest(NamedTuple):
    """One type object. ``level`` is in units of 1e-8; codes are as written, with their suffix, without repeats."""

    type: str
    codes: tuple[str, ...]
    level: int
    snapshot: bool
    realtime: bool


class Request(NamedTuple):
    """One valid request: type objects or a method, and a format (None when it has none)."""

    ticket: str
    types: tuple[TypeRequest, ...]
    method: str | None
    format: StreamFormat | None


def parse_request(text: str | bytes, *, private: bool, region: Region = "kr", camel_case_flags: bool = True) -> Request:
    """Read one request.

    Args:
        text: the frame.
        private: whether it came in on the private path.
        region: the Indonesian exchange refuses ``level``.
        camel_case_flags: accept ``isOnlySnapshot`` and ``isOnlyRealtime`` as well.

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
    reader = _TypeReader(private=private, region=region, camel_case_flags=camel_case_flags)
    return Request(ticket, tuple(reader.read(element) for element in types), method, form)


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

    def __init__(self, *, private: bool, region: Region, camel_case_flags: bool) -> None:
        self._private = private
        self._region = region
        self._camel_case = camel_case_flags

    def read(self, element: dict[str, Any]) -> TypeRequest:
        name = element["type"]
        if not isinstance(name, str):
            raise RequestRefused("WRONG_FORMAT")
        if name in PRIVATE_TYPES and not self._private:
            raise RequestRefused("INVALID_AUTH")
        if name not in (PRIVATE_TYPES if self._private else PUBLIC_TYPES):
            raise RequestRefused("INVALID_PARAM", name)
        codes = self._codes(name, element)
        snapshot_only = self._flag(element, "is_only_snapshot", "isOnlySnapshot")
        realtime_only = self._flag(element, "is_only_realtime", "isOnlyRealtime")
        # Both flags at once are undocumented; the one that promises less wins.
        return TypeRequest(
            name,
            codes,
            self._level(element) if name == "orderbook" else 0,
            snapshot=(snapshot_only or not realtime_only) and name not in PRIVATE_TYPES,
            realtime=not snapshot_only,
        )

    def _codes(self, name: str, element: dict[str, Any]) -> tuple[str, ...]:
        codes = element.get("codes")
        if name == "myAsset":
            if "codes" in element:
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
        value = element.get(name, element.get(old_name, False) if self._camel_case else False)
        if not isinstance(value, bool):
            raise RequestRefused("WRONG_FORMAT")
        return value

    def _level(self, element: dict[str, Any]) -> int:
        if "level" not in element:
            return 0
        if self._region == "id":
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

"""Error frames: what a refused request is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from upbit_qt_ws.testing.coins import Region

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

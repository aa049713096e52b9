"""What the exchange says when it refuses keys or a token, what to do about it, and whether a new token may help. Pure.

The names come from Upbit's pages on authentication and on REST errors, and from the error table of the WebSocket.
They arrive as ``error.name`` with status 401 or 403, or in an error frame; Upbit asks programs to branch on the name.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from upbit_qt_ws.errors import AuthError
from upbit_qt_ws.wire.text import one_line

Language = Literal["en", "ko"]
"""A language that hints are written in."""


class AuthProblem(StrEnum):
    """Why the exchange, or this program, cannot use a pair of keys; the value is the exchange's own name.

    The last three are this program's own: there are no keys, they could not be read, or the name is unknown.
    """

    INVALID_QUERY_PAYLOAD = "invalid_query_payload"
    JWT_VERIFICATION = "jwt_verification"
    EXPIRED_ACCESS_KEY = "expired_access_key"
    NONCE_USED = "nonce_used"
    NO_AUTHORIZATION_IP = "no_authorization_ip"
    NO_AUTHORIZATION_TOKEN = "no_authorization_token"
    INVALID_ACCESS_KEY = "invalid_access_key"
    OUT_OF_SCOPE = "out_of_scope"
    OPEN_API_WITHDRAW_LOCKED = "open_api_withdraw_locked"
    INVALID_AUTH = "INVALID_AUTH"
    NO_KEYS = "no_keys"
    KEYS_UNREADABLE = "keys_unreadable"
    UNKNOWN = "unknown"

    @property
    def transient(self) -> bool:
        """Whether a new token, or reading the keys again, may help; else only the user can mend it."""
        return self in _TRANSIENT

    @property
    def concerns_one_call(self) -> bool:
        """Whether it is about what one REST call asked for; other calls with the same keys may still be allowed."""
        return self in _OF_ONE_CALL

    def hint(self, language: Language = "en") -> str:
        """Return what to do about it, in plain words."""
        english, korean = _HINTS[self]
        return korean if language == "ko" else english


def problem_of(name: str, status: int | None = None) -> AuthProblem:
    """Return the problem that an answer of the exchange stands for.

    Args:
        name: ``error.name``; empty when the answer had none.
        status: the HTTP status; None for an error frame of the WebSocket.
    """
    if name in _WIRE_NAMES:
        return _WIRE_NAMES[name]
    if status == 401 and not name:
        # A handshake refused without a readable body says as much as the error frame INVALID_AUTH.
        return AuthProblem.INVALID_AUTH
    return AuthProblem.UNKNOWN


def problem_in(error: AuthError) -> AuthProblem:
    """Return the problem that an error tells of: the exchange's, or one that was found before it was asked."""
    return AuthProblem(error.name) if error.name in _OWN else problem_of(error.name)


def error_of(name: str, status: int | None, message: str, *, language: Language = "en") -> AuthError:
    """Return the error to raise for an answer of the exchange.

    Its hint is also a note of the exception, so that a traceback shows the way out.

    Args:
        name: ``error.name``; empty when the answer had none.
        status: the HTTP status; None for an error frame of the WebSocket.
        message: ``error.message``; what is shown of it is one line.
        language: the language of the hint.
    """
    hint = problem_of(name, status).hint(language)
    said = one_line(
        ", ".join(part for part in (name, "" if status is None else f"HTTP {status}", message) if part), 160
    )
    error = AuthError(f"the exchange refused the keys: {said or 'it gave no reason'}", name=name, hint=hint)
    error.add_note(hint)
    return error


_OWN: Final = frozenset({AuthProblem.NO_KEYS, AuthProblem.KEYS_UNREADABLE, AuthProblem.UNKNOWN})
_WIRE_NAMES: Final = {problem.value: problem for problem in AuthProblem if problem not in _OWN} | {
    "no_authorization_i_p": AuthProblem.NO_AUTHORIZATION_IP,  # So in older documentation and in pyupbit.
}
# INVALID_AUTH is the one answer of the WebSocket for every cause, a used nonce among them.
_TRANSIENT: Final = frozenset(
    {
        AuthProblem.NONCE_USED,
        AuthProblem.NO_AUTHORIZATION_TOKEN,
        AuthProblem.INVALID_AUTH,
        AuthProblem.KEYS_UNREADABLE,
        AuthProblem.UNKNOWN,
    }
)
_OF_ONE_CALL: Final = frozenset(
    {AuthProblem.INVALID_QUERY_PAYLOAD, AuthProblem.OUT_OF_SCOPE, AuthProblem.OPEN_API_WITHDRAW_LOCKED}
)
_HINTS: Final = {
    AuthProblem.INVALID_QUERY_PAYLOAD: (
        "The hash in the token does not fit the call: hash the query as it is sent, in the same order and not "
        "percent-encoded.",
        "토큰의 해시가 요청과 맞지 않습니다. 보내는 순서 그대로, 퍼센트 인코딩하지 않은 쿼리 문자열을 해시하세요.",
    ),
    AuthProblem.JWT_VERIFICATION: (
        "The signature is wrong: copy the secret key again, it must belong to this access key. The computer's clock "
        "plays no part, since a token holds no time.",
        "서명이 올바르지 않습니다. 이 Access Key와 한 쌍인 Secret Key를 다시 복사해 넣으세요. "
        "토큰에는 시각이 없으므로 컴퓨터 시계와는 관계가 없습니다.",
    ),
    AuthProblem.EXPIRED_ACCESS_KEY: (
        "The key has expired: make a new one on Upbit's Open API page and put it in the place of this one.",
        "키의 유효 기간이 끝났습니다. 업비트 Open API 관리 페이지에서 새 키를 발급받아 교체하세요.",
    ),
    AuthProblem.NONCE_USED: (
        "A nonce came twice: a token with a new one is tried by itself. If it persists, look for a proxy that repeats "
        "requests.",
        "같은 nonce가 두 번 사용되었습니다. 새 nonce로 만든 토큰으로 자동으로 다시 시도합니다. "
        "계속되면 요청을 되풀이하는 프록시가 있는지 확인하세요.",
    ),
    AuthProblem.NO_AUTHORIZATION_IP: (
        "The public IP address of this computer is not allowed for the key: add it on Upbit's Open API page, which "
        "takes up to 10, and use a connection with a fixed address.",
        "이 컴퓨터의 공인 IP 주소가 키에 허용되어 있지 않습니다. 업비트 Open API 관리 페이지에서 "
        "허용 IP(최대 10개)에 추가하고, 고정 IP를 사용하세요.",
    ),
    AuthProblem.NO_AUTHORIZATION_TOKEN: (
        "The token did not arrive: a new one is tried by itself. If it persists, look for a proxy that removes the "
        "header Authorization.",
        "토큰이 도착하지 않았습니다. 새 토큰으로 자동으로 다시 시도합니다. "
        "계속되면 Authorization 헤더를 지우는 프록시가 있는지 확인하세요.",
    ),
    AuthProblem.INVALID_ACCESS_KEY: (
        "The exchange does not know the access key: copy it again, or make a new key on Upbit's Open API page if it "
        "was deleted.",
        "거래소에 없는 Access Key입니다. 다시 복사해 넣거나, 삭제된 키라면 업비트 Open API 관리 페이지에서 "
        "새 키를 발급받으세요.",
    ),
    AuthProblem.OUT_OF_SCOPE: (
        "The key lacks a permission: on Upbit's Open API page give it 자산조회 (view assets) for myAsset and balances, "
        "주문조회 (view orders) for myOrder and orders.",
        "키에 필요한 권한이 없습니다. 업비트 Open API 관리 페이지에서 myAsset과 잔고에는 자산조회, "
        "myOrder와 주문에는 주문조회 권한을 주세요.",
    ),
    AuthProblem.OPEN_API_WITHDRAW_LOCKED: (
        "Withdrawals over the Open API are locked for this account: unlock them on Upbit's web site.",
        "이 계정은 Open API 출금이 잠겨 있습니다. 업비트 웹사이트에서 잠금을 해제하세요.",
    ),
    AuthProblem.INVALID_AUTH: (
        "The exchange refused the token without a reason: a new one is tried by itself. If it persists, check both "
        "keys, their expiry and the allowed IP addresses on Upbit's Open API page.",
        "거래소가 이유를 밝히지 않고 토큰을 거부했습니다. 새 토큰으로 자동으로 다시 시도합니다. 계속되면 두 키와 "
        "유효 기간, 허용 IP를 업비트 Open API 관리 페이지에서 확인하세요.",
    ),
    AuthProblem.NO_KEYS: (
        "Set the environment variables UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY, or put the keys into the key ring of the "
        "operating system. Public data needs no keys.",
        "환경 변수 UPBIT_ACCESS_KEY와 UPBIT_SECRET_KEY를 설정하거나 운영체제의 키 링에 키를 저장하세요. "
        "공개 시세에는 키가 필요 없습니다.",
    ),
    AuthProblem.KEYS_UNREADABLE: (
        "The keys could not be read: unlock the key ring of the operating system, or set the environment variables "
        "UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY.",
        "키를 읽을 수 없습니다. 운영체제의 키 링 잠금을 풀거나 환경 변수 UPBIT_ACCESS_KEY와 "
        "UPBIT_SECRET_KEY를 설정하세요.",
    ),
    AuthProblem.UNKNOWN: (
        "The exchange refused the keys for a reason unknown to this program: read its message, and check the key on "
        "Upbit's Open API page.",
        "이 프로그램이 모르는 이유로 거래소가 키를 거부했습니다. 거래소의 메시지를 읽고 업비트 Open API 관리 "
        "페이지에서 키를 확인하세요.",
    ),
}

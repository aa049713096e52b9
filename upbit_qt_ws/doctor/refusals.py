"""What to say of an error of the exchange: too many calls, refused keys, no answer. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from upbit_qt_ws.doctor.results import Finding, Outcome, Text, same
from upbit_qt_ws.errors import AuthError, RateLimitedError, RestError, WebSocketConnectionError
from upbit_qt_ws.wire.auth_errors import error_of, problem_of

if TYPE_CHECKING:
    from upbit_qt_ws.errors import UpbitQtError

UNTRUSTED: Final = Text(
    "The certificate is not trusted. If its issuer is an antivirus or a proxy of your company, install the issuer's "
    "certificate into the system, or name it in SSL_CERT_FILE, or exempt the address from inspection. If the clock "
    "is wrong, set it. On macOS with the Python of python.org, run its Install Certificates.command. Never switch the "
    "check off.",
    "인증서를 신뢰할 수 없습니다. 발급자가 백신이나 회사 프록시라면 그 발급자 인증서를 시스템에 설치하거나 "
    "SSL_CERT_FILE에 지정하거나 이 주소를 검사에서 제외하세요. 컴퓨터 시계가 틀리면 맞추세요. macOS에서 "
    "python.org의 Python을 쓴다면 Install Certificates.command를 실행하세요. 인증서 검사는 절대로 끄지 마세요.",
)
"""What to do about a certificate that is not trusted."""

_UNTRUSTED_MARK: Final = "CERTIFICATE_VERIFY_FAILED"
_TOO_MANY: Final = 429
_BLOCKED: Final = 418
_UNAUTHORIZED: Final = (401, 403)
_NO_ANSWER: Final = Text(
    "Try again in a minute, and see Upbit's announcements of maintenance. If a browser on this computer can open "
    "upbit.com, look for a firewall or a proxy that treats programs differently.",
    "1분 뒤에 다시 해 보고 업비트 점검 공지를 확인하세요. 이 컴퓨터의 브라우저로 upbit.com이 열린다면 프로그램만 막는 "
    "방화벽이나 프록시가 있는지 확인하세요.",
)


def refused_finding(error: UpbitQtError) -> Finding:
    """Return what to say of a refusal that is not about keys, or of an answer that did not come."""
    status = error.status if isinstance(error, RestError | WebSocketConnectionError) else None
    wait = error.retry_after if isinstance(error, RateLimitedError | WebSocketConnectionError) else 0.0
    if status == _BLOCKED:
        advice = Text(
            f"418: the exchange blocks this IP address for {wait:.0f} s, because calls went on after 429. Stop every "
            "program that calls Upbit from this address until then; each further call makes the block longer.",
            f"418: 429 이후에도 호출이 계속되어 거래소가 이 IP 주소를 {wait:.0f}초 동안 차단했습니다. 그때까지 이 "
            "주소에서 업비트를 호출하는 프로그램을 모두 멈추세요. 호출할수록 차단이 길어집니다.",
        )
    elif status == _TOO_MANY:
        advice = Text(
            f"429: too many calls in this second from this IP address or account; wait {wait:.0f} s. Another program "
            "shares the limit: slow it down, since going on leads to a block (418).",
            f"429: 이 IP 주소나 계정의 초당 호출 한도를 넘었습니다. {wait:.0f}초 기다리세요. 다른 프로그램이 한도를 "
            "함께 쓰고 있으니 늦추세요. 계속하면 차단(418)됩니다.",
        )
    elif isinstance(error, WebSocketConnectionError) and status in _UNAUTHORIZED:
        return auth_finding(error_of(error.name, status, str(error)))
    elif _UNTRUSTED_MARK in str(error):
        # The sockets and REST do not look for trusted authorities in the same places on every system.
        advice = UNTRUSTED
    else:
        advice = _NO_ANSWER
    return Finding(Outcome.FAILED, same(str(error)), advice, refused_for_now=status in (_TOO_MANY, _BLOCKED))


def auth_finding(error: AuthError) -> Finding:
    """Return what to say of refused keys; a permission that one call lacks leaves them usable for others."""
    problem = problem_of(error.name, 401)
    advice = Text(problem.hint("en"), problem.hint("ko"))
    outcome = Outcome.WARNING if problem.concerns_one_call else Outcome.FAILED
    return Finding(outcome, same(str(error)), advice)

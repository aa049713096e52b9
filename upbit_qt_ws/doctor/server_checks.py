"""Checks of the way to the servers: their names, TCP and TLS."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.doctor.certificate import read_certificate
from upbit_qt_ws.doctor.refusals import UNTRUSTED
from upbit_qt_ws.doctor.results import Finding, Outcome, Text, same
from upbit_qt_ws.doctor.visit import in_thread
from upbit_qt_ws.network.tls import client_context

if TYPE_CHECKING:
    from upbit_qt_ws.doctor.visit import Server, Visit

_INTERCEPTORS: Final = (
    "adguard", "ahnlab", "avast", "avg ", "bitdefender", "blue coat", "burp", "charles proxy", "checkpoint", "cisco",
    "eset", "fiddler", "fortinet", "kaspersky", "mcafee", "mitmproxy", "netskope", "norton", "palo alto", "portswigger",
    "softcamp", "somansa", "sophos", "squid", "symantec web", "zscaler",
)  # fmt: skip
"""Words in the name of those who sign certificates to read what is encrypted, in lower case."""

_FEW_DAYS: Final = 3
_LOOK_UP: Final = Text(
    "The name cannot be resolved: check that this computer is online, its DNS server, a VPN, and the spelling of the "
    "address.",
    "이름을 IP 주소로 바꿀 수 없습니다. 인터넷 연결, DNS 서버, VPN 설정과 주소의 철자를 확인하세요.",
)
_REACH: Final = Text(
    "The server cannot be reached: check the address and port, and whether a firewall, a VPN or a company network "
    "blocks port 443.",
    "서버에 연결할 수 없습니다. 주소와 포트를 확인하고, 방화벽·VPN·회사 네트워크가 443 포트를 막는지 확인하세요.",
)
_INTERCEPTED: Final = Text(
    "An antivirus or a proxy reads this connection. It works, but your keys pass through it: exempt the address from "
    "inspection if you can.",
    "백신이나 프록시가 이 연결을 들여다봅니다. 동작은 하지만 키가 그곳을 지나갑니다. 가능하면 이 주소를 검사에서 "
    "제외하세요.",
)
_EXPIRES: Final = Text(
    "The certificate ends within days. If it persists, check this computer's clock.",
    "인증서가 며칠 안에 만료됩니다. 계속되면 컴퓨터 시계를 확인하세요.",
)
_BY_PROXY: Final = Text(
    "Connections go through the proxy of the system, so that this need not work; see the checks below.",
    "시스템 프록시를 거쳐 연결하므로 이 항목은 실패해도 괜찮습니다. 아래 검사를 보세요.",
)


async def check_dns(visit: Visit) -> Finding:
    """Look up every server."""
    shown: list[str] = []
    for host in dict.fromkeys(server.host for server in visit.servers):
        started = time.monotonic()
        try:
            found = await in_thread(partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            return _unless_proxy(visit, Finding(Outcome.FAILED, same(f"{host}: {error}"), _LOOK_UP))
        addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
        shown.append(f"{host} → {', '.join(addresses)} ({_ms(started)})")
    return Finding(Outcome.OK, same("; ".join(shown)))


async def check_tls(visit: Visit) -> Finding:
    """Connect to every server, and look at its certificate."""
    worst = Finding(Outcome.OK, same(""))
    shown: list[Text] = []
    for server in visit.servers:
        finding = await _check_server(server)
        if finding.outcome is Outcome.FAILED:
            return _unless_proxy(visit, finding)
        if finding.outcome is Outcome.WARNING:
            worst = finding
        shown.append(finding.figure)
    figure = Text("; ".join(text.en for text in shown), "; ".join(text.ko for text in shown))
    return worst._replace(figure=figure)


async def _check_server(server: Server) -> Finding:
    started = time.monotonic()
    try:
        context = await client_context() if server.secure else None
        _, writer = await asyncio.open_connection(server.host, server.port, ssl=context)
    except ssl.SSLCertVerificationError as error:
        issuer = await _issuer_unverified(server)
        return Finding(
            Outcome.FAILED,
            Text(
                f"{server}: {error.verify_message}; issued by {issuer or 'an unknown issuer'}",
                f"{server}: {error.verify_message}; 발급자 {issuer or '알 수 없음'}",
            ),
            UNTRUSTED,
        )
    except OSError as error:
        return Finding(Outcome.FAILED, same(f"{server}: {error.strerror or error}"), _REACH)
    took = _ms(started)
    tls = writer.get_extra_info("ssl_object")
    try:
        if tls is None:
            return Finding(
                Outcome.OK,
                Text(f"{server} unencrypted on this computer ({took})", f"{server} 이 컴퓨터 안, 암호화 없음 ({took})"),
            )
        return judge_certificate(server, tls.getpeercert(binary_form=True), f"{tls.version()}, {took}")
    finally:
        await _close(writer)


def judge_certificate(server: Server, der: bytes, how: str, now: datetime.datetime | None = None) -> Finding:
    """Return what to say of a trusted certificate.

    Args:
        server: whose it is.
        der: the certificate.
        how: version of TLS and time, to be shown.
        now: the time; None for that of this computer.
    """
    try:
        certificate = read_certificate(der)
    except ValueError as error:
        return Finding(Outcome.WARNING, same(f"{server} {how}: {error}"), UNTRUSTED)
    left = (certificate.expires - (now or datetime.datetime.now(datetime.UTC))).days
    until = f"{certificate.expires:%Y-%m-%d}"
    figure = Text(
        f"{server} {how}, issued by {certificate.issuer}, valid until {until} ({left} days)",
        f"{server} {how}, 발급자 {certificate.issuer}, {until}까지 유효 ({left}일)",
    )
    if any(word in f"{certificate.issuer.lower()} " for word in _INTERCEPTORS):
        return Finding(Outcome.WARNING, figure, _INTERCEPTED)
    if left < _FEW_DAYS:
        return Finding(Outcome.WARNING, figure, _EXPIRES)
    return Finding(Outcome.OK, figure)


async def _issuer_unverified(server: Server) -> str:
    """Return who issued a certificate that is not trusted; nothing is sent over this connection. Empty if unknown."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        _, writer = await asyncio.open_connection(server.host, server.port, ssl=context)
    except OSError:
        return ""
    try:
        return read_certificate(writer.get_extra_info("ssl_object").getpeercert(binary_form=True)).issuer
    except ValueError:
        return ""
    finally:
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    # Without the farewell of TLS, for which a mute server would let us wait.
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()


def _unless_proxy(visit: Visit, finding: Finding) -> Finding:
    """A failure on the direct way says little where a proxy is used."""
    if any(visit.proxy_of(server) for server in visit.servers):
        return finding._replace(outcome=Outcome.WARNING, advice=_BY_PROXY)
    return finding


def _ms(started: float) -> str:
    return f"{(time.monotonic() - started) * 1000:.0f} ms"

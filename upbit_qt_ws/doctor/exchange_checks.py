"""Checks of the exchange itself: a REST call, its clock, the public socket, the keys, the private socket."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from upbit_qt_ws.doctor.clock import judge_clock, offset_of
from upbit_qt_ws.doctor.frame_queue import FrameQueue, opened
from upbit_qt_ws.doctor.refusals import auth_finding, refused_finding
from upbit_qt_ws.doctor.results import NOTHING, Finding, Outcome, Text, same
from upbit_qt_ws.doctor.visit import in_thread
from upbit_qt_ws.errors import AuthError, RestError, UpbitQtError
from upbit_qt_ws.events import Event
from upbit_qt_ws.network.key_source import KeySource
from upbit_qt_ws.network.rest import UpbitRestClient
from upbit_qt_ws.wire.auth_errors import AuthProblem, error_of
from upbit_qt_ws.wire.replies import ErrorReply, SubscriptionsReply
from upbit_qt_ws.wire.requests import encode_listing, encode_request
from upbit_qt_ws.wire.text import one_line, without_user_info
from upbit_qt_ws.wire.topics import Topic, Want

if TYPE_CHECKING:
    from upbit_qt_ws.doctor.visit import Visit

_MARGIN: Final = 0.2
"""How much sooner than its check a call gives up, in seconds, so that its own words are shown."""
_LISTING_S: Final = 2.0
_SILENT: Final = Text(
    "The exchange accepts the connection and says nothing. Try again in a minute, and see Upbit's announcements of "
    "maintenance; if it persists, look for a proxy or an antivirus that holds WebSocket messages back.",
    "거래소가 연결은 받아들이지만 아무것도 보내지 않습니다. 1분 뒤에 다시 해 보고 업비트 점검 공지를 확인하세요. "
    "계속되면 WebSocket 메시지를 막는 프록시나 백신이 있는지 확인하세요.",
)
_NO_LISTING: Final = Text(
    "Data flows, but the exchange does not say what it holds for a connection: streams that it loses without a word "
    "cannot be noticed so.",
    "데이터는 오지만 거래소가 구독 목록을 알려 주지 않습니다. 말없이 끊긴 구독을 이 방법으로는 알아챌 수 없습니다.",
)


class _Remaining:
    """A gate that lets every call pass and keeps what the exchange says of its limit."""

    def __init__(self) -> None:
        self.left: int | None = None

    async def acquire(self, path: str, *, method: str = "GET") -> None:
        """Let the call pass: a few calls are far below every limit."""

    def report(self, path: str, *, method: str = "GET", status: int, retry_after: float | None = None) -> None:
        """Errors are told by their exceptions."""

    def remaining(self, path: str, sec: int, *, method: str = "GET") -> None:
        """Keep how many calls are left in this second."""
        self.left = sec


async def check_rest(visit: Visit) -> Finding:
    """Ask for one ticker."""
    gate = _Remaining()
    client = UpbitRestClient(visit.config.rest_url, gate=gate, timeout=visit.limit - _MARGIN)
    started = time.monotonic()
    try:
        (ticker,) = await client.tickers(visit.market)
    except RestError as error:
        return refused_finding(error)
    finally:
        await client.aclose()
    took = (time.monotonic() - started) * 1000
    left = Text("", "")
    if gate.left is not None:
        left = Text(f", {gate.left} more calls allowed in this second", f", 이번 초에 남은 호출 {gate.left}회")
    shown = f"{ticker.code} {ticker.trade_price:,.10g}, {took:.0f} ms"
    return Finding(Outcome.OK, Text(shown + left.en, shown + left.ko))


async def check_clock(visit: Visit) -> Finding:
    """Compare the clocks."""
    # Imported here: it takes 60 ms, and the REST client of the toolkit does not pass headers on.
    import httpx2

    address = urlsplit(visit.config.rest_url)
    url = f"{visit.config.rest_url.rstrip('/')}/ticker?markets={visit.market}"
    unencrypted = address.scheme == "http"  # On this computer only, where no proxy is used.
    async with httpx2.AsyncClient(trust_env=not unencrypted, verify=not unencrypted, timeout=visit.limit) as client:
        sent = visit.wall_clock()
        try:
            # Only the head of the answer is read, whoever sends it, and no redirect is followed.
            async with client.stream("GET", url, follow_redirects=False) as response:
                date = response.headers.get("Date", "")
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            words = one_line(without_user_info(str(error))) or type(error).__name__
            return Finding(Outcome.FAILED, same(f"{visit.config.rest_url}: {words}"))
        received = visit.wall_clock()
    try:
        return judge_clock(offset_of(date, sent, received))
    except (ValueError, TypeError):
        told = Text("the exchange does not tell its time", "거래소가 시각을 알려 주지 않음")
        return Finding(Outcome.SKIPPED, told)


async def check_socket(visit: Visit) -> Finding:
    """Open the public socket, wait for data, measure a ping, and ask what the exchange holds."""
    frames = FrameQueue()
    started = time.monotonic()
    async with opened(visit.config.public_url, frames, limit=visit.limit - _MARGIN) as connection:
        handshake = time.monotonic() - started
        await connection.send(encode_request("doctor", {Topic("ticker", visit.market): Want()}))
        first = await frames.wait_for((Event, ErrorReply), visit.limit - _LISTING_S - handshake - _MARGIN)
        if first is None:
            waited = f"{time.monotonic() - started - handshake:.1f}"
            reason = frames.ended or Text(f"no data within {waited} s", f"{waited}초 동안 데이터 없음")
            return Finding(Outcome.FAILED, reason, _SILENT)
        if isinstance(first, ErrorReply):
            return refused_finding(RestError(f"{first.name}: {first.message}", name=first.name))
        data = time.monotonic() - started - handshake
        pinged = time.monotonic()
        await (await connection.ping())
        ping = time.monotonic() - pinged
        await connection.send(encode_listing("doctor"))
        listing = await frames.wait_for((SubscriptionsReply,), _LISTING_S)
    en = f"handshake {handshake * 1000:.0f} ms, first data after {data * 1000:.0f} ms, ping {ping * 1000:.0f} ms"
    ko = f"핸드셰이크 {handshake * 1000:.0f} ms, 첫 데이터 {data * 1000:.0f} ms, 핑 {ping * 1000:.0f} ms"
    if listing is None:
        figure = Text(f"{en}, LIST_SUBSCRIPTIONS not answered", f"{ko}, LIST_SUBSCRIPTIONS 응답 없음")
        return Finding(Outcome.WARNING, figure, _NO_LISTING)
    return Finding(Outcome.OK, Text(f"{en}, LIST_SUBSCRIPTIONS answered", f"{ko}, LIST_SUBSCRIPTIONS 응답함"))


async def check_keys(visit: Visit) -> Finding:
    """Read the keys, and ask for the balances with them."""
    tokens = KeySource(visit.config).manager()
    reading = tokens.begin()
    await in_thread(reading.read)
    tokens.finish(reading)
    if reading.keys is not None:
        visit.scrubber.add(reading.keys.access_key, reading.keys.secret_key)
    elif not reading.failure:
        none = Text("there are none; public data needs none", "키 없음; 공개 시세에는 필요 없음")
        return Finding(Outcome.SKIPPED, none)
    else:
        problem = AuthProblem.KEYS_UNREADABLE
        return Finding(Outcome.FAILED, same(reading.failure), Text(problem.hint("en"), problem.hint("ko")))
    visit.tokens = tokens
    client = UpbitRestClient(
        visit.config.rest_url,
        authorize=tokens.authorization,
        timeout=visit.limit - _MARGIN,
        auth_error=partial(error_of, language=visit.language),
    )
    started = time.monotonic()
    try:
        balances = await client.accounts()
    except AuthError as error:
        return auth_finding(error)
    except RestError as error:
        return refused_finding(error)
    finally:
        await client.aclose()
    took = f"{(time.monotonic() - started) * 1000:.0f} ms"
    masked = reading.keys.masked
    return Finding(
        Outcome.OK,
        Text(
            f"{masked} accepted, {len(balances)} balances, {took}", f"{masked} 인증됨, 자산 {len(balances)}종, {took}"
        ),
    )


async def check_private_socket(visit: Visit) -> Finding:
    """Open the private socket, and let the exchange answer on it."""
    if visit.tokens is None:
        return Finding(Outcome.SKIPPED, Text("there are no keys", "키 없음"), NOTHING)
    frames = FrameQueue()
    started = time.monotonic()
    async with opened(
        visit.config.private_url,
        frames,
        limit=visit.limit - _LISTING_S,
        authorization=visit.tokens.authorization(),
    ) as connection:
        handshake = f"{(time.monotonic() - started) * 1000:.0f} ms"
        # Some refuse a token not in the handshake but in a frame; what is answered instead proves that it was accepted.
        await connection.send(encode_listing("doctor"))
        answer = await frames.wait_for((SubscriptionsReply, ErrorReply), _LISTING_S - _MARGIN)
    if isinstance(answer, ErrorReply):
        return auth_finding(error_of(answer.name, None, answer.message))
    if answer is None and frames.ended is not None:
        return Finding(Outcome.FAILED, frames.ended, _SILENT)
    return Finding(Outcome.OK, Text(f"handshake {handshake}", f"핸드셰이크 {handshake}"))


def finding_of(error: UpbitQtError) -> Finding:
    """Return what to say of an error that ended a check."""
    return auth_finding(error) if isinstance(error, AuthError) else refused_finding(error)

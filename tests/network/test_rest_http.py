"""HTTP below the REST client: one retry, connections kept and bounded, and no secret in any error."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tests.helpers.loops import everywhere
from upbit_qt_ws.errors import AuthError, RestError, UpbitQtError
from upbit_qt_ws.health.exchange_clock import ExchangeClock
from upbit_qt_ws.network.rest import UpbitRestClient
from upbit_qt_ws.network.rest_http import HttpConnections, HttpReply, NoReply
from upbit_qt_ws.testing.faults import Authority

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path
    from types import TracebackType

SECRET = "Bearer eyJhbGciOiJIUzUxMiJ9.secret.token"
ACCOUNTS = b'[{"currency":"KRW","balance":"1","locked":"0"}]'


def reply(body: bytes = b"[]", *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


class Server:
    """Answers each request with the next of its scripted answers and then with the last one for ever.

    An empty answer closes the connection, None leaves the request without an answer.
    """

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = list(answers)
        self.requests: list[str] = []
        self.connections = 0
        self.open = 0
        self.asked = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
                self.asked.set()
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if answer is None:
                    await reader.read()
                    break
                if not answer:
                    break
                writer.write(answer)
                if b"Connection: close" in answer or b"Content-Length: 999" in answer:
                    break
        self.open -= 1
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def server(*answers: bytes | None) -> AsyncIterator[Server]:
    scripted = Server(*answers)
    listening = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    async with listening:
        scripted.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        yield scripted
        async with asyncio.timeout(5):
            while scripted.open:  # noqa: ASYNC110  Connections end when the other side closes them.
                await asyncio.sleep(0.002)


@asynccontextmanager
async def client(url: str, *, limit: float = 5.0) -> AsyncIterator[UpbitRestClient]:
    tokens = (f"{SECRET}{number}" for number in range(1_000))
    made = UpbitRestClient(url, authorize=lambda _: next(tokens), timeout=limit)
    try:
        yield made
    finally:
        await made.aclose()


def everything_in(error: BaseException) -> Iterator[str]:
    """Yields all that a log, a traceback or a crash report with variables could show of an error."""
    chain: list[BaseException] = [error]
    while chain:
        link = chain.pop()
        yield f"{link!s} {link!r} {link.args!r} {vars(link)!r}"
        traceback: TracebackType | None = link.__traceback__
        while traceback is not None:
            if (
                "upbit_qt_ws" in traceback.tb_frame.f_code.co_filename
                or "httpx2" in traceback.tb_frame.f_code.co_filename
            ):
                for name, value in traceback.tb_frame.f_locals.items():
                    yield f"{name}={value!r} {getattr(value, 'headers', '')!r}"
            traceback = traceback.tb_next
        chain += [other for other in (link.__cause__, link.__context__) if other is not None]


async def failure(made: UpbitRestClient) -> UpbitQtError:
    with pytest.raises(UpbitQtError) as caught:
        await made.accounts()
    assert not any("secret" in text for text in everything_in(caught.value))
    assert caught.value.__context__ is None
    return caught.value


@everywhere
async def test_a_connection_is_kept_between_calls() -> None:
    async with server(reply(ACCOUNTS)) as exchange, client(exchange.url) as made:
        for _ in range(5):
            assert (await made.accounts())[0].currency == "KRW"
        assert exchange.connections == 1


@pytest.mark.asyncio
async def test_what_is_sent() -> None:
    async with server(reply(ACCOUNTS)) as exchange, client(exchange.url) as made:
        await made.accounts()
        first, *lines = exchange.requests[0].split("\r\n")
        headers = {line.partition(":")[0].lower(): line.partition(": ")[2] for line in lines if line}
        assert first == "GET /v1/accounts HTTP/1.1"
        assert headers.pop("host").startswith("127.0.0.1:")
        assert headers == {
            "accept": "application/json",
            "accept-encoding": "gzip",
            "connection": "keep-alive",
            "user-agent": "upbit_qt_ws",
            "authorization": f"{SECRET}0",
        }


@pytest.mark.asyncio
async def test_many_calls_at_once_share_a_few_connections() -> None:
    async with server(reply(ACCOUNTS)) as exchange, client(exchange.url) as made:
        await asyncio.gather(*(made.accounts() for _ in range(50)))
        assert len(exchange.requests) == 50
        assert exchange.connections <= 4


@everywhere
async def test_a_connection_that_breaks_before_the_answer_is_tried_once_more() -> None:
    async with server(b"", reply(ACCOUNTS)) as exchange, client(exchange.url) as made:
        assert (await made.accounts())[0].currency == "KRW"
        tokens = [line for text in exchange.requests for line in text.split("\r\n") if "uthorization" in line]
        assert len(set(tokens)) == 2, "each try has a token of its own"


@pytest.mark.asyncio
async def test_a_connection_that_breaks_twice_is_an_error() -> None:
    async with server(b"") as exchange, client(exchange.url) as made:
        error = await failure(made)
        assert isinstance(error, RestError)
        assert error.status is None
        assert str(error).startswith("GET /accounts failed: the connection broke")
        assert len(exchange.requests) == 2


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "answer",
    [
        reply(ACCOUNTS, length=999),
        reply(b"no gzip", "Content-Encoding: gzip"),
        reply(b"", "Location: https://example.com/", status="302 Found"),
        reply(b"<html>", status="502 Bad Gateway"),
        reply(b"<html>"),
        reply(b'[{"currency":"KRW"}]'),
        reply(b'{"error":{"name":"server_error","message":"later"}}', status="500 Oh"),
    ],
)
async def test_an_answer_that_is_no_good_is_not_asked_for_again(answer: bytes) -> None:
    async with server(answer) as exchange, client(exchange.url) as made:
        with pytest.raises(RestError) as caught:
            await made.accounts()
        assert not any("secret" in text for text in everything_in(caught.value))
        assert len(exchange.requests) == 1
        assert str(caught.value).startswith(("GET /accounts", "the answer to GET /accounts"))


@pytest.mark.asyncio
async def test_what_does_not_speak_http() -> None:
    async with server(b"SSH-2.0-OpenSSH\r\n\r\n") as exchange, client(exchange.url) as made:
        assert "the connection broke" in str(await failure(made))


def test_a_connection_whose_tls_breaks_is_no_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write(tmp_path / "authority.pem")))

    def answer(listener: socket.socket) -> None:
        """Answers with something that is not encrypted."""
        accepted, _ = listener.accept()
        with authority.serving.wrap_socket(accepted, server_side=True) as encrypted:
            encrypted.recv(65536)
            with socket.fromfd(encrypted.fileno(), socket.AF_INET, socket.SOCK_STREAM) as plain:
                plain.sendall(reply())

    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            answering = asyncio.ensure_future(asyncio.to_thread(answer, listener))
            connections = HttpConnections(f"https://127.0.0.1:{listener.getsockname()[1]}/v1")
            found = await connections.get("/accounts")
            await connections.aclose()
            await answering
            assert isinstance(found, NoReply)
            assert "the connection broke" in found.why
            assert found.worth_retry

    asyncio.run(scenario())


def test_a_call_that_is_given_up_during_the_tls_handshake_leaves_no_connection() -> None:
    async def scenario() -> None:
        gone = asyncio.Event()

        async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()  # Up to the end of the connection.
            gone.set()
            writer.close()

        server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        connections = HttpConnections(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connections.get("/accounts"), 0.3)
        await asyncio.wait_for(gone.wait(), 5)
        await connections.aclose()
        server.close()
        await server.wait_closed()

    asyncio.run(scenario())


@pytest.mark.asyncio
async def test_gzip_is_undone() -> None:
    answer = reply(gzip.compress(ACCOUNTS), "Content-Encoding: gzip")
    async with server(answer) as exchange, client(exchange.url) as made:
        assert (await made.accounts())[0].currency == "KRW"


@everywhere
async def test_no_answer_in_time() -> None:
    async with server(None) as exchange, client(exchange.url, limit=0.3) as made:
        error = await failure(made)
        assert isinstance(error, RestError)
        assert error.status is None
        assert "no answer within 0.3 s" in str(error)


@pytest.mark.asyncio
async def test_nobody_listens() -> None:
    async with server(reply()) as exchange:
        url = exchange.url
    async with client(url) as made:
        error = await failure(made)
        assert isinstance(error, RestError)
        assert "could not be opened" in str(error)


@pytest.mark.asyncio
async def test_refused_keys_show_no_token() -> None:
    refused = reply(b'{"error":{"name":"invalid_access_key","message":"no"}}', status="401 Unauthorized")
    async with server(refused) as exchange, client(exchange.url) as made:
        error = await failure(made)
        assert isinstance(error, AuthError)
        assert error.name == "invalid_access_key"


@everywhere
async def test_a_call_may_be_cancelled_at_any_time() -> None:
    async with server(None, reply(ACCOUNTS)) as exchange, client(exchange.url) as made:
        call = asyncio.create_task(made.accounts())
        await exchange.asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        for turns in range(30):
            call = asyncio.create_task(made.accounts())
            for _ in range(turns):
                await asyncio.sleep(0)
            call.cancel()
            with suppress(asyncio.CancelledError):
                await call
        assert (await asyncio.gather(*(made.accounts() for _ in range(8))))[0][0].currency == "KRW"


@everywhere
async def test_closing_ends_calls_under_way() -> None:
    async with server(None) as exchange, client(exchange.url) as made:
        call = asyncio.create_task(made.accounts())
        await exchange.asked.wait()
        await made.aclose()
        with pytest.raises(RestError, match="GET /accounts failed"):
            await call
        await made.aclose()
        with pytest.raises(RestError, match="the client is closed"):
            await made.accounts()


@pytest.mark.asyncio
async def test_closing_while_the_first_call_opens() -> None:
    http = HttpConnections("http://127.0.0.1:9/v1")
    call = asyncio.create_task(http.get("/accounts"))
    await asyncio.sleep(0)
    await http.aclose()
    assert await call == NoReply("the client is closed")


@pytest.mark.asyncio
@pytest.mark.parametrize("token", ["Bearer secret\r\nX: y", "Bearer 비밀secret"])
async def test_a_token_that_is_no_header(token: str) -> None:
    async with server(reply()) as exchange:
        http = HttpConnections(exchange.url)
        outcome = await http.get("/accounts", token)
        await http.aclose()
        assert isinstance(outcome, NoReply)
        assert "secret" not in outcome.why
        assert not exchange.requests


@pytest.mark.asyncio
async def test_the_systems_proxy_is_for_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    async with server(reply(b"from the proxy")) as proxy, server(reply(b"direct")) as exchange:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        for url, body in ((exchange.url, b"direct"), ("http://upbit.invalid/v1", b"from the proxy")):
            http = HttpConnections(url)
            outcome = await http.get("/accounts")
            await http.aclose()
            assert isinstance(outcome, HttpReply)
            assert outcome.body == body


@pytest.mark.asyncio
async def test_a_proxy_that_cannot_be_used_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "gopher://user:secret@127.0.0.1:1")
    async with client("https://upbit.invalid/v1") as made:
        assert "the proxy" in str(await failure(made))


@pytest.mark.asyncio
async def test_a_reply_that_unpacks_to_too_much_names_the_bound() -> None:
    bomb = gzip.compress(bytes(64 * 2**20))
    async with server(reply(bomb, "Content-Encoding: gzip")) as exchange, client(exchange.url) as made:
        error = await failure(made)
        assert isinstance(error, RestError)
        assert str(error) == "GET /accounts failed: the answer is larger than 16 MiB, which is the most that is read"
        assert len(exchange.requests) == 1, "it is not asked for again"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("status", "told"), [("200 OK", "larger than 16 MiB"), ("500 Oh", "was refused with HTTP 500")]
)
async def test_a_reply_that_never_ends_is_given_up(status: str, told: str) -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
            while not writer.is_closing():
                writer.write(b"10000\r\n" + bytes(65_536) + b"\r\n")
                await writer.drain()
        writer.close()

    listening = await asyncio.start_server(endless, "127.0.0.1", 0)
    async with listening, client(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1", limit=30) as made:
        assert told in str(await failure(made))


@pytest.mark.asyncio
@pytest.mark.parametrize("encoding", ["br", "gzip, gzip"])
async def test_a_reply_that_is_packed_otherwise_is_not_read(encoding: str) -> None:
    async with server(reply(ACCOUNTS, f"Content-Encoding: {encoding}")) as exchange, client(exchange.url) as made:
        assert "in a way that was not asked for" in str(await failure(made))


@pytest.mark.asyncio
async def test_each_answer_tells_the_clock_of_the_exchange() -> None:
    clock = ExchangeClock()
    dated = reply(ACCOUNTS, "Date: Thu, 03 Jan 2030 10:00:00 GMT")
    async with server(reply(ACCOUNTS), dated, reply(b"", "Date: nonsense", status="500 Oh")) as exchange:
        made = UpbitRestClient(exchange.url, authorize=lambda _: SECRET, clock=clock)
        await made.accounts()
        assert clock.reading is None
        await made.accounts()
        found = clock.now_ms(time.monotonic())
        assert found is not None
        assert 0 <= found - 1_893_664_800_000 < 5_000
        await failure(made)
        await made.aclose()


@pytest.mark.asyncio
async def test_what_is_left_out_of_replies_is_counted_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    bad = b'[{"currency":"KRW","balance":"1","locked":"0","avg_buy_price":"much"},{"currency":"BTC"}]'
    async with server(reply(bad)) as exchange, client(exchange.url) as made:
        for _ in range(3):
            balances = await made.accounts()
            assert [balance.currency for balance in balances] == ["KRW"]
            assert balances.unread == ("BTC",)
        assert made.bad.count == 6
        assert made.bad.names == {"balance", "balance.avg_buy_price"}
        assert len(caplog.records) == 2
        assert "balance.avg_buy_price is 'much'" in caplog.text


@pytest.mark.asyncio
async def test_rows_of_the_future_do_no_harm() -> None:
    row = {"opening_price": 1, "high_price": 1, "low_price": 1, "trade_price": 1, "timestamp": 1893664800000}
    candles = [
        {"market": "KRW-BTC", "candle_date_time_utc": start, **row}
        for start in ("2035-01-01T00:00:00", "2030-01-03T10:00:00", "2030-01-03T09:59:00")
    ]
    body = json.dumps(candles).encode()
    async with server(reply(body, "Date: Thu, 03 Jan 2030 10:00:30 GMT")) as exchange, client(exchange.url) as made:
        found = await made.candles("KRW-BTC", "1m", 3)
        assert [candle.candle_date_time_utc for candle in found] == ["2030-01-03T09:59:00", "2030-01-03T10:00:00"]
        assert set(found.unread) == {"?"}


@pytest.mark.asyncio
@pytest.mark.parametrize("letter", [b"9", b"5 seconds ", b"<", b"\xff", b"["])
async def test_a_refusal_of_millions_of_letters_is_a_short_error(letter: bytes) -> None:
    async with (
        server(reply(letter * (2**21 // len(letter)), status="429 Oh")) as exchange,
        client(exchange.url) as made,
    ):
        error = await failure(made)
        assert isinstance(error, RestError)
        assert len(str(error)) < 500


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("error", "name"),
    [
        ({"name": "jwt_verification", "message": None}, "jwt_verification"),
        ({"name": "jwt_verification", "message": ["x"]}, "jwt_verification"),
        ({"name": "jwt_verification", "message": "x" * 60_000}, "jwt_verification"),
        ({"name": ["x"], "message": "words"}, ""),
    ],
)
async def test_a_refusal_is_understood_whatever_else_is_in_it(error: dict[str, object], name: str) -> None:
    body = json.dumps({"error": error}).encode()
    async with server(reply(body, status="401 Oh")) as exchange, client(exchange.url) as made:
        found = await failure(made)
        assert isinstance(found, AuthError)
        assert found.name == name
        assert len(str(found)) < 3_000

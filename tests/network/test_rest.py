"""The REST client against the simulated exchange: every call, every documented error, limits and headers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from jwt.algorithms import HMACAlgorithm
from msgspec.structs import replace

from tests.helpers.loops import everywhere
from tests.testing.support import START_MS, exchange, fast
from tests.testing.support import client as websocket
from upbit_qt_ws.errors import AuthError, ConfigurationError, RateLimitedError, RestError, SubscriptionError
from upbit_qt_ws.events import MarketEvent, OrderbookEvent, Source, StreamType
from upbit_qt_ws.network.rest import UpbitRestClient
from upbit_qt_ws.network.rest_calls import REST_INTERVALS
from upbit_qt_ws.testing import SimulatorOptions
from upbit_qt_ws.wire.codec import FrameDecoder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from upbit_qt_ws.testing import MockUpbitWebSocketServer

KEYS = SimulatorOptions()
NOW = datetime.fromtimestamp(START_MS / 1_000, UTC)


def authorize(query: str, **changes: Any) -> str:
    """A token for a query; ``secret`` and parts of the payload may be changed, None leaves one out."""
    secret = changes.pop("secret", KEYS.secret_key)
    payload: dict[str, Any] = {"access_key": KEYS.access_key, "nonce": str(uuid4())}
    if query:
        payload |= {"query_hash": hashlib.sha512(query.encode()).hexdigest(), "query_hash_alg": "SHA512"}
    payload = {name: value for name, value in {**payload, **changes}.items() if value is not None}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS512"}, payload)]
    signature = HMACAlgorithm(HMACAlgorithm.SHA512).sign(b".".join(parts), secret.encode())
    return "Bearer " + b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


class Gate:
    """Lets everything through and remembers it."""

    def __init__(self, wait: float = 0.0) -> None:
        self.wait = wait
        self.acquired: list[str] = []
        self.reports: list[tuple[str, int, float | None]] = []
        self.left: list[tuple[str, int]] = []

    async def acquire(self, path: str, *, method: str = "GET") -> None:
        assert method == "GET"
        self.acquired.append(path)
        await asyncio.sleep(self.wait)

    def report(self, path: str, *, method: str = "GET", status: int, retry_after: float | None = None) -> None:
        self.reports.append((path, status, retry_after))

    def remaining(self, path: str, sec: int, *, method: str = "GET") -> None:
        self.left.append((path, sec))


@asynccontextmanager
async def client(server: MockUpbitWebSocketServer, **options: Any) -> AsyncIterator[UpbitRestClient]:
    options.setdefault("timeout", 10.0)
    options.setdefault("authorize", authorize)
    made = UpbitRestClient(server.rest_url, **options)
    try:
        yield made
    finally:
        await made.aclose()


@asynccontextmanager
async def both(*, options: SimulatorOptions | None = None, **more: Any) -> AsyncIterator[Any]:
    """The exchange and a client of it."""
    async with exchange(options=options or fast()) as server, client(server, **more) as made:
        yield server, made


def unstamped(events: Iterable[MarketEvent]) -> list[MarketEvent]:
    return [replace(event, received_ns=0) for event in events]


@everywhere
async def test_markets() -> None:
    async with both() as (server, made):
        markets = await made.markets()
        assert [market.market for market in markets] == list(server.market.listings)
        assert markets[0].korean_name == "비트코인"
        assert {market.warning for market in markets} == {True, False}
        assert all(len(market.caution) == 5 for market in markets)
        plain = await made.markets(details=False)
        assert all(market.warning is None and not market.caution for market in plain)


@pytest.mark.asyncio
async def test_indonesian_markets() -> None:
    async with both(options=fast(region="id")) as (_, made):
        markets = await made.markets()
        assert all(market.market.startswith(("IDR-", "BTC-", "USDT-")) for market in markets)


@pytest.mark.asyncio
async def test_tickers() -> None:
    async with both() as (server, made):
        btc, eth = await made.tickers(["KRW-BTC", "BTC-ETH"])
        assert (btc.code, eth.code) == ("KRW-BTC", "BTC-ETH")
        assert btc.trade_price == server.market.market("KRW-BTC").last / 10**8
        assert (btc.source, btc.stream_type) == (Source.REST, StreamType.SNAPSHOT)
        assert 0 <= btc.age() < 10
        assert [event.code for event in await made.tickers("KRW-BTC")] == ["KRW-BTC"]


@pytest.mark.asyncio
async def test_tickers_of_more_markets_than_fit_into_an_address() -> None:
    async with both() as (server, made):
        codes = list(server.market.listings)
        assert [event.code for event in await made.tickers(codes)] == codes
        assert [book.code for book in await made.orderbooks(codes, units=1)] == codes
        assert [row.market for row in await made.instruments(codes)] == codes


@pytest.mark.asyncio
async def test_all_tickers() -> None:
    async with both() as (server, made):
        events = await made.all_tickers(["BTC", "USDT"])
        assert [event.code for event in events] == [
            code for code in server.market.listings if not code.startswith("KRW-")
        ]
        with pytest.raises(RestError) as caught:
            await made.all_tickers("EUR")
        assert (caught.value.status, caught.value.name) == (400, "400")


@pytest.mark.asyncio
async def test_order_books() -> None:
    async with both() as (_, made):
        (book,) = await made.orderbooks(["KRW-BTC"], level=10_000, units=7)
        assert (book.level, len(book.orderbook_units)) == (10_000, 7)
        assert await made.orderbooks(["KRW-BTC"], level=7) == (), "a level that the market does not support"


@pytest.mark.asyncio
async def test_a_book_over_rest_is_the_book_of_the_socket() -> None:
    async with exchange() as server, client(server) as made, websocket(server) as socket:
        await socket.send({"type": "orderbook", "codes": ["KRW-BTC", "KRW-XRP"]})
        decoder = FrameDecoder()
        for _ in range(2):
            streamed = decoder.decode(await socket.raw())
            assert isinstance(streamed, OrderbookEvent)
            (asked,) = await made.orderbooks(streamed.code)
            stamps = {"received_ns", "source", "stream_type"}
            for name in set(asked.__struct_fields__) - stamps:
                assert getattr(asked, name) == getattr(streamed, name), name


@pytest.mark.asyncio
async def test_instruments() -> None:
    async with both() as (_, made):
        btc, eth = await made.instruments(["KRW-BTC", "BTC-ETH"])
        assert (btc.quote_currency, btc.tick_size) == ("KRW", Decimal(1000))
        assert Decimal(0) in btc.supported_levels
        assert eth.tick_size == Decimal("0.00000001")


@everywhere
async def test_candles_beyond_one_page() -> None:
    async with both() as (server, made):
        candles = await made.candles("KRW-BTC", "1m", 450)
        starts = [candle.start for candle in candles]
        assert len(candles) == 450
        assert starts == sorted(set(starts))
        assert (candles[-1].type, candles[-1].source) == ("candle.1m", Source.REST)
        assert len(server.rest_requests) == 3
        first = candles[0].start
        later = await made.candles("KRW-BTC", "1m", 130, to=candles[-1].start)
        assert unstamped(later) == unstamped(candles[-131:-1]), "`to` is exclusive"
        korean = first.astimezone(datetime.strptime("+0900", "%z").tzinfo)
        assert all(candle.start < first for candle in await made.candles("KRW-BTC", "1m", 3, to=korean))


@pytest.mark.asyncio
async def test_candles_of_a_market_with_gaps_join_without_a_hole() -> None:
    async with both() as (server, made):
        quiet = min(server.market.listings.values(), key=lambda listing: listing.turnover)
        whole = [
            datetime.fromtimestamp(bar.start / 1_000, UTC)
            for bar, _ in zip(
                server.market.market(quiet.code).candles_newest_first("1m", START_MS + 1), range(700), strict=False
            )
        ]
        candles = await made.candles(quiet.code, "1m", 700)
        assert [candle.start for candle in candles] == whole[::-1]
        assert any(later - earlier > timedelta(minutes=1) for earlier, later in pairwise(whole[::-1]))


@pytest.mark.asyncio
async def test_every_interval_is_served() -> None:
    async with both() as (_, made):
        for interval in REST_INTERVALS:
            first, last = await made.candles("KRW-ETH", interval, 2)
            assert first.start < last.start <= NOW
            assert last.interval == interval


@pytest.mark.asyncio
async def test_candles_end_where_the_history_begins() -> None:
    async with both() as (server, made):
        months = await made.candles("KRW-BTC", "1M", 10_000)
        assert 1 < len(months) < 200
        assert len(server.rest_requests) == 1
        weeks = await made.candles("KRW-BTC", "1w", 10_000)
        assert len(weeks) > 200
        assert weeks[0].start - months[0].start < timedelta(days=40)
        assert all(later.start - earlier.start == timedelta(days=7) for earlier, later in pairwise(weeks))


@everywhere
async def test_trades_beyond_one_page() -> None:
    async with both() as (server, made):
        trades = await made.trades("KRW-BTC", 1_200)
        ids = [trade.sequential_id for trade in trades]
        whole = [
            trade.sequential_id
            for trade, _ in zip(server.market.market("KRW-BTC").trades_newest_first(None), range(1_200), strict=False)
        ]
        assert ids == whole[::-1], "in order, without a hole or a duplicate, exact above 2^53"
        assert len(server.rest_requests) == 3
        assert unstamped(await made.trades("KRW-BTC", 100, cursor=ids[600])) == unstamped(trades[500:600])


@pytest.mark.asyncio
async def test_trades_of_another_day() -> None:
    async with both() as (_, made):
        trades = await made.trades("KRW-BTC", 5, days_ago=2, to="10:00:00")
        assert all(trade.trade_date == "2026-11-21" and str(trade.trade_time) < "10:00:00" for trade in trades)


@pytest.mark.asyncio
async def test_a_trade_over_rest_is_the_trade_of_the_socket() -> None:
    async with exchange() as server, client(server) as made, websocket(server) as socket:
        await socket.send({"type": "trade", "codes": ["KRW-BTC"], "is_only_realtime": True})
        await socket.all_sent()
        server.market.trade("KRW-BTC", price=110_000_000, side="ASK", volume=2)
        streamed = FrameDecoder().decode(await socket.raw())
        assert isinstance(streamed, MarketEvent)
        (asked,) = await made.trades("KRW-BTC", 1)
        told = {"received_ns", "source", "stream_type", "timestamp"}
        unknown = {"best_ask_price", "best_ask_size", "best_bid_price", "best_bid_size"}
        for name in set(asked.__struct_fields__) - told - unknown:
            assert getattr(asked, name) == getattr(streamed, name), name
        assert all(getattr(asked, name) is None for name in unknown)


@everywhere
async def test_balances_and_orders() -> None:
    async with both() as (server, made):
        balances = await made.accounts()
        assert [balance.currency for balance in balances] == ["KRW", "BTC", "ETH", "XRP"]
        assert balances[0].balance + balances[0].locked == 5_000_000
        newest, oldest = await made.open_orders()
        assert await made.open_orders(order_by="asc") == (oldest, newest)
        assert await made.open_orders(limit=1, page=2) == (oldest,)
        assert await made.open_orders(market="KRW-ETH", states="wait") == (newest,)
        assert await made.open_orders(states=["watch"]) == ()
        assert await made.order(uuid=oldest.uuid) == await made.order(identifier=oldest.identifier) == oldest
        event = oldest.to_event()
        assert (event.code, event.price, event.uuid) == (oldest.market, oldest.price, oldest.uuid)
        path = "/v1/orders/open?states[]=wait&states[]=watch&page=1&limit=100&order_by=desc"
        assert server.rest_requests[1].path == path


@pytest.mark.asyncio
async def test_an_unknown_code_fails_the_call_and_is_named() -> None:
    async with both() as (_, made):
        for call in (made.tickers, made.orderbooks, made.instruments):
            with pytest.raises(RestError, match=r"KRW-BTC, KRW-NOPE was refused with HTTP 404") as caught:
                await call(["KRW-BTC", "KRW-NOPE"])
            assert (caught.value.status, caught.value.name) == (404, "404")
        for history in (made.candles("KRW-NOPE", "1m"), made.trades("KRW-NOPE")):
            with pytest.raises(RestError, match="KRW-NOPE"):
                await history


@pytest.mark.asyncio
async def test_an_unknown_order() -> None:
    async with both() as (_, made):
        with pytest.raises(RestError) as caught:
            await made.order(uuid="no such order")
        assert (caught.value.status, caught.value.name) == (404, "order_not_found")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("sign", "name"),
    [
        (lambda query: authorize(query, secret="another secret of at least forty characters"), "jwt_verification"),
        (lambda query: authorize(query, access_key="another"), "invalid_access_key"),
        (lambda query: authorize(f"{query}&more=1"), "invalid_query_payload"),
        (lambda query: authorize(query, nonce=None), "jwt_verification"),
        (lambda query: authorize(query, nonce="always the same"), "nonce_used"),
        (lambda _: "", "no_authorization_token"),
    ],
)
async def test_refused_keys(sign: Callable[[str], str], name: str) -> None:
    async with both(authorize=sign) as (_, made):
        if name == "nonce_used":
            await made.open_orders()
        with pytest.raises(AuthError) as caught:
            await made.open_orders()
        assert caught.value.name == name
        assert await made.tickers("KRW-BTC"), "public calls do not mind"


@pytest.mark.asyncio
async def test_private_calls_without_keys_are_not_made() -> None:
    async with both(authorize=None) as (server, made):
        for call in (made.accounts(), made.open_orders(), made.order(uuid="a")):
            with pytest.raises(AuthError) as caught:
                await call
            assert caught.value.name == "no_keys"
            assert "UPBIT_ACCESS_KEY" in caught.value.hint
        assert not server.rest_requests


@pytest.mark.asyncio
async def test_the_error_of_keys_may_have_hints() -> None:
    def explain(name: str, status: int, message: str) -> AuthError:
        return AuthError(message, name=name, hint=f"hint for {name} with {status}")

    async with both(authorize=lambda _: "", auth_error=explain) as (_, made):
        with pytest.raises(AuthError) as caught:
            await made.accounts()
        assert caught.value.hint == "hint for no_authorization_token with 401"


@pytest.mark.asyncio
async def test_too_many_calls_are_told_to_the_gate() -> None:
    gate = Gate()
    async with both(options=fast(rest_limits=True), gate=gate) as (_, made):
        outcomes = await asyncio.gather(*(made.tickers("KRW-BTC") for _ in range(25)), return_exceptions=True)
        refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert refused
        for error in refused:
            assert isinstance(error, RateLimitedError)
            assert (error.status, error.name, error.retry_after) == (429, "too_many_requests", 1.0)
        assert gate.acquired == ["/ticker"] * 25
        assert gate.reports.count(("/ticker", 429, 1.0)) == len(refused)
        assert gate.reports.count(("/ticker", 200, None)) == 25 - len(refused)
        assert len(await made.orderbooks("KRW-BTC")) == 1, "other groups are not concerned"


@pytest.mark.asyncio
async def test_what_is_left_in_this_second_is_told_to_the_gate() -> None:
    gate = Gate()
    async with both(gate=gate) as (_, made):
        await made.tickers("KRW-BTC")
        await made.candles("KRW-BTC", "15m", 1)
        await made.accounts()
        assert gate.left == [("/ticker", 9), ("/candles/minutes/15", 9), ("/accounts", 29)]
        assert [path for path, _, _ in gate.reports] == gate.acquired


@pytest.mark.asyncio
@pytest.mark.parametrize(("status", "wait"), [(429, 1.0), (418, 60.0)])
async def test_a_blocked_address(status: int, wait: float) -> None:
    gate = Gate()
    async with both(gate=gate) as (server, made):
        server.refuse_connections(status=status)
        with pytest.raises(RateLimitedError) as caught:
            await made.markets()
        assert (caught.value.status, caught.value.retry_after) == (status, wait)
        assert gate.reports == [("/market/all", status, wait)]
        assert gate.left == []


@pytest.mark.asyncio
async def test_an_exchange_that_is_down() -> None:
    gate = Gate()
    async with both(gate=gate) as (server, made):
        server.refuse_connections(status=503)
        with pytest.raises(RestError, match="503") as caught:
            await made.markets()
        assert caught.value.status == 503
        server.refuse_connections()
        with pytest.raises(RestError, match="the connection broke") as caught:
            await made.markets()
        assert caught.value.status is None
        assert len(gate.acquired) == 3, "the second try passes the gate too"
        server.refuse_connections(False)
        assert await made.markets()


@pytest.mark.asyncio
async def test_another_address_of_the_exchange() -> None:
    async with exchange() as server:
        made = UpbitRestClient(f"{server.rest_url}/nowhere/")
        with pytest.raises(RestError, match="no Route matched") as caught:
            await made.tickers("KRW-BTC")
        assert (caught.value.status, caught.value.name) == (404, "not_found")
        await made.aclose()


@pytest.mark.asyncio
async def test_the_wait_at_the_gate_counts() -> None:
    async with both(gate=Gate(wait=30), timeout=0.05) as (server, made):
        with pytest.raises(RestError, match=r"within 0\.05 s") as caught:
            await made.tickers("KRW-BTC")
        assert caught.value.status is None
        assert not server.rest_requests


@pytest.mark.asyncio
async def test_an_error_of_the_gate_is_not_taken_for_a_late_answer() -> None:
    class Shut(Gate):
        async def acquire(self, path: str, *, method: str = "GET") -> None:
            raise TimeoutError("the gate is shut")

    async with both(gate=Shut()) as (_, made):
        with pytest.raises(TimeoutError, match="the gate is shut"):
            await made.tickers("KRW-BTC")


@pytest.mark.asyncio
async def test_no_origin_is_ever_sent() -> None:
    async with both() as (server, made):
        await made.markets()
        await made.accounts()
        assert [call.origin for call in server.rest_requests] == [None, None]
        assert {call.headers["accept-encoding"] for call in server.rest_requests} == {"gzip"}


@pytest.mark.asyncio
async def test_bad_arguments_are_found_before_any_call() -> None:
    async with both() as (server, made):
        for call in (
            made.tickers("krw-btc"),
            made.all_tickers([]),
            made.orderbooks("KRW-BTC", units=0),
            made.orderbooks("BTC-ETH", level=1),
            made.instruments([]),
            made.candles("KRW-BTC", "2m"),
            made.candles("KRW-BTC", "1m", 0),
            made.candles("KRW-BTC", "1m", to=datetime(2026, 11, 23)),
            made.trades("KRW-BTC", -1),
            made.trades("KRW-BTC", cursor=-1),
            made.trades("KRW-BTC", days_ago=9),
            made.open_orders(states=["done"]),
            made.order(),
        ):
            with pytest.raises(SubscriptionError):
                await call
        assert not server.rest_requests


@pytest.mark.parametrize("url", ["http://api.upbit.com/v1", "ftp://127.0.0.1", "", "wss://api.upbit.com"])
def test_bad_addresses(url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        UpbitRestClient(url)


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_bad_time_limits(timeout: float) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        UpbitRestClient("https://api.upbit.com/v1", timeout=timeout)

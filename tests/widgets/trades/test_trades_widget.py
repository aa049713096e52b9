"""The tape in a window, on the simulated exchange."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING

import pytest

from upbit_qt_widgets import TickerWidget, TradesWidget
from upbit_qt_widgets.trades.tape_row import TIME, GapRow, TradeRow
from upbit_qt_ws import ConfigurationError, GlobalWebSocketManager, SubscriptionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange
    from upbit_qt_ws.testing.trade import Trade

    Show = Callable[[TradesWidget], TradesWidget]


def ids(tape: TradesWidget) -> list[int]:
    return [trade.sequential_id for trade in tape.trades]


def gaps(tape: TradesWidget) -> list[str]:
    model = tape._model
    return [model.index(number, TIME).data() for number in model.tape.gaps()]


def is_backfilled(tape: TradesWidget, trade: Trade) -> bool:
    return next(
        row.is_backfilled
        for row in tape._model.tape.rows
        if isinstance(row, TradeRow) and row.trade.sequential_id == trade.sequential_id
    )


def told_by(exchange: SimulatedExchange, code: str, count: int) -> list[int]:
    """Return what the exchange remembers, newest first."""

    def look() -> list[int]:
        trades = exchange.server.market.market(code).trades_newest_first()
        return [trade.sequential_id for trade in islice(trades, count)]

    return exchange.call(look)


def trades_on_the_wire(exchange: SimulatedExchange) -> set[str]:
    return {
        entry.code for view in exchange.connections if view.open for entry in view.subscription if entry.type == "trade"
    }


def rest_calls(exchange: SimulatedExchange) -> int:
    return sum("/trades/ticks" in call.path for call in exchange.rest_requests)


def message(tape: TradesWidget) -> str:
    return tape._view.accessibleDescription()


@pytest.fixture
def show(qtbot: QtBot, manager: GlobalWebSocketManager) -> Show:
    def shown(tape: TradesWidget) -> TradesWidget:
        qtbot.addWidget(tape)
        tape.language = "en"
        tape.resize(520, 500)
        with qtbot.waitExposed(tape):
            tape.show()
        return tape

    return shown


@pytest.fixture
def tape(qtbot: QtBot, exchange: SimulatedExchange, show: Show) -> TradesWidget:
    """A tape that is live and filled, of a market in which only the test trades."""
    exchange.set_rate(0)
    made = show(TradesWidget("KRW-BTC"))
    qtbot.waitUntil(lambda: made.state is SubscriptionState.LIVE and len(made.trades) == 200)
    return made


def test_it_is_filled_and_goes_on_without_a_seam(qtbot: QtBot, exchange: SimulatedExchange, show: Show) -> None:
    tape = show(TradesWidget("KRW-BTC"))
    qtbot.waitUntil(lambda: len(tape.trades) == 200)
    first = ids(tape)[0]
    qtbot.waitUntil(lambda: first in ids(tape)[20:])
    exchange.set_rate(0)
    newest = exchange.trade("KRW-BTC", side="BID")
    qtbot.waitUntil(lambda: ids(tape)[0] == newest.sequential_id)

    assert sorted(ids(tape)) == sorted(told_by(exchange, "KRW-BTC", 200))
    times = [trade.trade_timestamp for trade in tape.trades]
    assert all(above >= below for above, below in pairwise(times))
    assert not is_backfilled(tape, newest)
    assert gaps(tape) == []
    assert rest_calls(exchange) == 1


def test_each_trade_is_there_once_also_when_the_exchange_repeats_itself(
    qtbot: QtBot, tape: TradesWidget, exchange: SimulatedExchange
) -> None:
    fallen = [exchange.trade("KRW-BTC").sequential_id for _ in range(5)]
    qtbot.waitUntil(lambda: ids(tape)[:5] == fallen[::-1])
    exchange.repeat_trades(5)
    last = exchange.trade("KRW-BTC")
    qtbot.waitUntil(lambda: ids(tape)[0] == last.sequential_id)
    assert ids(tape)[1:6] == fallen[::-1]
    assert len(set(ids(tape))) == 200


def test_another_market_is_shown_at_once_without_a_trace_of_the_old_one(
    qtbot: QtBot, tape: TradesWidget, exchange: SimulatedExchange
) -> None:
    exchange.trade("KRW-BTC")
    tape.market = "KRW-XRP"
    assert ids(tape) == []
    qtbot.waitUntil(lambda: len(tape.trades) == 200)
    assert {trade.code for trade in tape.trades} == {"KRW-XRP"}
    tape.market = "KRW-BTC"
    tape.market = "KRW-XRP"
    qtbot.waitUntil(lambda: len(tape.trades) == 200)
    assert {trade.code for trade in tape.trades} == {"KRW-XRP"}
    tape.market = ""
    assert ids(tape) == []
    assert message(tape) == "no market is chosen"


def test_a_market_that_others_show_already_is_filled_too(
    qtbot: QtBot, tape: TradesWidget, exchange: SimulatedExchange, show: Show
) -> None:
    second = show(TradesWidget("KRW-XRP"))
    qtbot.waitUntil(lambda: len(second.trades) == 200)
    second.market = "KRW-BTC"
    qtbot.waitUntil(lambda: len(second.trades) == 200)
    assert ids(second) == ids(tape)


def test_an_outage_is_filled_by_rest_and_marked(qtbot: QtBot, tape: TradesWidget, exchange: SimulatedExchange) -> None:
    live = exchange.trade("KRW-BTC")
    qtbot.waitUntil(lambda: ids(tape)[0] == live.sequential_id)
    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: tape.state is SubscriptionState.STALE)
    missed = [exchange.trade("KRW-BTC") for _ in range(4)]
    numbers = [trade.sequential_id for trade in missed]
    exchange.refuse_connections(False)
    qtbot.waitUntil(lambda: tape.state is SubscriptionState.LIVE)

    qtbot.waitUntil(lambda: ids(tape)[:5] == [*reversed(numbers), live.sequential_id])
    assert gaps(tape) == []
    assert is_backfilled(tape, missed[0])
    assert not is_backfilled(tape, live)


class TestLittleIsRefilled:
    """After an outage the toolkit itself fetches only a few trades."""

    @pytest.fixture
    def settings(self) -> dict[str, float]:
        return {"refill_trades": 3}

    def test_what_is_missing_then_is_a_row_of_its_own(
        self, qtbot: QtBot, tape: TradesWidget, exchange: SimulatedExchange
    ) -> None:
        known = ids(tape)[0]
        exchange.refuse_connections(True)
        exchange.drop(abort=True)
        qtbot.waitUntil(lambda: tape.state is SubscriptionState.STALE)
        missed = [exchange.trade("KRW-BTC").sequential_id for _ in range(10)]
        exchange.refuse_connections(False)

        qtbot.waitUntil(lambda: bool(gaps(tape)))

        qtbot.waitUntil(lambda: ids(tape)[:4] == [*missed[:-4:-1], known])
        rows = tape._model.tape.rows
        assert [isinstance(row, GapRow) for row in rows[:5]] == [False, False, False, True, False]
        assert "trades may be missing" in gaps(tape)[0]
        assert len(tape.trades) == 200


class TestNothingIsRefilled:
    """After an outage the toolkit itself fetches nothing."""

    @pytest.fixture
    def settings(self) -> dict[str, float]:
        return {"refill_gaps": False}

    def test_the_tape_asks_by_itself(self, qtbot: QtBot, tape: TradesWidget, exchange: SimulatedExchange) -> None:
        known = ids(tape)[0]
        exchange.refuse_connections(True)
        exchange.drop(abort=True)
        qtbot.waitUntil(lambda: tape.state is SubscriptionState.STALE)
        missed = [exchange.trade("KRW-BTC").sequential_id for _ in range(10)]
        exchange.refuse_connections(False)
        qtbot.waitUntil(lambda: ids(tape)[:11] == [*reversed(missed), known])
        assert gaps(tape) == []


@pytest.mark.parametrize("socket_stays", [False, True])
@pytest.mark.parametrize("is_released", [False, True])
def test_what_was_traded_while_it_was_hidden_is_there_when_it_is_shown(
    qtbot: QtBot, tape: TradesWidget, exchange: SimulatedExchange, *, socket_stays: bool, is_released: bool
) -> None:
    if socket_stays:
        ticker = TickerWidget("KRW-ETH")
        qtbot.addWidget(ticker)
        ticker.show()
        qtbot.waitUntil(lambda: ticker.state is SubscriptionState.LIVE)
    known, calls = ids(tape)[0], rest_calls(exchange)
    tape.hide()
    qtbot.waitUntil(lambda: tape._subscriptions[0].receiver.is_paused)
    if is_released:
        qtbot.waitUntil(lambda: "KRW-BTC" not in trades_on_the_wire(exchange))
    missed = [exchange.trade("KRW-BTC").sequential_id for _ in range(6)]

    tape.show()

    qtbot.waitUntil(lambda: ids(tape)[:7] == [*reversed(missed), known])
    qtbot.waitUntil(lambda: tape.state is SubscriptionState.LIVE)
    newest = exchange.trade("KRW-BTC")
    qtbot.waitUntil(lambda: ids(tape)[:2] == [newest.sequential_id, missed[-1]])
    assert gaps(tape) == []
    # What the stream had told before it was released may still have waited in the mailbox.
    assert rest_calls(exchange) == calls + 1 or (not is_released and rest_calls(exchange) == calls)


def test_when_nothing_was_traded_meanwhile_nothing_is_asked(
    qtbot: QtBot, tape: TradesWidget, exchange: SimulatedExchange
) -> None:
    tape.hide()
    qtbot.waitUntil(lambda: "KRW-BTC" not in trades_on_the_wire(exchange))
    calls = rest_calls(exchange)
    tape.show()
    qtbot.waitUntil(lambda: tape.state is SubscriptionState.LIVE)
    newest = exchange.trade("KRW-BTC")
    qtbot.waitUntil(lambda: ids(tape)[0] == newest.sequential_id)
    assert rest_calls(exchange) == calls


def test_what_rest_does_not_reach_any_more_is_a_gap(
    qtbot: QtBot, tape: TradesWidget, exchange: SimulatedExchange
) -> None:
    tape.max_rows = 2_000
    known = ids(tape)[0]
    tape.hide()
    qtbot.waitUntil(lambda: tape._subscriptions[0].receiver.is_paused)
    for _ in range(520):
        exchange.trade("KRW-BTC")
    tape.show()

    qtbot.waitUntil(lambda: bool(gaps(tape)))

    rows = tape._model.tape.rows
    below, above = rows[tape._model.tape.gaps()[0] + 1], rows[tape._model.tape.gaps()[0] - 1]
    assert isinstance(below, TradeRow)
    assert isinstance(above, TradeRow)
    assert below.trade.sequential_id == known
    assert above.trade.sequential_id == told_by(exchange, "KRW-BTC", 500)[-1]


class TestRestIsBlocked:
    """The exchange refuses calls for a while, and answers are not waited for long."""

    @pytest.fixture
    def settings(self) -> dict[str, float]:
        return {"snapshot_timeout_s": 0.3}

    def test_when_rest_fails_the_stream_goes_on_and_rest_is_asked_again(
        self, qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange, show: Show
    ) -> None:
        exchange.set_rate(0)
        ticker = TickerWidget("KRW-BTC")
        qtbot.addWidget(ticker)
        ticker.show()
        qtbot.waitUntil(lambda: ticker.state is SubscriptionState.LIVE)
        exchange.block_address(0.9)

        tape = show(TradesWidget("KRW-BTC"))

        qtbot.waitUntil(lambda: "could not be read" in tape._state_line.accessibleName())
        first = exchange.trade("KRW-BTC")
        qtbot.waitUntil(lambda: ids(tape)[:1] == [first.sequential_id])
        qtbot.waitUntil(lambda: len(tape.trades) == 200, timeout=10_000)
        assert tape._state_line.accessibleName() == "live"
        assert gaps(tape) == []


def test_a_market_that_does_not_exist_or_is_silent_says_so_in_place_of_rows(
    qtbot: QtBot, exchange: SimulatedExchange, show: Show
) -> None:
    tape = show(TradesWidget("KRW-NOSUCH"))
    qtbot.waitUntil(lambda: tape.state is SubscriptionState.NOT_SERVED)
    assert message(tape) == "the exchange does not serve this market"
    assert rest_calls(exchange) == 0
    exchange.unlist("KRW-XRP")
    tape.market = "KRW-XRP"
    qtbot.waitUntil(lambda: tape.state is SubscriptionState.NOT_SERVED)
    assert message(tape) == "the exchange does not serve this market"


def test_it_says_what_it_waits_for_while_there_is_no_connection(
    qtbot: QtBot, exchange: SimulatedExchange, show: Show
) -> None:
    exchange.refuse_connections(True)
    tape = show(TradesWidget("KRW-BTC"))
    qtbot.waitUntil(lambda: "not connected" in message(tape))
    exchange.refuse_connections(False)
    qtbot.waitUntil(lambda: len(tape.trades) == 200, timeout=10_000)
    assert message(tape) == ""


def test_amounts_that_stand_out_are_kept_for_each_quote_currency(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    tape = TradesWidget()
    qtbot.addWidget(tape)
    changed: list[float] = []
    tape.highlight_above_changed.connect(changed.append)
    tape.highlight_above = 5_000_000.0
    tape.market = "KRW-BTC"
    assert tape.highlight_above == 5_000_000.0
    tape.market = "BTC-ETH"
    assert tape.highlight_above == 0.1
    tape.highlight_above = 0
    tape.market = "USDT-BTC"
    assert tape.highlight_above == 10_000.0
    tape.market = "KRW-XRP"
    assert tape.highlight_above == 5_000_000.0
    assert changed == [5_000_000.0, 0.1, 0.0, 10_000.0, 5_000_000.0]
    with pytest.raises(ConfigurationError, match="-1"):
        tape.highlight_above = -1.0
    with pytest.raises(ConfigurationError, match="nan"):
        tape.set_highlight_above(float("nan"))
    assert tape.highlight_above == 5_000_000.0


def test_more_or_fewer_rows(qtbot: QtBot, tape: TradesWidget) -> None:
    changed: list[int] = []
    tape.max_rows_changed.connect(changed.append)
    newest = ids(tape)
    tape.max_rows = 10
    assert ids(tape) == newest[:10]
    tape.max_rows = 300
    qtbot.waitUntil(lambda: len(tape.trades) == 300)
    assert ids(tape)[:200] == newest
    assert changed == [10, 300]
    for bad in (0, -1, 10_001, True, 2.5, "200"):
        with pytest.raises(ConfigurationError, match="max_rows"):
            tape.set_max_rows(bad)  # type: ignore[arg-type]
    assert tape.max_rows == 300

"""The model of the tape, from hand-made events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QModelIndex, Qt

from tests.widgets.trades.test_tape import told, trade
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.trades.kst import clock_text, day_of, moment_text, until_midnight
from upbit_qt_widgets.trades.tape_row import AMOUNT, PRICE, SIDE, SIZE, TIME, TradeRow
from upbit_qt_widgets.trades.trades_model import TradesModel
from upbit_qt_ws import TradeEvent
from upbit_qt_ws.events import Change, Side, Source

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester

    from upbit_qt_widgets.base.colors import MarketColors

# 2026-11-20 14:30:05.123 in Korea.
MOMENT = 1_795_152_605_123
TODAY = day_of(MOMENT)


def event(
    code: str = "KRW-XRP",
    price: float = 2_264.0,
    volume: float = 12.3456789,
    side: Side = Side.BID,
    close: float | None = 2_300.0,
    source: Source = Source.WEBSOCKET,
    change: Change | None = None,
) -> TradeEvent:
    return TradeEvent(
        type="trade",
        code=code,
        trade_price=price,
        trade_volume=volume,
        ask_bid=side,
        sequential_id=1,
        trade_timestamp=MOMENT,
        prev_closing_price=close,
        change=change,
        source=source,
    )


def model_of(colors: MarketColors, *events: TradeEvent, language: str = "ko", limit: float = 0.0) -> TradesModel:
    model = TradesModel(colors, "ko" if language == "ko" else "en", 100)
    model.set_market(PriceGrid(events[0].code if events else "KRW-BTC"), limit)
    model.set_today(TODAY)
    model.add(events)
    return model


def texts(model: TradesModel, row: int = 0) -> list[str]:
    return [model.index(row, column).data() for column in range(model.columnCount())]


@pytest.mark.parametrize(
    ("code", "price", "volume", "written"),
    [
        ("KRW-XRP", 2_264.0, 12.3456789, ["2,264", "12.3457", "27,951"]),
        ("KRW-BTC", 116_539_000.0, 0.0000014, ["116,539,000", "0.00000140", "163"]),
        ("KRW-PEPE", 0.00761, 31_136_526.4, ["0.00761", "31,136,526", "236,949"]),
        ("KRW-PEPE", 0.00761, 0.5, ["0.00761", "0.5", "0.004"]),
        ("BTC-XRP", 0.00001943, 100.0, ["0.00001943", "100.0000", "0.00194300"]),
        ("USDT-BTC", 86_842.02, 0.001, ["86,842.02", "0.00100000", "86.842"]),
    ],
)
def test_price_size_and_amount_are_written_as_finely_as_they_matter(
    colors: MarketColors, code: str, price: float, volume: float, written: list[str]
) -> None:
    assert texts(model_of(colors, event(code, price, volume)))[PRICE:SIDE] == written


def test_the_price_has_the_colour_of_its_direction_and_the_size_that_of_the_side(colors: MarketColors) -> None:
    model = model_of(colors, event(side=Side.BID, price=2_264.0, close=2_300.0))
    inks = [model.index(0, column).data(Qt.ItemDataRole.ForegroundRole) for column in range(model.columnCount())]
    assert inks[PRICE] == colors.down
    assert inks[SIZE] == inks[AMOUNT] == inks[SIDE] == colors.up
    assert texts(model)[SIDE] == "▲ 매수"
    model = model_of(colors, event(side=Side.ASK, close=None, change=Change.RISE), language="en")
    assert model.index(0, PRICE).data(Qt.ItemDataRole.ForegroundRole) == colors.up, "what the exchange says"
    assert model.index(0, SIZE).data(Qt.ItemDataRole.ForegroundRole) == colors.down
    assert texts(model)[SIDE] == "▼ Sell"


def test_time_is_korean_and_trades_of_other_days_have_their_date(colors: MarketColors) -> None:
    model = model_of(colors, event())
    assert texts(model)[TIME] == "14:30:05"
    model.set_today(TODAY + 1)
    assert texts(model)[TIME] == "11-20 14:30"
    assert moment_text(MOMENT) == "2026-11-20 14:30:05.123 KST"
    midnight = MOMENT + until_midnight(MOMENT)
    assert (clock_text(midnight, TODAY + 1), day_of(midnight - 1), day_of(midnight)) == ("00:00:00", TODAY, TODAY + 1)


def test_what_colours_and_signs_show_is_told_in_words_too(colors: MarketColors) -> None:
    model = model_of(colors, event(source=Source.REST), language="en", limit=27_000.0)
    tip = model.index(0, PRICE).data(Qt.ItemDataRole.ToolTipRole)
    for part in (
        "2026-11-20 14:30:05.123 KST",
        "taker bought",
        "12.3456789 XRP",
        "large trade",
        "told later over REST",
    ):
        assert part in tip
    spoken = [model.index(0, column).data(Qt.ItemDataRole.AccessibleTextRole) for column in range(5)]
    assert spoken[TIME] == "14:30:05, told later over REST"
    assert spoken[AMOUNT] == "27,951, large trade"
    assert spoken[SIDE] == "the taker bought"


def test_large_trades_stand_out_from_the_amount_on(colors: MarketColors) -> None:
    model = model_of(colors, event(price=100_000_000.0, volume=0.1, code="KRW-BTC"), limit=10_000_000.0)
    ground = Qt.ItemDataRole.BackgroundRole
    assert model.index(0, PRICE).data(ground) == colors.flash_up
    model.set_limit(10_000_001.0)
    assert model.index(0, PRICE).data(ground) is None
    model.set_limit(0.0)
    assert model.index(0, PRICE).data(ground) is None


def test_captions_name_the_currencies(colors: MarketColors) -> None:
    model = model_of(colors, event("BTC-XRP", 0.00002), language="en")
    captions = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(5)]
    assert captions == ["Time", "Price", "Size (XRP)", "Amount (BTC)", "Side"]
    assert "REST" in model.headerData(TIME, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)


def test_rows_come_and_go_as_contiguous_runs(colors: MarketColors, qtmodeltester: ModelTester) -> None:
    model = TradesModel(colors, "en", 6)
    model.set_market(PriceGrid("KRW-BTC"), 0.0)
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    log: list[tuple[str, int, int]] = []

    def inserted(_parent: QModelIndex, first: int, last: int) -> None:
        log.append(("in", first, last))

    def removed(_parent: QModelIndex, first: int, last: int) -> None:
        log.append(("out", first, last))

    def reset() -> None:
        log.append(("reset", 0, 0))

    model.rowsInserted.connect(inserted)
    model.rowsRemoved.connect(removed)
    model.modelReset.connect(reset)

    model.add([trade(10), trade(20), trade(30), trade(40)])
    assert log == [("in", 0, 3)]
    log.clear()
    model.add([trade(50), trade(25), trade(26), trade(60)])
    assert log == [("in", 2, 3), ("in", 0, 1), ("out", 6, 7)]
    log.clear()
    model.add([trade(60)])
    assert log == []
    model.mark(40)
    assert log == [("in", 2, 2)]
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]


def test_a_gap_is_a_row_that_says_from_when_to_when(colors: MarketColors) -> None:
    model = TradesModel(colors, "en", 10)
    model.set_market(PriceGrid("KRW-BTC"), 0.0)
    model.set_today(TODAY)
    model.add([trade(1, MOMENT)])
    model.mark(MOMENT)
    assert texts(model)[TIME] == "from 14:30:05 to now trades may be missing"
    changed: list[int] = []

    def note(first: QModelIndex, _last: QModelIndex) -> None:
        changed.append(first.row())

    model.dataChanged.connect(note)

    model.add([trade(2, MOMENT + 60_000)])

    assert texts(model, 1) == ["from 14:30:05 to 14:31:05 trades may be missing", "", "", "", ""]
    assert changed == [1]
    model.add([trade(3, MOMENT + 70_000)])
    assert changed == [1], "its end is still the same"
    assert model.index(1, TIME).data(Qt.ItemDataRole.AccessibleTextRole) == texts(model, 1)[TIME]


def test_a_mark_that_was_too_early_is_taken_back_and_announced(colors: MarketColors) -> None:
    model = TradesModel(colors, "en", 10)
    model.set_market(PriceGrid("KRW-BTC"), 0.0)
    model.join(told(10, 20))
    changed: list[int] = []

    def note(first: QModelIndex, _last: QModelIndex) -> None:
        changed.append(first.row())

    model.dataChanged.connect(note)
    model.add([trade(20)])
    assert changed == [0]
    row = model.row(0)
    assert isinstance(row, TradeRow)
    assert not row.is_backfilled

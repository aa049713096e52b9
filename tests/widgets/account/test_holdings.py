"""Balances from the stream and from REST."""

from __future__ import annotations

from decimal import Decimal

from upbit_qt_widgets.account.holdings import Holding, Holdings
from upbit_qt_ws.events import Asset, MyAssetEvent
from upbit_qt_ws.wire.rest_records import Balance


def told(amount: int, at: int, *, received_ns: int = 0, currency: str = "BTC") -> MyAssetEvent:
    asset = Asset(currency, Decimal(amount), Decimal(0))
    return MyAssetEvent(type="myAsset", asset_uuid="", assets=(asset,), timestamp=at, received_ns=received_ns)


def listed(amount: int, average: int, currency: str = "BTC", unit: str | None = "KRW") -> Balance:
    return Balance(
        currency=currency,
        balance=Decimal(amount),
        locked=Decimal(0),
        avg_buy_price=Decimal(average),
        unit_currency=unit,
    )


def held(holdings: Holdings) -> dict[str, tuple[object, object]]:
    return {holding.currency: (holding.balance, holding.average) for holding in holdings}


def test_a_change_keeps_the_average_until_rest_tells_another() -> None:
    holdings = Holdings()
    holdings.take_all([listed(1, 100), listed(5, 0, "KRW")], asked_ns=0)
    assert holdings.take(told(2, at=10))
    assert held(holdings) == {"BTC": (2, 100), "KRW": (5, None)}
    assert holdings.take_all([listed(2, 110), listed(5, 0, "KRW")], asked_ns=1)
    assert held(holdings)["BTC"] == (2, 110)


def test_an_older_event_does_not_overwrite_a_newer_one_and_rest_news_have_no_time() -> None:
    holdings = Holdings()
    holdings.take(told(3, at=20))
    assert not holdings.take(told(2, at=10))
    assert held(holdings) == {"BTC": (3, None)}
    assert holdings.take(told(4, at=0))
    assert held(holdings) == {"BTC": (4, None)}


def test_an_answer_that_an_event_overtook_tells_only_the_average() -> None:
    holdings = Holdings()
    holdings.take_all([listed(1, 100)], asked_ns=0)
    holdings.take(told(2, at=10, received_ns=50))
    holdings.take_all([listed(1, 105)], asked_ns=40)
    assert held(holdings) == {"BTC": (2, 105)}


def test_what_rest_lists_no_more_is_gone() -> None:
    holdings = Holdings()
    holdings.take_all([listed(1, 100), listed(1, 100, "ETH")], asked_ns=10)
    assert holdings.take_all([listed(1, 100)], asked_ns=20)
    assert list(held(holdings)) == ["BTC"]
    assert not holdings.take_all([listed(1, 100)], asked_ns=30)


def test_an_average_in_another_currency_is_none() -> None:
    holdings = Holdings()
    holdings.take_all([listed(1, 100, unit="USDT"), listed(1, 100, "ETH", unit=None)], asked_ns=0)
    assert [average for _, average in held(holdings).values()] == [None, 100]


def test_the_amount_keeps_all_digits() -> None:
    free, locked = Decimal("1386929.37231066771348207123"), Decimal("99999999999999.00000000000000000000001")
    assert str(Holding("KRW", free, locked).amount) == "100000001386928.37231066771348207123001"

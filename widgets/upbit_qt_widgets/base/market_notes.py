"""What a trader has to know of a market besides its price: warnings, cautions, and whether it can be traded. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from upbit_qt_widgets.base.texts import Language, pick
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from upbit_qt_ws import TickerEvent
    from upbit_qt_ws.wire.rest_records import MarketInfo

_HALTED: Final = {"DELISTED": "delisted", "PREVIEW": "preview"}

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "delisted": ("거래지원이 종료된 종목입니다", "trading of this market has ended"),
    "preview": ("거래지원 예정 종목입니다 (입금만 가능)", "trading has not begun yet, only deposits"),
    "suspended": ("거래가 일시 중단되었습니다", "trading is suspended"),
    "delisting": ("거래지원 종료일 {date}", "trading ends on {date}"),
    "warned": ("거래 유의 종목으로 지정되었습니다", "the exchange warns of trading in this market"),
    "cautioned": ("주의 종목: {kinds}", "the exchange asks for caution: {kinds}"),
    "PRICE_FLUCTUATIONS": ("가격 급등락", "price jumps"),
    "TRADING_VOLUME_SOARING": ("거래량 급증", "volume soars"),
    "DEPOSIT_AMOUNT_SOARING": ("입금량 급증", "deposits soar"),
    "GLOBAL_PRICE_DIFFERENCES": ("가격 차이", "price differs from other exchanges"),
    "CONCENTRATION_OF_SMALL_ACCOUNTS": ("소수 계정 거래 집중", "few accounts trade"),
}


def halt_of(event: TickerEvent | None) -> str:
    """Return why nobody can trade in a market: ``delisted``, ``preview`` or ``suspended``; empty if one can.

    Args:
        event: its newest ticker; None if there is none.
    """
    if event is None:
        return ""
    if event.market_state in _HALTED:
        return _HALTED[event.market_state]
    return "suspended" if event.is_trading_suspended else ""


def market_notes(info: MarketInfo | None, event: TickerEvent | None, language: Language) -> tuple[str, ...]:
    """Return what is special about a market, the most serious first; nothing for an ordinary one.

    Args:
        info: what the exchange lists of it; None if that is not known.
        event: its newest ticker; None if there is none.
        language: of the words.
    """
    notes = [] if event is None else _of_ticker(event, language)
    if info is not None and info.warning:
        notes.append(pick(_WORDS["warned"], language))
    kinds = [] if info is None else [kind for kind, in_force in info.caution.items() if in_force]
    if kinds:
        names = (pick(_WORDS[kind], language) if kind in _WORDS else one_line(kind, 40) for kind in kinds)
        notes.append(pick(_WORDS["cautioned"], language).format(kinds=", ".join(names)))
    return tuple(notes)


def _of_ticker(event: TickerEvent, language: Language) -> list[str]:
    if event.market_state == "DELISTED":
        return [pick(_WORDS["delisted"], language)]
    notes = []
    if event.market_state == "PREVIEW":
        notes.append(pick(_WORDS["preview"], language))
    if event.is_trading_suspended:
        notes.append(pick(_WORDS["suspended"], language))
    if event.delisting_date:
        notes.append(pick(_WORDS["delisting"], language).format(date=_date_text(event.delisting_date)))
    return notes


def _date_text(date: str | dict[str, int]) -> str:
    """Write a date, of which no example is known: the documents say text, the exchange's own library an object."""
    if isinstance(date, str):
        return one_line(date, 40)
    try:
        return f"{date['year']:04}-{date['month']:02}-{date['day']:02}"
    except KeyError:
        return one_line("-".join(str(part) for part in date.values()), 40)

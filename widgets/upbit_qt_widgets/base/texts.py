"""Words that several widgets show, in Korean and English; those of a single one stand beside it."""

from __future__ import annotations

from typing import Final, Literal

from PyQt6.QtCore import QLocale

from upbit_qt_ws.errors import ConfigurationError

Language = Literal["ko", "en"]

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "name": ("종목", "Market"),
    "price": ("현재가", "Price"),
    "rate": ("등락률", "Change %"),
    "change": ("전일대비", "Change"),
    "turnover": ("거래대금", "Turnover"),
    "high": ("고가", "High"),
    "low": ("저가", "Low"),
    "high_24h": ("고가(24H)", "High (24 h)"),
    "low_24h": ("저가(24H)", "Low (24 h)"),
    "high_day": ("고가(당일)", "High (UTC day)"),
    "low_day": ("저가(당일)", "Low (UTC day)"),
    "line_24h": ("24시간 시세", "Price of 24 hours"),
    "turnover_24h": ("거래대금(24H)", "Turnover (24 h)"),
    "volume_24h": ("거래량(24H)", "Volume (24 h)"),
    "ask_size": ("매도 잔량", "Ask size"),
    "bid_size": ("매수 잔량", "Bid size"),
    "ask_sum": ("매도 누적", "Ask sum"),
    "bid_sum": ("매수 누적", "Bid sum"),
    "cumulative": ("누적", "Cumulative"),
    "grouping": ("호가 모아보기", "Grouping"),
    "ungrouped": ("기본", "None"),
    "spread": ("스프레드", "Spread"),
    "book": ("호가", "Order book"),
    "no_book_orders": ("호가가 없습니다", "there are no orders"),
    "total": ("총잔량", "Total"),
    "state.pending": ("데이터를 기다리는 중", "waiting for data"),
    "state.connecting": ("거래소에 연결하는 중", "connecting to the exchange"),
    "state.waiting": ("연결되지 않음 · {seconds}초 후 재연결", "not connected · reconnecting in {seconds} s"),
    "state.reconnecting": ("연결되지 않음 · 재연결하는 중", "not connected · reconnecting now"),
    "state.live": ("실시간", "live"),
    "state.stale": ("다시 연결됨 · 새 데이터를 기다리는 중", "reconnected · waiting for new data"),
    "state.silent": ("연결되어 있지만 데이터가 오지 않음", "connected, but nothing comes"),
    "state.not_served": ("거래소가 보내지 않는 종목입니다", "the exchange does not serve this market"),
    "state.rejected": ("거래소가 이 구독을 거절했습니다", "the exchange refuses this subscription"),
    "state.rest": ("연결되지 않음 · REST로 조회하는 중", "not connected · read over REST meanwhile"),
    "state.no_keys": ("API 키가 없습니다", "there are no API keys"),
    "state.no_permission": ("API 키에 조회 권한이 없습니다", "the API keys lack the permission for this"),
    "state.keys_refused": ("거래소가 API 키를 거절했습니다", "the exchange refuses the API keys"),
    "state.suspended": ("거래 중단", "suspended"),
    "state.delisted": ("거래지원 종료", "delisted"),
    "state.preview": ("거래지원 예정", "not traded yet"),
    "state.unlisted": ("거래소 목록에서 빠진 종목입니다", "the exchange no longer lists this market"),
    "state.closed": ("종료됨", "closed"),
    "state.stopped": ("연결을 종료했습니다", "the connection was shut down"),
    "state.fault": ("위젯 내부 오류 · 로그를 확인하세요", "something in this widget failed · see the log"),
    "last_value": ("마지막 값 {age}", "last value {age}"),
    "no_market": ("선택된 종목이 없습니다", "no market is chosen"),
    "link.idle": ("대기", "idle"),
    "link.connecting": ("연결 중", "connecting"),
    "link.connected": ("연결됨", "connected"),
    "link.waiting": ("재연결 대기", "reconnecting"),
    "link.stopped": ("중지됨", "stopped"),
    "link.attempt": ("{number}번째 시도", "attempt {number}"),
    "connection": ("연결 상태", "Connection"),
    "sockets": ("연 소켓", "sockets opened"),
    "requests": ("보낸 요청", "requests sent"),
    "reason": ("이유", "reason"),
    "epoch": ("연결 번호", "connection number"),
}


def system_language() -> Language:
    """Return the language of the desktop: Korean, or English for all others."""
    return "ko" if QLocale.system().language() == QLocale.Language.Korean else "en"


def parse_language(language: str) -> Language:
    """Return the language of that name.

    Raises:
        ConfigurationError: the widgets do not speak it.
    """
    if language not in ("ko", "en"):
        raise ConfigurationError(f"language {language!r} is unknown: choose 'ko' or 'en'")
    return "ko" if language == "ko" else "en"


def pick(words: tuple[str, str], language: Language) -> str:
    """Return the Korean or the English one of a pair."""
    return words[0] if language == "ko" else words[1]


def text(key: str, language: Language) -> str:
    """Return the words for ``key``."""
    return pick(_TEXTS[key], language)

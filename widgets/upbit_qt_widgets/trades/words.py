"""What the tape says, in Korean and English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "trades": ("체결", "Trades"),
    "time": ("체결시간", "Time"),
    "price": ("체결가격", "Price"),
    "size": ("체결량", "Size"),
    "amount": ("체결금액", "Amount"),
    "side": ("구분", "Side"),
    "BID": ("매수", "Buy"),
    "ASK": ("매도", "Sell"),
    "BID_tip": ("매수 체결", "the taker bought"),
    "ASK_tip": ("매도 체결", "the taker sold"),
    "time_tip": (
        "한국 시간(KST) · R: 실시간이 아니라 나중에 REST로 조회한 체결",
        "Korean time (KST) · R: not told live, but later over REST",
    ),
    "price_tip": (
        "전일 종가 대비 상승/하락을 색으로 표시합니다",
        "the colour compares it with the close of the day before",
    ),
    "backfilled": ("나중에 REST로 조회", "told later over REST"),
    "large": ("대량 체결", "large trade"),
    "gap": (
        "{since} ~ {until} 체결이 일부 빠졌을 수 있습니다",
        "from {since} to {until} trades may be missing",
    ),
    "gap_short": ("{since} ~ {until} 누락 가능", "{since} – {until} incomplete"),
    "now": ("현재", "now"),
    "newest": ("최신 체결", "Newest"),
    "newest_tip": ("맨 위의 최신 체결로 이동 (Home)", "go to the newest trade on top (Home)"),
    "loading": ("체결 내역을 불러오는 중…", "loading the trades …"),
    "nothing": ("체결 내역이 없습니다", "nothing has been traded"),
    "failed": (" · 이전 체결 조회 실패, 곧 재시도", " · earlier trades could not be read, trying again soon"),
}

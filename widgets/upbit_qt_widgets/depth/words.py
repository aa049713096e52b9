"""What the depth chart says, in Korean and English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "depth": ("뎁스 차트", "Depth chart"),
    "bids": ("매수", "Bids"),
    "asks": ("매도", "Asks"),
    "bid": ("매수", "Bid"),
    "ask": ("매도", "Ask"),
    "mid": ("중간가", "Mid"),
    "best_bid": ("최우선 매수호가", "best bid"),
    "best_ask": ("최우선 매도호가", "best ask"),
    "bid_total": ("매수 총잔량", "bids in total"),
    "ask_total": ("매도 총잔량", "asks in total"),
    "size": ("누적 수량", "Total size"),
    "amount": ("누적 금액", "Total amount"),
    "distance": ("중간가 대비", "From mid"),
    "none": ("호가가 없습니다", "the book is empty"),
    "keys": (
        "←→ 호가 이동 · Home/End 양 끝 · Enter/클릭 가격 선택 · Esc 닫기",
        "←→ moves · Home/End to the ends · Enter/click chooses a price · Esc closes",
    ),
}

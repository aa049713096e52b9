"""What the list of markets says, in Korean and English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "markets": ("종목 목록", "Markets"),
    "quotes": ("마켓", "Quote currencies"),
    "star": ("관심", "Star"),
    "all": ("전체", "All"),
    "favourites": ("관심", "Stars"),
    "search": ("종목명·초성·코드 검색", "Search by name or code"),
    "warning": ("유의", "Warning"),
    "caution": ("주의", "Caution"),
    "loading": ("종목 목록을 불러오는 중…", "loading the list of markets …"),
    "failed": (
        "종목 목록을 불러오지 못했습니다. 곧 다시 시도합니다: {reason}",
        "the list of markets could not be loaded, trying again soon: {reason}",
    ),
    "no_stars": (
        "관심 종목이 없습니다. ☆을 누르면 여기에 나타납니다.",
        "no stars yet: click ☆ and a market is listed here",
    ),
    "nothing_found": ("'{query}' 검색 결과가 없습니다", "nothing is found for '{query}'"),
    "no_markets": ("종목이 없습니다", "there are no markets"),
}

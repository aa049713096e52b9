"""What the window says, in Korean and English; what stands inside the widgets is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from upbit_qt_widgets.base.texts import pick

if TYPE_CHECKING:
    from upbit_qt_widgets.base.texts import Language

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("업비트 실시간 시세", "Upbit live prices"),
    "simulated": ("모의 거래소 · 실제 시세가 아닙니다", "Simulated exchange · not real prices"),
    "simulated_title": ("모의 거래소", "simulated exchange"),
    "simulated_tip": (
        "이 컴퓨터에서 실행 중인 모의 거래소가 만든 데이터입니다. --live 옵션으로 시작하면 업비트에 연결합니다.",
        "A simulated exchange on this computer makes these data. Start with --live to connect to Upbit.",
    ),
    # The areas.
    "markets": ("종목", "Markets"),
    "chart": ("차트", "Chart"),
    "book": ("호가", "Order book"),
    "trades": ("체결", "Trades"),
    "depth": ("호가 깊이", "Depth"),
    "orders": ("내 주문", "My orders"),
    "assets": ("내 자산", "My assets"),
    "health": ("연결 상태", "Health"),
    # The menus.
    "file": ("파일(&F)", "&File"),
    "view": ("보기(&V)", "&View"),
    "settings": ("설정(&S)", "&Settings"),
    "quit": ("끝내기(&X)", "&Quit"),
    "search": ("종목 검색(&F)", "&Find a market"),
    "next_area": ("다음 영역(&N)", "&Next area"),
    "previous_area": ("이전 영역(&P)", "&Previous area"),
    "reset": ("기본 배치로 되돌리기(&R)", "&Reset the layout"),
    # The switches.
    "switches": ("설정 도구 모음", "Settings toolbar"),
    "language": ("언어(&L)", "&Language"),
    "ko": ("한국어", "한국어"),
    "en": ("English", "English"),
    "theme": ("테마(&T)", "&Theme"),
    "system": ("시스템", "System"),
    "light": ("밝게", "Light"),
    "dark": ("어둡게", "Dark"),
    "colors": ("등락 색상(&C)", "&Colours of up and down"),
    "korean": ("상승 빨강", "Up is red"),
    "western": ("상승 초록", "Up is green"),
    # In place of the chart.
    "no_chart": (
        "캔들 차트에 필요한 pyqtgraph를 불러올 수 없습니다.",
        "The candle chart needs pyqtgraph, which cannot be loaded.",
    ),
    "install_chart": ("다음 명령으로 설치하세요:", "This command installs it:"),
}


def say(key: str, language: Language) -> str:
    """Return the words for ``key``."""
    return pick(_WORDS[key], language)

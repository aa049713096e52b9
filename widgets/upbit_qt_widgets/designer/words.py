"""What Designer shows of the widgets, in Korean and English."""

from __future__ import annotations

from typing import Final

TIPS: Final[dict[str, tuple[str, str]]] = {
    "TickerWidget": ("한 종목의 현재가와 등락", "Price and change of one market"),
    "TickerStrip": ("여러 종목의 가격이 흐르는 한 줄", "One scrolling line with the prices of several markets"),
    "MarketTable": ("검색하고 고를 수 있는 전체 종목 목록", "List of all markets, to search and to choose from"),
    "OrderbookWidget": ("한 종목의 호가", "Order book of one market"),
    "DepthChartWidget": ("한 종목의 호가 깊이 차트", "Depth of the order book of one market, as a chart"),
    "TradesWidget": ("한 종목의 체결 내역", "Trades of one market"),
    "CandleChartWidget": ("한 종목의 캔들 차트", "Candle chart of one market"),
    "MyOrdersWidget": ("내 주문 (API 키 필요)", "Own orders (needs API keys)"),
    "MyAssetsWidget": ("내 자산 (API 키 필요)", "Own assets (needs API keys)"),
    "ConnectionBadge": ("거래소와의 연결 상태, 상태 표시줄용", "State of the connection, for a status bar"),
    "HealthPanel": ("연결 상태 진단", "Health of the connections, with figures and alerts"),
}
"""What each widget shows, by class name."""

SAMPLE_NOTE: Final = (
    "Designer에서는 예시 데이터를 보여 주며 거래소에 연결하지 않습니다.",
    "In Designer it shows sample data and never connects to the exchange.",
)

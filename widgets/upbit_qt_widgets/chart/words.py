"""What the candle chart says, in Korean and English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "chart": ("차트", "Chart"),
    "interval": ("봉 간격", "Interval"),
    "open": ("시", "O"),
    "high": ("고", "H"),
    "low": ("저", "L"),
    "close": ("종", "C"),
    "volume": ("거래량", "Vol"),
    "loading": ("불러오는 중…", "loading …"),
    "failed": ("과거 데이터를 불러오지 못했습니다: {reason}", "the history could not be loaded: {reason}"),
    "empty": ("체결된 거래가 없습니다", "nothing has been traded"),
    "newest": ("최신", "Newest"),
    "keys": (
        "←→ 이동 · +− 확대/축소 · End 최신",
        "←→ move · +− zoom · End newest",
    ),
    "1s": ("1초", "1s"),
    "1m": ("1분", "1m"),
    "3m": ("3분", "3m"),
    "5m": ("5분", "5m"),
    "10m": ("10분", "10m"),
    "15m": ("15분", "15m"),
    "30m": ("30분", "30m"),
    "60m": ("1시간", "1h"),
    "240m": ("4시간", "4h"),
    "1d": ("일", "D"),
    "1w": ("주", "W"),
    "1M": ("월", "M"),
}

"""Announcements of the exchange: a new one now and then, sometimes changed later."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.testing.encode import EMISSION_DELAY_MS, iso
from upbit_qt_ws.testing.streams import TopicKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from upbit_qt_ws.testing.exchange import SimulatedMarket
    from upbit_qt_ws.testing.fanout import Fanout
    from upbit_qt_ws.testing.subscribing import Subscribing

_TYPE: Final = "announcement"
_UPDATED_LATER: Final = 0.25
_TEXTS: Final = (
    ("trade", "[거래] 신규 거래 지원 안내 ({})", "{} 마켓에 대한 거래 지원을 시작합니다."),
    ("wallet", "[입출금] {} 입출금 일시 중단 안내", "{} 네트워크 점검으로 입출금이 일시 중단됩니다."),
    ("maintenance", "[점검] {} 지갑 점검 안내", "{} 지갑 점검이 예정되어 있습니다."),
    ("digital_asset", "[디지털 자산] {} 유의 종목 지정 안내", "{} 에 대한 유의 촉구를 안내드립니다."),
    ("event", "[이벤트] {} 거래 이벤트 안내", "{} 거래 이벤트를 진행합니다."),
    ("notice", "[안내] {} 관련 정책 변경 안내", "{} 관련 정책이 변경됩니다."),
)


class Announcements:
    """Makes announcements at random but seeded times, and sends them to those who want their category."""

    def __init__(
        self,
        market: SimulatedMarket,
        fanout: Fanout,
        subscribing: Subscribing,
        *,
        seed: int,
        interval: float | None,
    ) -> None:
        """Set the time of the first one; ``interval`` is the mean time between two in s, None makes none."""
        self._market = market
        self._fanout = fanout
        self._subscribing = subscribing
        self._rng = Random(f"announcements {seed}")
        self._interval = interval
        self._number = 562_593_104
        self._newest: dict[str, Any] | None = None
        self._wait()

    def push(self, event: Mapping[str, Any]) -> None:
        """Send an announcement; what it lacks is made up, but for its category."""
        now = f"{iso(self._market.now_ms, kst=True)}+09:00"
        full: dict[str, Any] = {
            "event_type": "CREATED",
            "title": "[안내] 공지사항",
            "first_listed_at": event.get("listed_at", now),
            "listed_at": now,
            "timestamp": self._market.now_ms + EMISSION_DELAY_MS,
            "stream_type": "REALTIME",
            "body": None,
            **event,
            "type": _TYPE,
        }
        if "uuid" not in full:
            self._number += self._rng.randint(1, 40)
            full["uuid"] = str(self._number)
        full.setdefault("url", f"https://www.upbit.com/service_center/notice?id={full['uuid']}&view=share")
        self._newest = full
        key = TopicKey(_TYPE, "")
        for session, request in self._subscribing.asked(_TYPE):
            if key in session.topics and full["category"] in (request.categories or (full["category"],)):
                body = {"body": full["body"]} if request.include_body else {}
                sent = {name: value for name, value in full.items() if name != "body"} | body
                self._fanout.send_event(session, _TYPE, sent)

    def _wait(self) -> None:
        if self._interval is not None:
            delay = -math.log(1 - self._rng.random()) * self._interval
            self._market.at(self._market.now_ms + 1 + int(delay * 1_000), self._make_one)

    def _make_one(self) -> None:
        if self._newest is not None and self._rng.random() < _UPDATED_LATER:
            fresh = ("listed_at", "timestamp")
            kept = {name: value for name, value in self._newest.items() if name not in fresh}
            self.push({**kept, "event_type": "UPDATED"})
        else:
            category, title, body = self._rng.choice(_TEXTS)
            coin = self._rng.choice([listing.base for listing in self._market.listings.values()] or ["BTC"])
            self.push({"category": category, "title": title.format(coin), "body": body.format(coin)})
        self._wait()

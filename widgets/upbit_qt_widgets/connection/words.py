"""What the badge and the panel say, in Korean and English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "unauthorized": ("인증되지 않음", "not authorised"),
    # Links.
    "link": ("연결", "Link"),
    "public": ("시세", "Public"),
    "private": ("내 계정", "Private"),
    "info": ("지표·공지", "Info"),
    "state": ("상태", "State"),
    "epoch": ("연결 번호", "Epoch"),
    "sockets": ("연 소켓", "Sockets"),
    "requests": ("보낸 요청", "Requests"),
    "repairs": ("복구", "Repairs"),
    "frames": ("받은 프레임", "Frames"),
    "repairs_tip": (
        "거래소가 알리지 않고 끊어 다시 요청한 스트림",
        "streams that the exchange had lost without a word, and that were asked for again",
    ),
    "hint": ("조치", "what to do"),
    "since": ("{time}부터", "since {time}"),
    "retry": ("{seconds}초 후 다시 시도", "next attempt in {seconds} s"),
    # Health.
    "health": ("상태 진단", "Health"),
    "healthy": ("정상", "healthy"),
    "degraded": ("저하", "degraded"),
    "critical": ("심각", "critical"),
    "stopped": ("중지됨", "stopped"),
    "unknown": ("아직 연결하지 않았습니다", "there is no connection yet"),
    "healthy_why": ("이상이 없습니다", "all is well"),
    "reconnecting_why": ("연결이 끊겨 다시 연결하는 중입니다", "a connection is lost and is being made again"),
    "connecting_why": ("거래소에 연결하는 중입니다", "connecting to the exchange"),
    "stopped_why": ("연결을 종료했습니다", "the connections were shut down"),
    "copy": ("진단 복사", "Copy diagnostics"),
    "copied": ("복사됨", "Copied"),
    "copy_tip": (
        "상태와 버전을 JSON으로 복사합니다. API 키는 포함되지 않습니다.",
        "copies status and versions as JSON, without API keys",
    ),
    # Figures.
    "messages": ("수신 메시지", "Messages"),
    "deliveries": ("전달 이벤트", "Deliveries"),
    "flushes": ("화면 프레임", "Frames shown"),
    "dropped_rate": ("버린 이벤트", "Dropped"),
    "subscribed": ("구독", "Subscribed"),
    "process": ("프로세스", "Process"),
    "per_second": ("{figure}/초", "{figure}/s"),
    "subscribed_of": (
        "컴포넌트 {components} · 구독 {subscriptions} · 토픽 {topics}",
        "components {components} · subscriptions {subscriptions} · topics {topics}",
    ),
    "pending": ("대기", "pending"),
    "live": ("실시간", "live"),
    "stale": ("오래됨", "stale"),
    "not_served": ("제공 안 됨", "not served"),
    "rejected": ("거절됨", "rejected"),
    "closed": ("종료됨", "closed"),
    "latency": ("수신 지연", "Latency"),
    "latency_now": ("중앙값 {middle} · 95% {high}", "median {middle} · 95 % {high}"),
    "latency_line": ("최근 {minutes}분: {low} – {high}", "last {minutes} min: {low} – {high}"),
    # Alerts.
    "alerts": ("경보", "Alerts"),
    "no_alerts": ("경보가 없습니다", "there has been no alert"),
    "alert": ("내용과 조치", "What, and what to do"),
    "active": ("진행 중", "active"),
    "past": ("해소됨", "over"),
    "since_column": ("발생", "Raised"),
    "raised": ("{age} 발생", "raised {age}"),
    # Components.
    "components": ("컴포넌트별 이벤트", "Events by component"),
    "component": ("컴포넌트", "Component"),
    "topics": ("토픽", "Topics"),
    "received": ("수신", "Received"),
    "delivered": ("전달", "Delivered"),
    "coalesced": ("합침", "Coalesced"),
    "dropped": ("버림", "Dropped"),
    "sum_tip": ("수신 = 전달 + 합침 + 버림", "received = delivered + coalesced + dropped"),
    "others": ("그 밖 (종료된 것 포함)", "others, also those that have ended"),
    "no_components": ("구독하는 컴포넌트가 없습니다", "no component subscribes to anything"),
}

ALERTS: Final[dict[str, tuple[str, str]]] = {
    "error_rate": (
        "프레임의 {value:.0%}를 해석할 수 없습니다",
        "로그에 종류별로 한 번씩 남습니다. 거래소의 형식이 바뀌었을 수 있으니 새 버전을 확인하세요.",
    ),
    "latency": (
        "이벤트가 {value:.1f}초 늦게 도착합니다 (95%)",
        "네트워크가 느리거나 컴퓨터 시계가 맞지 않습니다. 다른 네트워크를 쓰거나 `upbit-qt doctor`를 실행하세요.",
    ),
    "delivery": (
        "이벤트가 화면에 표시되기까지 {value:.1f}초 걸립니다 (95%)",
        "슬롯이나 프로그램의 다른 부분이 화면을 붙잡고 있습니다. 긴 작업을 GUI 스레드 밖으로 옮기세요.",
    ),
    "queue": (
        "이벤트 대기열이 {value:.0%} 찼습니다",
        "화면이 이벤트를 너무 느리게 처리해 오래된 체결이 버려집니다. 슬롯을 더 빠르게 만드세요.",
    ),
    "reconnects": (
        "5분 동안 연결이 {value:.0f}번 끊겼습니다",
        "네트워크가 불안정합니다. 케이블, 무선 수신, VPN을 확인하세요.",
    ),
    "inactivity": (
        "{value:.0f}초 동안 아무것도 오지 않은 토픽이 있습니다",
        "거래가 정지되었을 수 있으니 거래소 공지를 확인하세요. `manager.reconnect()`로 다시 연결할 수 있습니다.",
    ),
    "memory": (
        "프로그램의 메모리가 {value:.0f} MB 늘었습니다",
        "이벤트가 어딘가에 쌓이거나 창이 닫히지 않습니다. 계속 커지는 목록을 찾아보세요.",
    ),
    "overflow": (
        "내 주문이나 자산 이벤트 {value:.0f}건을 잃었습니다",
        "프로그램이 너무 느리게 처리합니다. 콜백을 빠르게 하고 스냅샷으로 현재 상태를 다시 읽으세요.",
    ),
    "fault": (
        "도구의 {value:.0f}곳에서 내부 오류가 났습니다",
        "자세한 내용은 로그에 있습니다. 프로그램은 계속되지만 그 부분의 값은 틀릴 수 있으니 알려 주세요.",
    ),
}
"""By kind: what is bad with ``value``, and what to do about it, in Korean. The toolkit itself says both in English."""

"""Temporary."""

from upbit_qt_ws.network.rate_limit import CONNECT_RATES, RateLimiter


class GlobalRateLimiter:
    def __init__(self) -> None:
        self.connects = RateLimiter(CONNECT_RATES)

    async def acquire(self, path: str, *, method: str = "GET") -> None: ...
    def report(self, path: str, *, method: str = "GET", status: int, retry_after: float | None = None) -> None: ...
    def remaining(self, path: str, sec: int, *, method: str = "GET") -> None: ...


_l: dict[str, GlobalRateLimiter] = {}


def get_global_rate_limiter(host: str = "api.upbit.com") -> GlobalRateLimiter:
    return _l.setdefault(host, GlobalRateLimiter())

"""A limiter that slows down when the exchange refuses calls, and comes back step by step."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.network.global_limiter import GlobalRateLimiter, get_global_rate_limiter
from upbit_qt_ws.network.rate_groups import Bucket, bucket_of

if TYPE_CHECKING:
    from collections.abc import Callable

_TOO_MANY: Final = 429


class AdaptiveStrategy(enum.StrEnum):
    """How readily the speed is reduced, and how soon it comes back."""

    CONSERVATIVE = "conservative"
    BALANCED = "balanced"
    AGGRESSIVE = "aggressive"


@dataclass(frozen=True, slots=True)
class DynamicConfig:
    """The figures of a strategy.

    Attributes:
        refusals: how many 429 within ``window`` reduce the speed.
        window: in seconds.
        factor: what the speed is multiplied with.
        floor: the least part of the limit that is used.
        calm: seconds without a 429 after which the speed begins to come back.
        step: part of the limit that comes back at a time.
        step_every: seconds between two steps.
    """

    refusals: int
    factor: float
    floor: float
    calm: float
    step: float
    step_every: float
    window: float = 60.0

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            ConfigurationError: a value is out of its range.
        """
        good = {
            "refusals": self.refusals >= 1,
            "factor": 0 < self.factor < 1,
            "floor": 0 < self.floor <= 1,
            "calm": self.calm >= 0,
            "step": 0 < self.step <= 1,
            "step_every": self.step_every > 0,
            "window": self.window > 0,
        }
        for name, is_good in good.items():
            if not is_good:
                raise ConfigurationError(f"{name} {getattr(self, name)!r} of a dynamic limiter cannot work")

    @classmethod
    def of(cls, strategy: AdaptiveStrategy) -> DynamicConfig:
        """Return the figures of a strategy."""
        return _STRATEGIES[strategy]


_STRATEGIES: Final = {
    AdaptiveStrategy.CONSERVATIVE: DynamicConfig(1, 0.7, 0.4, 300.0, 0.05, 30.0),
    AdaptiveStrategy.BALANCED: DynamicConfig(3, 0.8, 0.5, 180.0, 0.1, 30.0),
    AdaptiveStrategy.AGGRESSIVE: DynamicConfig(5, 0.9, 0.7, 60.0, 0.2, 15.0),
}


class AdaptivePolicy:
    """Decides which part of one bucket's limits is used. Pure: all times are passed in.

    Attributes:
        scale: the part, from the floor to 1.
    """

    def __init__(self, config: DynamicConfig) -> None:
        """Start at full speed."""
        self._config = config
        self._refusals: list[float] = []
        self._changed_at = 0.0
        self.scale = 1.0

    def refused(self, now: float) -> bool:
        """The exchange refused a call with 429; tell whether the speed changed."""
        config = self._config
        self._refusals = [moment for moment in self._refusals if now - moment < config.window] + [now]
        self._changed_at = now
        if len(self._refusals) < config.refusals:
            return False
        self._refusals.clear()
        before, self.scale = self.scale, max(config.floor, self.scale * config.factor)
        return self.scale != before

    def passed(self, now: float) -> bool:
        """A call went through; tell whether the speed changed."""
        config = self._config
        quiet = now - self._changed_at - config.calm
        if self.scale >= 1.0 or quiet < 0:
            return False
        steps = 1 + int(quiet / config.step_every)
        self.scale = min(1.0, self.scale + steps * config.step)
        # The next step is due a pause after this one, and the calm has been.
        self._changed_at = now - config.calm + config.step_every
        return True


class DynamicRateLimiter:
    """A :class:`GlobalRateLimiter` whose speed follows what the exchange says, each bucket for itself.

    Args:
        limiter: the one that lets calls through.
        config: when and how much it slows down.
        clock: monotonic seconds.
    """

    def __init__(
        self, limiter: GlobalRateLimiter, config: DynamicConfig, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start at full speed."""
        self._limiter = limiter
        self._config = config
        self._clock = clock
        self._policies: dict[Bucket, AdaptivePolicy] = {}

    @property
    def limiter(self) -> GlobalRateLimiter:
        """The limiter that lets calls through."""
        return self._limiter

    async def acquire(self, path: str, *, method: str = "GET") -> None:
        """Wait until the call of ``path`` may be made, and book it."""
        await self._limiter.acquire(path, method=method)

    def report(self, path: str, *, method: str = "GET", status: int, retry_after: float | None = None) -> None:
        """Take the HTTP status of an answer; see :meth:`GlobalRateLimiter.report`."""
        self._limiter.report(path, method=method, status=status, retry_after=retry_after)
        bucket, now = bucket_of(path, method), self._clock()
        policy = self._policies.get(bucket)
        if policy is None:
            if status != _TOO_MANY:
                return
            policy = self._policies[bucket] = AdaptivePolicy(self._config)
        if policy.refused(now) if status == _TOO_MANY else policy.passed(now):
            self._limiter.set_scale(bucket, policy.scale)

    def remaining(self, path: str, sec: int, *, method: str = "GET") -> None:
        """Take how many calls are left in this second; see :meth:`GlobalRateLimiter.remaining`."""
        self._limiter.remaining(path, sec, method=method)

    def scale(self, bucket: Bucket) -> float:
        """Return which part of a bucket's limits is used."""
        policy = self._policies.get(bucket)
        return 1.0 if policy is None else policy.scale


def get_dynamic_rate_limiter(
    strategy: AdaptiveStrategy | str = AdaptiveStrategy.BALANCED,
    *,
    config: DynamicConfig | None = None,
    host: str = "api.upbit.com",
) -> DynamicRateLimiter:
    """Return a limiter of ``host`` that adapts; the calls are counted with those of everybody else in this process.

    Args:
        strategy: how it adapts.
        config: figures of one's own instead of a strategy's.
        host: see :func:`get_global_rate_limiter`.

    Raises:
        ConfigurationError: the strategy is unknown.
    """
    try:
        chosen = DynamicConfig.of(AdaptiveStrategy(strategy)) if config is None else config
    except ValueError as error:
        choices = ", ".join(AdaptiveStrategy)
        raise ConfigurationError(f"strategy {strategy!r} is unknown: choose one of {choices}") from error
    return DynamicRateLimiter(get_global_rate_limiter(host), chosen)

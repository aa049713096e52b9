"""A market's past, generated on demand: days, candles of every unit and single trades that agree with each other.

A week is a bar with a number of trades. It is split into days, those into bars of four hours, and so on down
to the single trade, each split drawn from a random generator that is seeded with the place of the bar. Wherever
one looks first, the same past appears, and every bar is the exact open, high, low, close and volume of its
parts. (The turnover of a bar is its volume at its mean price, so turnovers add up only nearly.) The last
trade of the past is at the price with which the simulation starts: there is no seam.
"""

from __future__ import annotations

import math
from itertools import groupby
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.testing.candles import DAY_MS, INTERVALS, MINUTE_MS, SECOND_MS, Bar, merged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upbit_qt_ws.testing.grid import PriceGrid

_WEEK_MS: Final = 7 * DAY_MS
_WEEKS_OF_YEAR: Final = 52
_SPANS: Final = (_WEEK_MS, DAY_MS, 240 * MINUTE_MS, 60 * MINUTE_MS, 30 * MINUTE_MS, MINUTE_MS, SECOND_MS)
_DEPTHS: Final = {"1d": 1, "240m": 2, "60m": 3, "30m": 4, "1m": 5, "1s": 6}
_DAY_DEPTH: Final = 1
_MINUTE_DEPTH: Final = 5
_CACHED_SPLITS: Final = 512
_FEWEST_TRADES: Final = 4


class PastTrade(NamedTuple):
    """One trade before the start: time in ms, price and size in units of 1e-8, the taker's side."""

    time_ms: int
    price: int
    size: int
    side: str
    sequential_id: int


class Profile(NamedTuple):
    """What a market's days look like.

    Attributes:
        trades: trades of an average day.
        volume: volume of an average day, in units of 1e-8.
        volatility: standard deviation of a day's return.
        days: how many days ago the market was listed.
    """

    trades: float
    volume: float
    volatility: float
    days: int


class History:
    """The past of one market up to ``start_ms``, ending at ``price``."""

    def __init__(self, *, key: int, grid: PriceGrid, profile: Profile, price: int, start_ms: int) -> None:
        """Describe the past; only its last week is laid out yet. ``key`` seeds everything."""
        self._key = key
        self._grid = grid
        self._profile = profile
        self._splits: dict[tuple[int, int], list[Bar]] = {}
        self._rng = Random(key)
        self._first_day = start_ms - start_ms % DAY_MS
        self._weeks: list[Bar] = []
        gap = int(self._rng.random() * min(120_000.0, DAY_MS / profile.trades))
        self._add_week(price, max(0, start_ms - 1 - gap))

    @property
    def today(self) -> Bar | None:
        """The day that was running at the start, up to the start; None when it had no trades."""
        return self.bar("1d", self._first_day)

    def close_before(self, day_start: int) -> int:
        """Return the last price before ``day_start``, a time in ms; the opening price when that is the listing."""
        bar = next(self._walk(_DAY_DEPTH, day_start), None)
        return bar.close if bar is not None else self._weeks[-1].open

    def extremes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return the highest and the lowest price of the last 52 weeks, each with the start of its day."""
        self._lay_out(_WEEKS_OF_YEAR)
        weeks = self._weeks[:_WEEKS_OF_YEAR]
        highest = self._parts(max(weeks, key=lambda week: week.high), 0)
        lowest = self._parts(min(weeks, key=lambda week: week.low), 0)
        high = max(highest, key=lambda day: day.high)
        low = min(lowest, key=lambda day: day.low)
        return (high.high, high.start), (low.low, low.start)

    def newest_first(self, interval: str, before_ms: int) -> Iterator[Bar]:
        """Yield the candles that start before ``before_ms``, newest first; periods without trades are missing."""
        depth = _DEPTHS.get(interval)
        if depth is not None:
            yield from self._walk(depth, before_ms)
            return
        length = INTERVALS[interval]
        last_start = -(-before_ms // length) * length
        for start, bars in groupby(self._walk(_MINUTE_DEPTH, last_start), lambda bar: bar.start - bar.start % length):
            bar = merged(reversed(list(bars)), start)
            if bar is not None:
                yield bar

    def bar(self, interval: str, start: int) -> Bar | None:
        """Return a copy of the candle of ``interval`` that starts at ``start``, or None when it had no trades."""
        bar = next(self.newest_first(interval, start + 1), None)
        return bar.at(start) if bar is not None and bar.start == start else None

    def trades_newest_first(self, before_ms: int) -> Iterator[PastTrade]:
        """Yield the trades earlier than ``before_ms``, newest first."""
        for bar in self._walk(_DEPTHS["1s"], before_ms):
            for trade in reversed(self._trades_of(bar)):
                if trade.time_ms < before_ms:
                    yield trade

    def _walk(self, depth: int, before_ms: int) -> Iterator[Bar]:
        index = max(0, (self._weeks[0].start - before_ms + _WEEK_MS - 1) // _WEEK_MS)
        while self._lay_out(index + 1):
            yield from self._descend(self._weeks[index], 0, depth, before_ms)
            index += 1

    def _descend(self, bar: Bar, depth: int, wanted: int, before_ms: int) -> Iterator[Bar]:
        if bar.start >= before_ms:
            return
        if depth == wanted:
            yield bar
            return
        for child in reversed(self._parts(bar, depth)):
            yield from self._descend(child, depth + 1, wanted, before_ms)

    def _lay_out(self, weeks: int) -> bool:
        """Lay out the prices of the last ``weeks`` weeks; False when the market was listed after the first."""
        while len(self._weeks) < weeks and len(self._weeks) * 7 <= self._profile.days:
            earlier = self._weeks[-1]
            gap = int(self._rng.random() * min(120_000.0, DAY_MS / self._profile.trades))
            self._add_week(earlier.open, earlier.start - 1 - gap)
        return len(self._weeks) >= weeks

    def _add_week(self, close: int, last_ms: int) -> None:
        rng, profile, grid = self._rng, self._profile, self._grid
        start = last_ms - last_ms % _WEEK_MS
        days = (last_ms + 1 - start) / DAY_MS
        sigma = profile.volatility * math.sqrt(days)
        opened = grid.nearest(close * math.exp(-rng.gauss(0, sigma)))
        high = grid.nearest(max(opened, close) * (1 + abs(rng.gauss(0, sigma * 0.4))))
        low = grid.nearest(min(opened, close) * (1 - min(0.5, abs(rng.gauss(0, sigma * 0.4)))))
        trades = max(_FEWEST_TRADES, int(profile.trades * days * math.exp(rng.gauss(0, 0.3))))
        volume = max(trades * 100, int(profile.volume / profile.trades * trades * rng.uniform(0.7, 1.4)))
        self._weeks.append(_bar(start, opened, high, low, close, volume, last_ms, trades))

    def _parts(self, bar: Bar, depth: int) -> list[Bar]:
        place = (depth, bar.start)
        parts = self._splits.get(place)
        if parts is None:
            if len(self._splits) >= _CACHED_SPLITS:
                self._splits.clear()
            parts = self._splits[place] = self._split(bar, depth)
        return parts

    def _random(self, depth: int, start: int) -> Random:
        return Random((self._key * 16 + depth) * DAY_MS * 100_000 + start)

    def _split(self, bar: Bar, depth: int) -> list[Bar]:
        rng = self._random(depth, bar.start)
        span = _SPANS[depth + 1]
        last = (bar.last_ms - bar.start) // span
        reached = (bar.last_ms - bar.start - last * span + 1) / span
        counts = _shares(rng, bar.trades - 1, last + 1, reached)
        counts[last] += 1
        starts = [bar.start + index * span for index in range(last + 1)]
        return _parts(bar, counts, starts, span, rng, self._grid)

    def _trades_of(self, second: Bar) -> list[PastTrade]:
        rng = self._random(len(_SPANS), second.start)
        count = second.trades
        times = sorted(rng.randint(second.start, second.last_ms) for _ in range(count - 1))
        times.append(second.last_ms)
        parts = _parts(second, [1] * count, times, 1, rng, self._grid)
        trades: list[PastTrade] = []
        for part in parts:
            same = sum(1 for trade in trades if trade.time_ms == part.start)
            side = "BID" if rng.random() < 0.5 else "ASK"
            trades.append(PastTrade(part.start, part.close, part.volume, side, part.start * 10_000 + same))
        return trades


def _bar(start: int, opened: int, high: int, low: int, close: int, volume: int, last_ms: int, trades: int) -> Bar:
    turnover = (opened + high + low + close) * volume // 4
    return Bar(start, opened, high, low, close, volume, turnover, last_ms, trades)


def _shares(rng: Random, total: int, parts: int, reached: float) -> list[int]:
    """Divide ``total`` trades among ``parts`` periods, unevenly as a market does.

    ``reached`` is the fraction of the last period that lies before the last trade.
    """
    weights = [0.15 + rng.random() ** 3 for _ in range(parts)]
    weights[-1] *= reached
    scale = total / sum(weights)
    counts = [int(weight * scale) for weight in weights]
    for index in rng.choices(range(parts), weights, k=total - sum(counts)):
        counts[index] += 1
    return counts


def _extreme(rng: Random, bar: Bar, price: int, other: int) -> int:
    """Return which trade of ``bar`` is at its high or low ``price``; ``other`` is taken already."""
    if price == bar.open:
        return 0
    if price == bar.close:
        return bar.trades - 1
    index = rng.randint(1, bar.trades - 2)
    if index == other:
        index = index + 1 if index < bar.trades - 2 else 1
    return index


def _parts(bar: Bar, counts: list[int], starts: list[int], span: int, rng: Random, grid: PriceGrid) -> list[Bar]:
    """Split ``bar`` into one bar per non-empty count so that open, high, low, close and volume agree exactly.

    The trades are numbered; the first, the last and the two at the extremes have known prices ("pins"). A part
    takes its prices from the pins that fall into it and otherwise wanders from the previous part's close
    towards the final close. A part of n trades never has more than n different prices among the four.
    """
    at_high = _extreme(rng, bar, bar.high, -1)
    pins = {0: bar.open, bar.trades - 1: bar.close, at_high: bar.high}
    pins[_extreme(rng, bar, bar.low, at_high)] = bar.low
    width = bar.high - bar.low
    remaining = sum(1 for count in counts if count)
    wander = width * 0.4 / math.sqrt(remaining)
    volume_left = bar.volume
    trades_left = bar.trades
    previous = bar.open
    index = 0
    parts: list[Bar] = []
    for count, start in zip(counts, starts, strict=True):
        if not count:
            continue
        final = index + count - 1
        opened = pins.get(index)
        close = pins.get(final)
        if close is None:
            # A bridge to the final close, in time: what is left for a last period that has hardly begun is little.
            step = 1 / min(remaining, max(1.0, (bar.last_ms - start + 1) / span))
            noise = rng.gauss(0, wander) * math.sqrt(1 - step) if width else 0.0
            close = min(bar.high, max(bar.low, grid.nearest(previous + (bar.close - previous) * step + noise)))
        if opened is None:
            opened = close if count == 1 else previous
        inside = [price for place, price in pins.items() if index < place < final]
        room = count - 2 - len(inside)
        high = max(opened, close, *inside)
        low = min(opened, close, *inside)
        reach = wander * math.sqrt(min(1.0, (bar.last_ms - start + 1) / span))
        if room >= 1 and high < bar.high:
            high = min(bar.high, grid.nearest(high + abs(rng.gauss(0, reach))))
            room -= 1
        if room >= 1 and low > bar.low:
            low = max(bar.low, grid.nearest(max(low - abs(rng.gauss(0, reach)), 1)))
        trades_left -= count
        volume = volume_left
        if trades_left:
            fair = volume_left * count / (trades_left + count)
            left_over = max(trades_left, int((volume_left - fair) * 0.4))
            volume = min(max(int(fair * rng.uniform(0.5, 1.5)), count), volume_left - left_over)
        volume_left -= volume
        is_last = index + count == bar.trades
        last_ms = bar.last_ms if is_last else start + int(span * (1 - rng.random() / (count + 1)) * 0.9999)
        parts.append(_bar(start, opened, high, low, close, volume, last_ms, count))
        previous = close
        index += count
        remaining -= 1
    return parts

from __future__ import annotations

from upbit_qt_ws.testing.limits import GroupLimits, MessageLimit, Window


def test_a_window_is_free_again_at_the_next_whole_second() -> None:
    window = Window(2)
    assert [window.take(0.9), window.take(0.95), window.take(0.99), window.take(1.0)] == [True, True, False, True]
    assert window.remaining == 1


def test_messages_are_counted_by_second_and_by_minute() -> None:
    limit = MessageLimit()
    assert [limit.take(60.0) for _ in range(6)] == [True] * 5 + [False]
    passed = sum(limit.take(61.0 + number / 4) for number in range(200))
    assert passed == 95
    assert limit.take(120.0)


def test_groups_and_callers_are_counted_apart() -> None:
    limits = GroupLimits(enforced=True)
    assert [limits.take("ticker", "a", 5.0)[0] for _ in range(11)] == [True] * 10 + [False]
    assert limits.take("candle", "a", 5.0) == (True, "group=candle; min=600; sec=9")
    assert limits.take("ticker", "b", 5.0)[0]
    assert limits.take("default", "a", 5.0)[1] == "group=default; min=1800; sec=29"


def test_an_origin_waits_ten_seconds() -> None:
    limits = GroupLimits(enforced=True)
    assert [limits.take_origin("a", now)[0] for now in (0.0, 9.9, 10.0)] == [True, False, True]


def test_limits_can_be_switched_off() -> None:
    limits = GroupLimits(enforced=False)
    assert all(limits.take("ticker", "a", 5.0)[0] for _ in range(50))
    assert limits.take_origin("a", 0.0)[0]
    assert limits.take_origin("a", 0.1)[0]

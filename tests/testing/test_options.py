from __future__ import annotations

from typing import Any

import pytest

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.testing import MockUpbitWebSocketServer, SimulatorOptions
from upbit_qt_ws.testing.records import Log


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("snapshot_delays", (0.2, 0.1)),
        ("late_frames", -1),
        ("error_close_delay", -0.1),
        ("idle_timeout", 0),
        ("status_period", 0),
        ("reorder", 1.5),
        ("volatility", -1),
        ("send_buffer_limit", 0),
        ("records", 0),
        ("region", "mars"),
    ],
)
def test_values_that_cannot_work_are_named(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        SimulatorOptions(**{name: value})


def test_the_close_delay_is_that_of_the_region() -> None:
    assert SimulatorOptions().close_delay == 0.15
    assert SimulatorOptions(region="id").close_delay == 0.6
    assert SimulatorOptions(error_close_delay=0.0).close_delay == 0.0


@pytest.mark.parametrize("arguments", [{"rate": -1}, {"rate": float("nan")}, {"markets": ["KRW-NOPE"]}])
def test_arguments_that_cannot_work_are_named(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"rate|NOPE"):
        MockUpbitWebSocketServer(**arguments)


def test_old_records_are_forgotten() -> None:
    log: Log[int] = Log(3)
    for number in range(10):
        log.add(number)
    assert log.copy()[-3:] == (7, 8, 9)
    assert len(log.copy()) <= 6

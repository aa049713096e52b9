"""Scripts: one seed, one script; what is written can be read; what cannot be played is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.testing.faults import Fault, FaultKind, FaultScript, Step
from upbit_qt_ws.testing.faults.vocabulary import LASTING

CODES = ("KRW-BTC", "KRW-ETH")


@given(seed=st.integers(), duration=st.floats(0.1, 60.0), every=st.floats(0.1, 10.0))
def test_a_seed_makes_one_script_whose_faults_all_end(seed: int, duration: float, every: float) -> None:
    script = FaultScript.from_seed(seed, duration, every=every, codes=CODES)
    assert script == FaultScript.from_seed(seed, duration, every=every, codes=CODES)
    assert [step.at for step in script] == sorted(step.at for step in script)
    for step in script:
        step.fault.check()
        assert 0 <= step.at <= duration + 0.001
        assert step.at + step.fault.seconds <= script.duration + 1e-6


@given(seed=st.integers(), duration=st.floats(0.1, 60.0))
def test_what_was_written_reads_back_as_the_same_script(seed: int, duration: float) -> None:
    script = FaultScript.from_seed(seed, duration, every=0.5, codes=CODES)
    assert str(FaultScript.parse(str(script))) == str(script)


def test_a_known_seed_makes_a_known_script() -> None:
    assert (
        str(FaultScript.from_seed(1, 4.0))
        == """\
+0.144 s cut_in_frame 131
+0.270 s close 1011
+1.324 s freeze for 0.372 s
+1.353 s cut_handshakes for 1.221 s
+2.790 s cut
+3.980 s slow_writes 200 for 0.015 s
+4.001 s end"""
    )


def test_every_kind_comes_up() -> None:
    kinds = {step.fault.kind for seed in range(60) for step in FaultScript.from_seed(seed, 10.0)}
    assert kinds == set(FaultKind)


RARE = (FaultKind.BLACK_HOLE, FaultKind.STARVE, FaultKind.STALL)


def test_faults_that_take_long_to_notice_are_rare_and_leave_the_other_lines_as_they_are() -> None:
    frequent = [kind for kind in FaultKind if kind not in RARE]
    counts = [0, 0]
    for seed in range(100):
        steps = FaultScript.from_seed(seed, 10.0).steps
        others = [step for step in steps if step.fault.kind not in RARE]
        assert others == list(FaultScript.from_seed(seed, 10.0, kinds=frequent).steps)
        counts[0] += len(steps) - len(others)
        counts[1] += len(others)
    assert 4 < counts[1] / counts[0] < 16


def test_a_topic_may_starve() -> None:
    (step,) = FaultScript.parse("+1 s starve orderbook KRW-BTC for 2.5 s").steps
    assert step.fault == Fault(FaultKind.STARVE, 2.5, "orderbook KRW-BTC")


def test_seeds_differ() -> None:
    assert len({str(FaultScript.from_seed(seed, 10.0)) for seed in range(100)}) == 100


def test_only_the_chosen_kinds_are_used() -> None:
    kinds = (FaultKind.RESET, FaultKind.FREEZE)
    script = FaultScript.from_seed(3, 30.0, kinds=kinds, longest=0.5)
    assert {step.fault.kind for step in script} == set(kinds)
    assert all(step.fault.seconds <= 0.5 for step in script)


def test_a_script_written_by_hand() -> None:
    script = FaultScript.parse("""
        # the night
        +1.5 s freeze for 2 s
        +0.25 s close 1001
        +5 s end
    """)
    assert script.steps == (
        Step(0.25, Fault(FaultKind.CLOSE, value="1001")),
        Step(1.5, Fault(FaultKind.FREEZE, 2.0)),
    )
    assert script.duration == 5.0
    assert len(script) == 2


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("freeze for 2 s", "time"),
        ("+1 s explode", "no fault"),
        ("+1 s freeze", "needs a time"),
        ("+1 s reset for 2 s", "does not last"),
        ("+1 s close 1006", "1011"),
        ("+1 s status 200 for 1 s", "418"),
        ("+1 s slow for 1 s", "whole number"),
        ("+1 s silence for 1 s", "market code"),
        ("+1 s bad_message nonsense", "not_json"),
        ("+1 s black_hole for 1 s", "both, in, out"),
        ("+1 s black_hole sideways for 1 s", "both, in, out"),
        ("+1 s starve for 1 s", "a topic such as"),
        ("+1 s starve ticker for 1 s", "a topic such as"),
        ("+1 s stall KRW-BTC for 1 s", "a topic such as"),
        ("+1 s stall public", "needs a time"),
        ("+1 s freeze for 2 s\n+2 s end", "within"),
        ("-1 s reset", "within"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(line: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        FaultScript.parse(line)


def test_lasting_kinds_have_a_time_and_others_none() -> None:
    for seed in range(30):
        for step in FaultScript.from_seed(seed, 10.0):
            assert (step.fault.kind in LASTING) is (step.fault.seconds > 0)

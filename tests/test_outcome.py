"""A result that comes later: for callbacks, and for whichever asyncio loop runs."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging

import pytest

from upbit_qt_ws.outcome import Outcome


async def wait_for(outcome: Outcome[str]) -> str:
    return await outcome


async def turns(count: int = 5) -> None:
    """Let everything that is ready run."""
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture
def outcome() -> Outcome[str]:
    return Outcome()


def test_it_is_decided_once_and_later_decisions_change_nothing(outcome: Outcome[str]) -> None:
    done_before = outcome.done
    outcome.set_result("first")
    outcome.set_result("second")
    outcome.set_error(ValueError("third"))
    assert (done_before, outcome.done) == (False, True)
    assert outcome.result() == "first"


def test_the_result_of_an_undecided_one_is_an_error_that_says_what_to_do(outcome: Outcome[str]) -> None:
    with pytest.raises(RuntimeError, match="not decided yet"):
        outcome.result()


def test_none_is_a_result_like_any_other() -> None:
    nothing: Outcome[None] = Outcome()
    nothing.set_result(None)
    assert nothing.done
    asyncio.run(_await_none(nothing))


async def _await_none(nothing: Outcome[None]) -> None:
    await nothing


def test_an_error_reaches_everybody_who_asks_each_time(outcome: Outcome[str]) -> None:
    outcome.set_error(ValueError("refused"))
    for _ in range(2):
        with pytest.raises(ValueError, match="refused"):
            outcome.result()
        with pytest.raises(ValueError, match="refused"):
            asyncio.run(wait_for(outcome))


def test_an_error_that_nobody_asked_for_is_no_complaint(caplog: pytest.LogCaptureFixture) -> None:
    async def drop() -> None:
        forgotten: Outcome[str] = Outcome()
        forgotten.set_error(ValueError("forgotten"))
        del forgotten
        gc.collect()

    with caplog.at_level(logging.DEBUG, logger="upbit_qt_ws"):
        asyncio.run(drop())
    assert "forgotten" not in caplog.text


def test_it_may_be_made_and_decided_without_a_loop_and_awaited_on_several(outcome: Outcome[str]) -> None:
    outcome.set_result("value")
    assert [asyncio.run(wait_for(outcome)) for _ in range(3)] == ["value"] * 3


def test_many_may_wait_at_once_and_one_may_wait_again(outcome: Outcome[str]) -> None:
    async def main() -> list[str]:
        waiting = [asyncio.create_task(wait_for(outcome)) for _ in range(3)]
        await turns()
        assert not any(task.done() for task in waiting)
        outcome.set_result("value")
        return [*await asyncio.gather(*waiting), await outcome, await outcome]

    assert asyncio.run(main()) == ["value"] * 5


def test_an_error_wakes_everybody_who_waits(outcome: Outcome[str]) -> None:
    async def main() -> list[object]:
        waiting = [asyncio.create_task(wait_for(outcome)) for _ in range(3)]
        await turns()
        outcome.set_error(KeyError("refused"))
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    assert [type(error) for error in asyncio.run(main())] == [KeyError] * 3


def test_one_waiter_that_is_cancelled_changes_nothing_for_the_others(outcome: Outcome[str]) -> None:
    async def main() -> str:
        cancelled, waiting = asyncio.create_task(wait_for(outcome)), asyncio.create_task(wait_for(outcome))
        await turns()
        cancelled.cancel()
        await turns()
        assert cancelled.cancelled()
        assert not outcome.done
        outcome.set_result("value")
        return await waiting

    assert asyncio.run(main()) == "value"


def test_a_waiter_cancelled_in_the_moment_of_the_decision_harms_nobody(
    outcome: Outcome[str], caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> str:
        cancelled, waiting = asyncio.create_task(wait_for(outcome)), asyncio.create_task(wait_for(outcome))

        def cancel() -> None:
            cancelled.cancel()

        # Called before the two waiters are released, which register at their first turn.
        outcome.add_done_callback(cancel)
        await turns()
        outcome.set_result("value")
        await asyncio.gather(cancelled, return_exceptions=True)
        return await waiting

    assert asyncio.run(main()) == "value"
    assert caplog.records == []


def test_a_loop_that_ended_while_somebody_waited_does_not_disturb_the_decision(outcome: Outcome[str]) -> None:
    async def leave_waiting() -> asyncio.Task[str]:
        task = asyncio.create_task(wait_for(outcome))
        await turns()
        return task

    assert asyncio.run(leave_waiting()).cancelled()
    outcome.set_result("value")
    assert asyncio.run(wait_for(outcome)) == "value"


def test_callbacks_are_called_once_in_order_and_at_once_when_it_is_decided(outcome: Outcome[str]) -> None:
    calls: list[int] = []
    outcome.add_done_callback(lambda: calls.append(1))
    outcome.add_done_callback(lambda: calls.append(2))
    assert calls == []
    outcome.set_result("value")
    outcome.set_result("again")
    assert calls == [1, 2]
    outcome.add_done_callback(lambda: calls.append(3))
    assert calls == [1, 2, 3]


def test_a_callback_finds_the_outcome_decided_and_may_add_another(outcome: Outcome[str]) -> None:
    results: list[str] = []
    outcome.add_done_callback(lambda: outcome.add_done_callback(lambda: results.append(outcome.result())))
    outcome.set_result("value")
    assert results == ["value"]


def test_a_callback_that_raises_keeps_nobody_else_from_being_told(outcome: Outcome[str]) -> None:
    calls: list[int] = []

    def fail() -> None:
        raise OSError("broken callback")

    async def main() -> None:
        outcome.add_done_callback(fail)
        outcome.add_done_callback(lambda: calls.append(1))
        waiting = asyncio.create_task(wait_for(outcome))
        await turns()
        with contextlib.suppress(OSError):
            outcome.set_result("value")
        await turns()
        assert calls == [1]
        assert waiting.done()
        assert waiting.result() == "value"

    asyncio.run(main())

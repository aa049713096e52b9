"""A subscription as its owner sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from upbit_qt_ws.errors import AuthError, BackpressureError, NotServedError, SubscriptionError, UpbitQtError
from upbit_qt_ws.outcome import Outcome
from upbit_qt_ws.subscriptions import SubscriptionState
from upbit_qt_ws.subscriptions.states import overall

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from upbit_qt_ws.callbacks import CallbackRunner
    from upbit_qt_ws.delivery import Account, Receiver
    from upbit_qt_ws.outcome import WaitWatch
    from upbit_qt_ws.subscriptions import Refusal, SubscriptionSpec
    from upbit_qt_ws.wire.topics import Topic


_BAD: Final = (SubscriptionState.NOT_SERVED, SubscriptionState.REJECTED)


class SubscriptionOwner(Protocol):
    """What a subscription needs of the proxy that it belongs to."""

    def swap_codes(self, subscription: Subscription, codes: str | Iterable[str]) -> None:
        """Swap the codes in one step."""

    def cancel_subscription(self, subscription: Subscription) -> None:
        """End the subscription."""

    def subscription_ended(self, subscription: Subscription) -> None:
        """It is closed now."""

    def topic_state(self, topic: Topic) -> SubscriptionState:
        """Return how a topic stands."""

    def refusal(self, topic: Topic) -> Refusal | None:
        """Return why a topic is rejected, None if it is not."""


class Subscription:
    """One call of a ``subscribe_*`` method: independent of and additional to all others.

    It can be awaited: that completes, with the subscription itself, when the data is live, and raises
    :class:`NotServedError`, :class:`AuthError` or :class:`SubscriptionError` when the exchange serves none of the
    codes, wants other keys, or the subscription is rejected or cancelled first, and :class:`NoEventLoopError` when no
    Qt event loop runs, so that nothing can come. It lives as long as its proxy; keep the proxy.
    """

    __slots__ = (
        "__weakref__",
        "_complained",
        "_live",
        "_lost",
        "_owner",
        "_reported",
        "_watch",
        "receiver",
        "runner",
        "spec",
    )

    def __init__(
        self,
        spec: SubscriptionSpec,
        receiver: Receiver,
        runner: CallbackRunner | None,
        owner: Callable[[], SubscriptionOwner | None],
        watch: WaitWatch | None = None,
    ) -> None:
        """Made by a proxy; ``owner`` is a weak reference to it, ``watch`` finds out whether data can come at all."""
        self.spec = spec
        self.receiver = receiver
        self.runner = runner
        self._owner: Callable[[], SubscriptionOwner | None] | None = owner
        self._watch = watch
        self._live: Outcome[Subscription] = Outcome(watch)
        self._reported = SubscriptionState.PENDING
        self._complained: frozenset[str] = frozenset()
        self._lost = 0

    def __repr__(self) -> str:
        """Show what is subscribed and how it stands."""
        return f"<Subscription {self._name} {self.state.value}>"

    @property
    def codes(self) -> tuple[str, ...]:
        """The market codes, in the order in which they were given.

        Categories of announcements; empty for all own orders, all announcements, and for the own assets.
        """
        return self.spec.codes

    @property
    def states(self) -> Mapping[str, SubscriptionState]:
        """How each code stands; what has no codes stands under the empty one."""
        owner = self._alive_owner()
        if owner is None:
            return {topic.code: SubscriptionState.CLOSED for topic in self.spec.topics}
        return {topic.code: owner.topic_state(topic) for topic in self.spec.topics}

    @property
    def state(self) -> SubscriptionState:
        """How the subscription stands as a whole; see :func:`upbit_qt_ws.subscriptions.states.overall`."""
        return overall(self.states.values())

    @property
    def error(self) -> UpbitQtError | None:
        """Why nothing comes: the error that awaiting it would raise while none of its codes is served, else None."""
        states = self.states
        return self._error_of(states) if overall(states.values()) in _BAD else None

    @property
    def account(self) -> Account:
        """What became of its events: ``received`` = ``delivered`` + ``coalesced`` + ``dropped``."""
        return self.receiver.account

    def set_codes(self, codes: str | Iterable[str]) -> None:
        """Swap the codes in one step; other subscriptions are not disturbed, and one request goes out.

        Raises:
            SubscriptionError: a code is misspelt, or the subscription is closed; nothing has changed then.
        """
        owner = self._alive_owner()
        if owner is None:
            raise SubscriptionError(f"the subscription of {self._name} is closed: subscribe again")
        owner.swap_codes(self, codes)

    def cancel(self) -> None:
        """End it; cancelling twice does nothing."""
        owner = self._alive_owner()
        if owner is not None:
            owner.cancel_subscription(self)

    @property
    def is_paused(self) -> bool:
        """Whether its callback is called no more, because it has failed too often in a row."""
        return self.runner is not None and self.runner.is_paused

    def resume(self) -> None:
        """Have its callback called again after it was paused; what came meanwhile was dropped."""
        if self.runner is not None:
            self.runner.resume()

    def on_live(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once when awaiting it would complete, for applications without asyncio."""
        self._live.add_done_callback(callback)

    def __await__(self) -> Generator[object, None, Subscription]:
        """Wait until the data is live."""
        return self._live.__await__()

    def _refresh(self) -> bool:
        """Look at the states anew, settle what was awaited, and tell whether the state changed. Called by the proxy."""
        states = self.states
        state = overall(states.values())
        if state is SubscriptionState.LIVE:
            self._live.set_result(self)
        elif state in (SubscriptionState.NOT_SERVED, SubscriptionState.REJECTED):
            self._live.set_error(self._error_of(states))
        changed = state is not self._reported
        self._reported = state
        return changed

    def _complaint(self) -> UpbitQtError | None:
        """Return the error of codes that are refused or not served since the last call, None if there are none.

        Called by the proxy.
        """
        bad = {code: state for code, state in self.states.items() if state in _BAD}
        new = {code: state for code, state in bad.items() if code not in self._complained}
        self._complained = frozenset(bad)
        return self._error_of(new) if new else None

    def _take_lost(self) -> BackpressureError | None:
        """Return the error of own events that there was no room for since the last call, None if there are none.

        Called by the proxy. Public events that are dropped are only counted.
        """
        count = self.receiver.overflowed - self._lost
        if not count or not self.receiver.is_own:
            return None
        self._lost = self.receiver.overflowed
        return BackpressureError(
            f"{count} events of {self._name} were dropped because the application takes them too slowly: make the "
            "callback faster, and read the present state with get_my_order_snapshot() or get_my_asset_snapshot()"
        )

    def _renew(self, spec: SubscriptionSpec) -> None:
        """Take swapped codes; awaiting it means the new ones from now on. Called by the proxy."""
        self.spec = spec
        if self._live.done:
            self._live = Outcome(self._watch)

    def _ended(self) -> None:
        """It holds nothing any more: it was cancelled, or its proxy or the manager is gone. Called by the registry."""
        owner, self._owner = self._alive_owner(), None
        if self.runner is not None:
            self.runner.cancel()
        self._live.set_error(SubscriptionError(f"the subscription of {self._name} was cancelled"))
        if owner is not None:
            owner.subscription_ended(self)

    def _alive_owner(self) -> SubscriptionOwner | None:
        return None if self._owner is None else self._owner()

    @property
    def _name(self) -> str:
        return f"{self.spec.type} {', '.join(self.spec.codes)}".strip()

    def _error_of(self, states: Mapping[str, SubscriptionState]) -> UpbitQtError:
        """Return the error of these codes, which are rejected or not served."""
        owner = self._alive_owner()
        topics = [topic for topic in self.spec.topics if states.get(topic.code) is SubscriptionState.REJECTED]
        refusals = [] if owner is None else [refusal for refusal in map(owner.refusal, topics) if refusal is not None]
        if not refusals:
            listed = f"{self.spec.type} {', '.join(states)}".strip()
            hint = f", and that it supports the level {self.spec.level:g}" if self.spec.level else ""
            return NotServedError(f"the exchange does not answer for {listed}: check the code and its market{hint}")
        listed = f"{self.spec.type} {', '.join(topic.code for topic in topics)}".strip()
        reasons = "; ".join(dict.fromkeys(refusal.reason for refusal in refusals))
        hint = "; ".join(filter(None, dict.fromkeys(refusal.hint for refusal in refusals)))
        message = f"{listed} is rejected: {reasons}" + (f" ({hint})" if hint and hint not in reasons else "")
        of_keys = next((refusal for refusal in refusals if refusal.is_auth), None)
        if of_keys is not None:
            return AuthError(message, name=of_keys.name, hint=of_keys.hint)
        return SubscriptionError(message)

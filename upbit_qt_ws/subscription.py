"""A subscription as its owner sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from upbit_qt_ws.errors import NotServedError, SubscriptionError
from upbit_qt_ws.outcome import Outcome
from upbit_qt_ws.subscriptions import SubscriptionState
from upbit_qt_ws.subscriptions.states import overall

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from upbit_qt_ws.callbacks import CallbackRunner
    from upbit_qt_ws.delivery import Account, Receiver
    from upbit_qt_ws.subscriptions import SubscriptionSpec
    from upbit_qt_ws.wire.topics import Topic


class SubscriptionOwner(Protocol):
    """What a subscription needs of the proxy that it belongs to."""

    def swap_codes(self, subscription: Subscription, codes: str | Iterable[str]) -> None:
        """Swap the codes in one step."""

    def cancel_subscription(self, subscription: Subscription) -> None:
        """End the subscription."""

    def topic_state(self, topic: Topic) -> SubscriptionState:
        """Return how a topic stands."""

    def rejection(self, topic: Topic) -> str:
        """Return why a topic is rejected."""


class Subscription:
    """One call of a ``subscribe_*`` method: independent of and additional to all others.

    It can be awaited: that completes, with the subscription itself, when the data is live, and raises
    :class:`NotServedError` or :class:`SubscriptionError` when the exchange serves none of the codes or the
    subscription is rejected or cancelled first. It lives as long as its proxy; keep the proxy.
    """

    __slots__ = ("__weakref__", "_live", "_owner", "_reported", "receiver", "runner", "spec")

    def __init__(
        self,
        spec: SubscriptionSpec,
        receiver: Receiver,
        runner: CallbackRunner | None,
        owner: Callable[[], SubscriptionOwner | None],
    ) -> None:
        """Made by a proxy; ``owner`` is a weak reference to it."""
        self.spec = spec
        self.receiver = receiver
        self.runner = runner
        self._owner: Callable[[], SubscriptionOwner | None] | None = owner
        self._live: Outcome[Subscription] = Outcome()
        self._reported = SubscriptionState.PENDING

    def __repr__(self) -> str:
        """Show what is subscribed and how it stands."""
        return f"<Subscription {self.spec.type} {','.join(self.spec.codes)} {self.state.value}>"

    @property
    def codes(self) -> tuple[str, ...]:
        """The market codes, in the order in which they were given."""
        return self.spec.codes

    @property
    def states(self) -> Mapping[str, SubscriptionState]:
        """How each code stands."""
        owner = self._alive_owner()
        if owner is None:
            return dict.fromkeys(self.spec.codes, SubscriptionState.CLOSED)
        return {topic.code: owner.topic_state(topic) for topic in self.spec.topics}

    @property
    def state(self) -> SubscriptionState:
        """How the subscription stands as a whole; see :func:`upbit_qt_ws.subscriptions.states.overall`."""
        return overall(self.states.values())

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
            raise SubscriptionError(f"the subscription of {', '.join(self.codes)} is closed: subscribe again")
        owner.swap_codes(self, codes)

    def cancel(self) -> None:
        """End it; cancelling twice does nothing."""
        owner = self._alive_owner()
        if owner is not None:
            owner.cancel_subscription(self)

    def on_live(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once when awaiting it would complete, for applications without asyncio."""
        self._live.add_done_callback(callback)

    def __await__(self) -> Generator[object, None, Subscription]:
        """Wait until the data is live."""
        return self._live.__await__()

    def refresh(self) -> bool:
        """Look at the states anew, settle what was awaited, and tell whether the state changed. Called by the proxy."""
        states = self.states
        state = overall(states.values())
        if state is SubscriptionState.LIVE:
            self._live.set_result(self)
        elif state in (SubscriptionState.NOT_SERVED, SubscriptionState.REJECTED):
            self._live.set_error(self._refusal(state))
        changed = state is not self._reported
        self._reported = state
        return changed

    def renew(self, spec: SubscriptionSpec) -> None:
        """Take swapped codes; awaiting it means the new ones from now on. Called by the proxy."""
        self.spec = spec
        if self._live.done:
            self._live = Outcome()

    def close(self) -> None:
        """Mark it closed. Called by the proxy."""
        self._owner = None
        if self.runner is not None:
            self.runner.cancel()
        self._live.set_error(SubscriptionError(f"the subscription of {', '.join(self.codes)} was cancelled"))

    def _alive_owner(self) -> SubscriptionOwner | None:
        return None if self._owner is None else self._owner()

    def _refusal(self, state: SubscriptionState) -> SubscriptionError:
        listed = f"{self.spec.type} {', '.join(self.codes)}"
        owner = self._alive_owner()
        if state is SubscriptionState.REJECTED and owner is not None:
            reasons = dict.fromkeys(filter(None, (owner.rejection(topic) for topic in self.spec.topics)))
            return SubscriptionError(f"{listed} is rejected: {'; '.join(reasons)}")
        return NotServedError(f"the exchange does not answer for {listed}: check the code and its market")

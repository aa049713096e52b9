"""Who wants what, what that means for the wire, and what the wire has: pure, no Qt, no sockets, no clock."""

from upbit_qt_ws.subscriptions.gaps import Gap
from upbit_qt_ws.subscriptions.ledger import (
    ComponentSubscription,
    DesiredState,
    LevelPolicy,
    SubscriptionSpec,
    SubscriptionStateManager,
)
from upbit_qt_ws.subscriptions.reconcile import Decision, Reconciler
from upbit_qt_ws.subscriptions.states import Refusal, SubscriptionState, TopicStates

__all__ = [
    "ComponentSubscription",
    "Decision",
    "DesiredState",
    "Gap",
    "LevelPolicy",
    "Reconciler",
    "Refusal",
    "SubscriptionSpec",
    "SubscriptionState",
    "SubscriptionStateManager",
    "TopicStates",
]

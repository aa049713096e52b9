"""What comes for a component while one of its slots or callbacks runs a nested Qt loop. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upbit_qt_ws.delivery.receiver import Delivery

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.delivery.backpressure import WaitingRoom
    from upbit_qt_ws.delivery.receiver import Receiver


class ParkedDeliveries:
    """Waits until the delivery that is under way has returned, as the policy of each subscription has it.

    A dialog that a callback opens runs Qt's loop, in which the next frame comes. The callback must not be entered again
    from within itself, since it would open the next dialog over the first, sixty times a second.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rooms: dict[int, tuple[Receiver, int, WaitingRoom]] = {}

    def add(self, batch: Iterable[Delivery]) -> None:
        """Have deliveries wait; what gives way to them is entered into the accounts."""
        for receiver, generation, event in batch:
            known = self._rooms.get(receiver.id)
            if known is None or known[1] != generation:
                if known is not None:
                    self._drop(*known)
                known = self._rooms[receiver.id] = (receiver, generation, receiver.policy.waiting_room())
            room = known[2]
            before = len(room)
            receiver.gave_way(room.offer(event, 0.0), loses=room.loses)
            receiver.parked += len(room) - before

    def take(self) -> list[Delivery]:
        """Return what waits, in order for each subscription; it waits no longer."""
        rooms, self._rooms = self._rooms, {}
        taken = []
        for receiver, generation, room in rooms.values():
            receiver.parked -= len(room)
            taken += [Delivery(receiver, generation, event) for event in room.take(0.0)]
        return taken

    @staticmethod
    def _drop(receiver: Receiver, _generation: int, room: WaitingRoom) -> None:
        receiver.parked -= len(room)
        receiver.dropped += room.discard()

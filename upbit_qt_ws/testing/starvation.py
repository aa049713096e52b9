"""What the exchange keeps to itself although it says that it serves it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from upbit_qt_ws.errors import SimulatorError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.testing.sessions import Session

_SOCKETS: Final = ("public", "private")


class Starvation:
    """Knows which connections are starved of what.

    What starves is told in words: ``public`` and ``private`` are all data of these sockets, and a topic such as
    ``ticker KRW-BTC`` is the data of one type and one market.

    Attributes:
        is_felt: anything is kept back from anybody; looked at before anything else, since it is asked for each frame.
    """

    def __init__(self) -> None:
        """Keep nothing back."""
        self._of_all: set[str] = set()
        self._of_some: dict[str, set[Session]] = {}
        self.is_felt = False

    def begin(self, what: str, sessions: Iterable[Session] | None = None) -> None:
        """Keep this back from now on.

        Args:
            what: see the class.
            sessions: from these connections; None is all of them, and all that are yet to come.

        Raises:
            SimulatorError: it is neither a socket nor a topic.
        """
        kind, _, code = what.partition(" ")
        if what not in _SOCKETS and not (kind and "-" in code):
            raise SimulatorError(
                f"{what!r} cannot starve: name 'public', 'private' or a topic such as 'ticker KRW-BTC'"
            )
        if sessions is None:
            self._of_all.add(what)
        else:
            self._of_some.setdefault(what, set()).update(sessions)
        self.is_felt = True

    def end(self, what: str, *, of_all: bool) -> None:
        """Keep this back no longer, from all connections or from those that were named."""
        if of_all:
            self._of_all.discard(what)
        else:
            self._of_some.pop(what, None)
        self.is_felt = bool(self._of_all or self._of_some)

    def discard(self, session: Session) -> None:
        """Forget a connection that has ended."""
        for sessions in self._of_some.values():
            sessions.discard(session)

    def starves(self, session: Session, event_type: str, code: str) -> bool:
        """Tell whether a connection gets nothing of this type and code."""
        socket = "private" if session.private else "info" if session.info else "public"
        return any(
            what in self._of_all or session in self._of_some.get(what, ()) for what in (socket, f"{event_type} {code}")
        )

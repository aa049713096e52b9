"""What the GUI asks the network side, and gets one answer to: immutable messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from upbit_qt_ws.network.rest import UpbitRestClient

_PUBLIC: Final = frozenset({"markets", "tickers", "all_tickers", "orderbooks", "instruments", "candles", "trades"})
_PRIVATE: Final = frozenset({"accounts", "open_orders", "order"})


class Question(msgspec.Struct, frozen=True):
    """One REST call: the method of :class:`UpbitRestClient` and its arguments. Equal questions have equal answers.

    Attributes:
        method: name of the method.
        arguments: its positional arguments, hashable ones.
        options: its keyword arguments as pairs.
    """

    method: str
    arguments: tuple[Any, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def is_private(self) -> bool:
        """Whether the call needs a token."""
        return self.method in _PRIVATE

    async def ask(self, client: UpbitRestClient) -> object:
        """Make the call.

        Raises:
            UpbitQtError: as the method says.
        """
        assert self.method in _PUBLIC | _PRIVATE
        return await getattr(client, self.method)(*self.arguments, **dict(self.options))


class Answer(msgspec.Struct, frozen=True):
    """The answer to a question, or the error that it ended with.

    Attributes:
        number: of the question, as its asker counts.
        value: what the call returned; None after an error.
        error: what it raised; None when it went well.
    """

    number: int
    value: object = None
    error: Exception | None = None

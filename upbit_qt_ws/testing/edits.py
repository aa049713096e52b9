"""What a test changes in the texts that the simulated exchange sends, just before it sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    EditReply = Callable[[str, str], str]
    """Takes the path below ``/v1`` without its query, such as ``/accounts``, and the body; returns another body."""

    EditFrame = Callable[[str], str]
    """Takes the text of a data frame, and returns another one."""


class Edits:
    """Both are None while nothing is changed.

    Attributes:
        reply: changes the bodies of REST replies that went well.
        frame: changes the data frames of all connections.
    """

    def __init__(self) -> None:
        """Change nothing."""
        self.reply: EditReply | None = None
        self.frame: EditFrame | None = None

"""Keys at run time: add, mend, spoil and delete them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from upbit_qt_ws.testing.api_keys import check_failure
from upbit_qt_ws.testing.parts import ExchangeParts
from upbit_qt_ws.testing.refusals import RequestRefused

if TYPE_CHECKING:
    from upbit_qt_ws.testing.api_keys import ApiKey


class KeyControls(ExchangeParts):
    """What the owner of the account does on the page of the API keys, and failures of authentication."""

    def set_key(self, key: ApiKey) -> None:
        """Add a key, or replace the one with the same access key: mend it, spoil it, change its scopes.

        Open connections keep what they were allowed at their handshake; nothing in the protocol checks again. [D]
        """
        self._authenticator.keys.put(key)

    def delete_key(self, access_key: str) -> None:
        """Delete a key. ``sockets_of_deleted_key`` decides what becomes of its open connections.

        Raises:
            SimulatorError: there is no such key.
        """
        self._authenticator.keys.remove(access_key)
        if self.options.sockets_of_deleted_key == "closed":
            for session in self._connections.sessions:
                if session.access_key == access_key and not session.ended:
                    self._connections.refuse(session, RequestRefused("INVALID_AUTH"))

    def set_auth_failure(self, name: str | None, access_key: str | None = None) -> None:
        """Let every authentication fail, on REST and on the handshakes, or (None) check tokens again.

        Args:
            name: ``error.name``, such as ``jwt_verification`` or ``out_of_scope``.
            access_key: only for this key; None for every call, whatever its token.

        Raises:
            ConfigurationError: no failed authentication has that name.
            SimulatorError: there is no such key.
        """
        check_failure(name)
        if access_key is None:
            self._authenticator.failure = name
        else:
            self._authenticator.keys.put(replace(self._authenticator.keys.existing(access_key), failure=name))

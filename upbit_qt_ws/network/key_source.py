"""Where the API keys come from, for everything in the engine that needs tokens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from upbit_qt_ws.network.jwt_manager import JWTManager
from upbit_qt_ws.network.keys import ApiKeys, keys_from_keyring

if TYPE_CHECKING:
    from upbit_qt_ws.config import WebSocketConfig


class KeySource:
    """The keys that were set last, else those of the settings, else those of the key ring if that is wanted."""

    def __init__(self, config: WebSocketConfig) -> None:
        """Read nothing yet."""
        self._config = config
        self._set: ApiKeys | None = None

    def set(self, keys: ApiKeys | None) -> None:
        """Prefer these keys from now on; None for none."""
        self._set = keys

    def manager(self) -> JWTManager:
        """Return a maker of tokens with a state of its own: what one socket is refused, another may be granted."""
        config = self._config
        return JWTManager(self._provide, lifetime=config.token_lifetime_s, algorithm=config.jwt_algorithm)

    async def renew(self, manager: JWTManager) -> None:
        """Read the keys anew if that is due; in a thread if it may block."""
        if not manager.renewal_due():
            return
        renewal = manager.begin()
        if self._set is None and self._config.use_keyring:
            await asyncio.to_thread(renewal.read)
        else:
            renewal.read()
        manager.finish(renewal)

    def _provide(self) -> ApiKeys | None:
        if self._set is not None:
            return self._set
        if self._config.access_key:
            return ApiKeys(self._config.access_key, self._config.secret_key)
        return keys_from_keyring() if self._config.use_keyring else None

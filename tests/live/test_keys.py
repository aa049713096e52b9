"""Keys that are missing, wrong, expired, without permission or from elsewhere: told to their owners, felt by nobody."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.conftest import feed_of, until
from upbit_qt_ws import AuthError, LinkState, SubscriptionState
from upbit_qt_ws.testing import ApiKey, SimulatorOptions

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

MODES = ("thread", "application")


@pytest.mark.parametrize("mode", MODES)
def test_without_keys_private_data_is_refused_with_a_hint_and_public_data_flows(qapp: QApplication, mode: str) -> None:
    with feed_of(qapp, SimulatorOptions(), mode, access_key="", secret_key="") as feed:
        errors: list[Exception] = []

        async def main() -> None:
            proxy = feed.proxy()
            proxy.error_occurred.connect(errors.append)
            assets = proxy.subscribe_my_asset()
            ticker = proxy.subscribe_ticker("KRW-BTC")
            with pytest.raises(AuthError, match="UPBIT_ACCESS_KEY") as caught:
                await assets
            assert "UPBIT_SECRET_KEY" in caught.value.hint
            assert assets.state is SubscriptionState.REJECTED
            await ticker
            assert feed.manager.link("private").state is LinkState.UNAUTHORIZED
            with pytest.raises(AuthError):
                await proxy.get_my_asset_snapshot()

        feed.run(main())
        assert [type(error) for error in errors] == [AuthError]
        assert len(feed.exchange.handshakes) == 1, "nothing is tried without keys"


@pytest.mark.parametrize("mode", MODES)
def test_keys_that_are_given_later_make_it_live_at_once(qapp: QApplication, mode: str) -> None:
    with feed_of(qapp, SimulatorOptions(), mode, access_key="", secret_key="") as feed:

        async def main() -> None:
            proxy = feed.proxy()
            assets = proxy.subscribe_my_asset()
            with pytest.raises(AuthError):
                await assets
            options = feed.exchange.server.options
            feed.manager.set_keys(options.access_key, options.secret_key)
            await until(lambda: assets.state is SubscriptionState.LIVE)
            assert len(await proxy.get_my_asset_snapshot()) > 1

        feed.run(main())


@pytest.mark.parametrize("mode", MODES)
def test_keys_that_are_given_before_anybody_subscribes_are_used_from_the_start(qapp: QApplication, mode: str) -> None:
    with feed_of(qapp, SimulatorOptions(), mode, access_key="", secret_key="") as feed:
        options = feed.exchange.server.options
        feed.manager.set_keys(options.access_key, options.secret_key)

        async def main() -> None:
            proxy = feed.proxy()
            errors: list[Exception] = []
            proxy.error_occurred.connect(errors.append)
            await proxy.subscribe_my_asset()
            assert errors == []

        feed.run(main())


REFUSALS = ["jwt_verification", "expired_access_key", "invalid_access_key", "no_authorization_ip", "out_of_scope"]


@pytest.mark.parametrize(("reading", "failure"), [*(("http", name) for name in REFUSALS), ("frame", REFUSALS[0])])
def test_refused_keys_are_a_typed_state_with_a_hint_until_they_are_mended(
    qapp: QApplication, reading: Any, failure: str
) -> None:
    with feed_of(qapp, SimulatorOptions(private_auth_failure=reading)) as feed:
        feed.exchange.set_auth_failure(failure)
        restarted: list[SubscriptionState] = []

        async def main() -> None:
            proxy = feed.proxy()
            ticker = proxy.subscribe_ticker("KRW-BTC")
            orders = proxy.subscribe_my_order()
            await ticker
            with pytest.raises(AuthError) as caught:
                await orders
            # In the other reading an error frame says only that something is wrong with the token.
            assert caught.value.name == (failure if reading == "http" else "INVALID_AUTH")
            assert caught.value.hint
            assert orders.state is SubscriptionState.REJECTED
            assert feed.manager.link("private").hint == caught.value.hint
            proxy.state_changed.connect(lambda subscription: restarted.append(subscription.state))
            feed.exchange.set_auth_failure(None)
            options = feed.exchange.server.options
            feed.manager.set_keys(options.access_key, options.secret_key)
            await until(lambda: orders.state is SubscriptionState.LIVE)
            assert ticker.state is SubscriptionState.LIVE

        feed.run(main())
        public = [view for view in feed.exchange.connections if view.path.endswith("v1")]
        assert len(public) == 1, "the public socket never noticed"


@pytest.mark.parametrize("scope_error", ["INVALID_AUTH", "out_of_scope"])
def test_a_missing_permission_rejects_only_what_needs_it(qapp: QApplication, scope_error: Any) -> None:
    key = ApiKey(
        access_key="only-assets", secret_key="a-secret-of-an-account-with-one-scope", scopes=frozenset({"view_assets"})
    )
    options = SimulatorOptions(keys=(key,), scope_error=scope_error)
    settings: dict[str, Any] = {"access_key": key.access_key, "secret_key": key.secret_key}
    with feed_of(qapp, options, **settings) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            assets, orders = proxy.subscribe_my_asset(), proxy.subscribe_my_order()
            with pytest.raises(AuthError) as caught:
                await orders
            assert caught.value.name == scope_error
            # The exchange closes the socket with each refusal; it is the last one.
            await until(lambda: assets.state is SubscriptionState.LIVE)

        feed.run(main())


def test_a_used_nonce_is_not_used_again_and_no_secret_is_written_anywhere(
    qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with feed_of(qapp, SimulatorOptions()) as feed:
        secret = feed.exchange.server.options.secret_key

        async def main() -> None:
            proxy = feed.proxy()
            orders = proxy.subscribe_my_order()
            for _ in range(3):
                await until(lambda: orders.state is SubscriptionState.LIVE)
                await proxy.get_my_asset_snapshot()
                feed.exchange.drop()
                await until(lambda: orders.state is not SubscriptionState.LIVE)
            await until(lambda: orders.state is SubscriptionState.LIVE)
            assert secret not in repr(feed.manager.config)

        feed.run(main())
        assert {call.status for call in feed.exchange.handshakes} == {101}
        assert {call.status for call in feed.exchange.rest_requests} == {200}
    assert secret not in caplog.text
    assert "Bearer" not in caplog.text


def test_other_keys_reopen_the_private_socket_and_nothing_else(qapp: QApplication) -> None:
    other = ApiKey(access_key="another-account", secret_key="a-secret-of-another-account-of-the-user")
    with feed_of(qapp, SimulatorOptions(keys=(other,))) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            ticker, orders = proxy.subscribe_ticker("KRW-BTC"), proxy.subscribe_my_order()
            await ticker
            await orders
            feed.manager.set_keys(other.access_key, other.secret_key)
            await until(lambda: len(feed.exchange.connections) == 3)
            await until(lambda: orders.state is SubscriptionState.LIVE)

        feed.run(main())
        paths = [view.path.rpartition("/")[2] for view in feed.exchange.connections]
        assert sorted(paths) == ["private", "private", "v1"]

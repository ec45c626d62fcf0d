"""Who may speak to the sandbox: OAuth clients and their tokens."""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from publisher.sandbox.errors import ApiError, OAuthError
from publisher.sandbox.settings import SandboxSettings


class Tokens:
    """The tokens that were given out, and to whom."""

    def __init__(
        self, settings: SandboxSettings, *, clock: Callable[[], datetime], new_token: Callable[[], str]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._new_token = new_token
        self._given: dict[str, tuple[str, datetime]] = {}

    def give(self, *, client_id: str, client_secret: str) -> str:
        """A token for a client that is who it says."""
        wanted_id, wanted_secret = self._settings.client_id, self._settings.client_secret
        if not client_id or (wanted_id is not None and not _same(client_id, wanted_id)):
            raise OAuthError(400, "invalid_client", "client not found")
        if not client_secret or (wanted_secret is not None and not _same(client_secret, wanted_secret)):
            raise OAuthError(401, "invalid_client", "authentication failed")
        self._forget_expired()
        token = self._new_token()
        self._given[token] = (client_id, self._clock() + timedelta(seconds=self._settings.token_life_s))
        return token

    def client_of(self, authorization: str | None) -> str:
        """The client whose token a request carries."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApiError(401, "authentication.required", "No authentication bearer token specified.")
        client_id, until = self._given.get(token.strip(), (None, self._clock()))
        if client_id is None:
            raise ApiError(401, "bad.credentials", "Invalid login credentials.")
        if self._clock() >= until:
            raise expired()
        return client_id

    def forget(self, authorization: str | None) -> None:
        """Make a token worthless."""
        self._given.pop((authorization or "").partition(" ")[2].strip(), None)

    def _forget_expired(self) -> None:
        now = self._clock()
        # Tokens stay known for an hour after their end, so that their owner is told which of the two it is.
        self._given = {key: held for key, held in self._given.items() if now < held[1] + timedelta(hours=1)}


def expired() -> ApiError:
    """The answer to a token whose time is over."""
    return ApiError(401, "credentials.expired", "The supplied credentials are expired and cannot be used.")


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())

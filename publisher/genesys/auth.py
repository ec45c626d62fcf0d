"""The token: asked for, kept, and renewed by one caller at a time."""

import asyncio
import base64
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from publisher.genesys.errors import CredentialsError, GenesysError
from publisher.genesys.exchange import Response, quote
from publisher.genesys.faults import said_by
from publisher.genesys.hosts import Hosts, TokenStyle

MARGIN_S = 60.0
"""A token is used until this long before its end, or a tenth of its life where that is shorter."""

DEFAULT_LIFE_S = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """The id and the secret of an OAuth client."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A bearer token and how long it lasts."""

    value: str = field(repr=False)
    life_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRequest:
    """What to post to the token URL."""

    url: str
    form: dict[str, str] = field(repr=False)
    headers: dict[str, str] = field(repr=False)


def token_request(hosts: Hosts, credentials: Credentials) -> TokenRequest:
    """The request for a token, in the style of the host."""
    form = {"grant_type": "client_credentials"}
    if hosts.token_style is TokenStyle.FORM:
        own = {"client_id": credentials.client_id, "client_secret": credentials.client_secret}
        return TokenRequest(url=hosts.token_url, form=form | own, headers={})
    pair = base64.b64encode(f"{credentials.client_id}:{credentials.client_secret}".encode()).decode()
    return TokenRequest(url=hosts.token_url, form=form, headers={"Authorization": f"Basic {pair}"})


def read_token(response: Response) -> Token:
    """The token in a successful answer."""
    data = response.object()
    value, life_s = data.get("access_token"), data.get("expires_in", DEFAULT_LIFE_S)
    if not isinstance(value, str) or not value or not (value.isascii() and value.isprintable() and " " not in value):
        raise response.unreadable("holds no usable access_token")
    is_number = isinstance(life_s, int | float) and not isinstance(life_s, bool) and math.isfinite(life_s)
    return Token(value=value, life_s=max(0.0, float(life_s)) if is_number else DEFAULT_LIFE_S)


def refusal(credentials: Credentials, response: Response) -> CredentialsError:
    """The error that says that the OAuth client itself was refused."""
    said = said_by(response, secrets=(credentials.client_secret,))
    reason = f": {said.rstrip('.')}" if said else ""
    return CredentialsError(
        f"The OAuth client {quote(credentials.client_id)!r} was refused{reason}. Check its id and secret, that it is"
        f" active and of the type 'Client Credentials', and that it belongs to this region. (HTTP {response.status})"
        f"{response.trace()}",
        code=f"http.{response.status}",
        status=response.status,
        correlation_id=response.correlation_id,
    )


class TokenCache:
    """One token for any number of callers: kept until shortly before its end, fetched by one caller at a time."""

    def __init__(self, fetch: Callable[[], Awaitable[Token]], *, monotonic: Callable[[], float]) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._value: str | None = None
        self._usable_until = 0.0
        self._fetches = 0
        self._failure: GenesysError | None = None

    async def token(self) -> str:
        """A token that is still good for a while."""
        return self._fresh() or await self._fetched(unless=self._fresh)

    async def renew(self, stale: str) -> str:
        """Another token than the stale one, which the server refused; one that a neighbour fetched will do."""
        return await self._fetched(unless=lambda: self._value if self._value != stale else None)

    def _fresh(self) -> str | None:
        return self._value if self._monotonic() < self._usable_until else None

    async def _fetched(self, *, unless: Callable[[], str | None]) -> str:
        seen = self._fetches
        async with self._lock:
            value = unless()
            if value is not None:
                return value
            # Whoever waited while a neighbour was refused shares that answer: asking again would not change it.
            if self._failure is not None and self._fetches != seen:
                raise self._failure
            return await self._replace()

    async def _replace(self) -> str:
        asked_at = self._monotonic()
        try:
            token = await self._fetch()
        except GenesysError as exc:
            self._failure = exc
            raise
        else:
            self._failure = None
        finally:
            self._fetches += 1
        self._value = token.value
        self._usable_until = asked_at + token.life_s - min(MARGIN_S, token.life_s / 10)
        return token.value

"""The organizations that are polled: each has one client, and one token for as long as that lasts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import httpx

from publisher.genesys.auth import Credentials
from publisher.genesys.backoff import RetryPolicy
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import MissingError, NotAllowedError
from publisher.genesys.wire import Wire
from receiver.config import Environment
from receiver.errors import PollError

NewHttp = Callable[[], httpx.AsyncClient]

# What fails is asked again at the next poll, which comes soon.
_NO_RETRIES = RetryPolicy(retries=0)


@dataclass(kw_only=True, slots=True)
class Organization:
    """The way to one organization."""

    environment: Environment
    credentials: Credentials
    http: httpx.AsyncClient
    client: GenesysClient
    id: str | None = None
    """Its id, once it is known."""
    is_checked: bool = False

    async def check(self) -> None:
        """Make sure that the credentials belong to the organization that the environment is."""
        if self.is_checked:
            return
        wanted = self.environment.organization
        try:
            found = await self.client.organization()
        except (MissingError, NotAllowedError) as exc:
            if wanted is not None:
                raise PollError(
                    f"Environment {self.environment.name!r} is organization {wanted}, and whether the credentials"
                    f" belong to it could not be found out, so nothing is taken: {exc}"
                ) from exc
        else:
            self.id = found.id
            if wanted not in {None, found.id.lower()}:
                name = f" ({found.name})" if found.name else ""
                raise PollError(
                    f"The credentials belong to organization {found.id}{name}, but environment"
                    f" {self.environment.name!r} is {wanted}. Nothing is taken; correct one of them."
                )
        self.is_checked = True


class Organizations:
    """Opens organizations, and closes them at the end."""

    def __init__(
        self,
        *,
        rng: Random,
        new_http: NewHttp = httpx.AsyncClient,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rng = rng
        self._new_http = new_http
        self._monotonic = monotonic
        self._opened: dict[str, Organization] = {}

    async def open(self, environment: Environment, secret: Callable[[str], str | None]) -> Organization:
        """The organization of an environment; once its place or credentials have changed, another one."""
        credentials = Credentials(
            client_id=_first(environment.client_id, secret), client_secret=_first(environment.client_secret, secret)
        )
        known = self._opened.get(environment.name)
        if known is not None and (known.environment, known.credentials) == (environment, credentials):
            return known
        opened = self._opened[environment.name] = self._new(environment, credentials)
        if known is not None:
            await known.http.aclose()
        return opened

    async def close(self) -> None:
        """Close what is open."""
        while self._opened:
            _, organization = self._opened.popitem()
            await organization.http.aclose()

    def _new(self, environment: Environment, credentials: Credentials) -> Organization:
        http = self._new_http()
        wire = Wire(
            http,
            hosts=environment.hosts,
            credentials=credentials,
            monotonic=self._monotonic,
            rng=self._rng,
            policy=_NO_RETRIES,
        )
        return Organization(environment=environment, credentials=credentials, http=http, client=GenesysClient(wire))


def _first(names: tuple[str, ...], secret: Callable[[str], str | None]) -> str:
    values = (secret(name) for name in names)
    found = next((value for value in values if value is not None), None)
    if found is None:
        raise PollError(f"{names[0]} is not set.")
    return found

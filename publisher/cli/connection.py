"""The way to the organization that the settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

import httpx

from publisher.cli.surroundings import Surroundings
from publisher.environments import AS_SET, Environment
from publisher.errors import UsageError
from publisher.genesys.auth import Credentials
from publisher.genesys.client import GenesysClient
from publisher.genesys.hosts import DEFAULT_REGION, Hosts, hosts_of_region, hosts_of_url
from publisher.genesys.wire import Wire
from publisher.guard import GuardedWire
from publisher.settings import Settings
from publisher.voice import Voice

MOST_CONNECTIONS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """An open way to one organization."""

    client: GenesysClient
    wire: Wire
    http: httpx.AsyncClient


def hosts_of(settings: Settings) -> Hosts:
    """The organization's hosts: an API URL comes before a region, and a token URL before what follows from either."""
    try:
        api_url = settings.api_url or hosts_of_region(settings.region or DEFAULT_REGION).api_url
    except ValueError as exc:
        raise UsageError(f"GENESYS_REGION: {exc}") from exc
    return hosts_of_url(api_url, settings.token_url)


def credentials_of(settings: Settings) -> Credentials:
    """The OAuth client's credentials."""
    client_id, client_secret = settings.credentials()
    return Credentials(client_id=client_id, client_secret=client_secret)


@asynccontextmanager
async def connect(
    around: Surroundings,
    *,
    hosts: Hosts,
    credentials: Credentials,
    voice: Voice,
    environment: Environment = AS_SET,
    connections: int = MOST_CONNECTIONS,
) -> AsyncIterator[Connection]:
    """Open the way to the organization for as long as the block runs. Nothing is sent yet.

    Where the environment names its organization, nothing is ever sent to another one.
    """
    limits = httpx.Limits(max_connections=connections)
    agent = {"User-Agent": f"flow-relay/{version('flow-relay')}"}
    async with httpx.AsyncClient(transport=around.transport, limits=limits, headers=agent) as http:
        wire = GuardedWire(
            http,
            environment=environment,
            hosts=hosts,
            credentials=credentials,
            monotonic=around.monotonic,
            rng=around.rng,
            sleep=around.sleep,
            now=around.clock,
            on_wait=lambda reason, delay_s: voice.say(f"Waiting {delay_s:.0f} s: {reason}"),
        )
        yield Connection(client=GenesysClient(wire), wire=wire, http=http)

"""What the rows are shown with."""

from random import Random

import httpx

from publisher.genesys.auth import Credentials
from publisher.genesys.hosts import hosts_of_url
from publisher.genesys.wire import Wire
from tests.publisher.organization import API_URL, Time

CLIENT = Credentials(client_id="client-1", client_secret="client-s3cret")


def a_wire(http: httpx.AsyncClient, *, time: Time | None = None) -> Wire:
    """The wire to an organization."""
    return Wire(
        http,
        hosts=hosts_of_url(API_URL),
        credentials=CLIENT,
        monotonic=(time or Time()).monotonic,
        rng=Random(1),  # noqa: S311 - jitter, not a secret
    )

"""The way to an organization, looked at from the token to how much may still be asked."""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from publisher.doctor.finding import Finding, Health, failed
from publisher.doctor.permissions import permission_findings
from publisher.environments import FILE, Environment
from publisher.errors import PublisherError
from publisher.genesys import calls
from publisher.genesys.budget import RateLimit
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import GenesysError, MissingError, NotAllowedError
from publisher.genesys.exchange import Response
from publisher.genesys.model import Organization
from publisher.genesys.wire import Wire
from publisher.guard import check_organization

MOST_SKEW = timedelta(minutes=1)
LEAST_ROOM = 0.2
"""With less than this part of the limit left, somebody else is using it up."""


async def examine(
    client: GenesysClient, wire: Wire, *, environment: Environment, clock: Callable[[], datetime]
) -> AsyncGenerator[Finding, None]:
    """Each finding as it is made. Nothing is changed; and in a wrong organization nothing more is asked."""
    try:
        await client.authenticate()
    except GenesysError as exc:
        yield failed("token", exc)
        return
    yield Finding(check="token", found="the OAuth client gets one")
    organization = await _organization(client)
    finding = _organization_finding(organization, environment)
    yield finding
    if finding.has_failed:
        return
    try:
        response = await wire.send(calls.list_flows(page=1))
    except GenesysError as exc:
        yield failed("flows", exc)
        return
    yield Finding(check="flows", found=f"{_count(response)} can be seen")
    if isinstance(organization, Organization):
        async for finding in permission_findings(client):
            yield finding
    yield clock_finding(response.headers.get("date"), now=clock())
    yield rate_finding(client.budget.limit)


def clock_finding(date: str | None, *, now: datetime) -> Finding:
    """How far this machine's clock is from the organization's, which its answers tell."""
    try:
        theirs = parsedate_to_datetime(date or "")
        skew = abs(now - theirs)
    except (ValueError, TypeError):  # absent, unreadable, or without a time zone
        return Finding(check="clock", health=Health.SKIPPED, found="the organization does not tell the time")
    if skew <= MOST_SKEW:
        return Finding(check="clock", found="agrees with the organization's")
    which = "ahead" if now > theirs else "behind"
    return Finding(
        check="clock",
        health=Health.WARNING,
        found=f"this machine is {skew.total_seconds():.0f} s {which}",
        advice="set it by NTP: records and announcements carry its time",
    )


def rate_finding(limit: RateLimit | None) -> Finding:
    """How much may still be asked."""
    if limit is None:
        return Finding(check="rate", health=Health.SKIPPED, found="the organization does not tell its limit")
    found = f"{limit.remaining} of {limit.allowed} calls are left for the next {limit.reset_s:.0f} s"
    if limit.remaining >= limit.allowed * LEAST_ROOM:
        return Finding(check="rate", found=found)
    advice = "others use this OAuth client, too: give the publisher one of its own"
    return Finding(check="rate", health=Health.WARNING, found=found, advice=advice)


async def _organization(client: GenesysClient) -> Organization | GenesysError:
    try:
        return await client.organization()
    except GenesysError as exc:
        return exc


def _organization_finding(found: Organization | GenesysError, environment: Environment) -> Finding:
    if isinstance(found, Organization):
        return _compared(found, environment)
    if isinstance(found, MissingError | NotAllowedError) and environment.organization is None:
        return Finding(check="organization", health=Health.SKIPPED, found="the host does not tell which one it is")
    return failed("organization", found)


def _compared(found: Organization, environment: Environment) -> Finding:
    try:
        check_organization(environment, found)
    except PublisherError as exc:
        return failed("organization", exc)
    name = f"{found.name} ({found.id})" if found.name else found.id
    if environment.name is None or environment.organization:
        return Finding(check="organization", found=name)
    return Finding(
        check="organization",
        health=Health.WARNING,
        found=f"{name}, with which nothing is compared",
        advice=f"add `organization: {found.id}` to {environment.name!r} in {FILE}",
    )


def _count(response: Response) -> str:
    total = response.object().get("total")
    count = total if isinstance(total, int) and not isinstance(total, bool) else len(calls.read_flows(response))
    return "1 flow" if count == 1 else f"{count} flows"

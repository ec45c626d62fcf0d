"""The permissions that the publisher's commands take, and whether the OAuth client has them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from publisher.doctor.finding import Finding, Health, failed
from publisher.errors import ExitCode, PublisherError
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import GenesysError
from publisher.genesys.inventory import PROBES, SHELVES, holds

CHECK = "permission"
ADVICE = "give the OAuth client a role that holds it, in the divisions of its flows"


class NoPermissionError(PublisherError):
    """The OAuth client lacks a permission without which nothing can be published."""

    exit_code = ExitCode.NOT_ALLOWED
    default_code = "http.403"


@dataclass(frozen=True, kw_only=True, slots=True)
class Permission:
    """A permission, and what it is for; without one that is needed nothing can be published."""

    name: str
    purpose: str
    is_needed: bool = False


PERMISSIONS = (
    Permission(name="architect:flow:view", purpose="read flows", is_needed=True),
    Permission(name="architect:flow:edit", purpose="push versions", is_needed=True),
    Permission(name="architect:flow:publish", purpose="put versions live", is_needed=True),
    Permission(name="architect:job:create", purpose="hand in Archy files", is_needed=True),
    Permission(name="architect:job:view", purpose="see what came of them", is_needed=True),
    Permission(name="architect:flow:add", purpose="make flows that are new"),
    Permission(name="architect:flow:unlock", purpose="take a flow from whoever is editing it"),
    Permission(name="architect:jobExport:create", purpose="export versions"),
    Permission(name="architect:jobExport:view", purpose="see what came of exports"),
    Permission(name="audits:audit:view", purpose="tell who changed a flow"),
    *(
        Permission(name=shelf.permission, purpose=f"find every {kind.value.replace('_', ' ')} that a flow names")
        for kind, shelf in SHELVES.items()
        if shelf.permission != "architect:flow:view"
    ),
)
"""Every permission that some command takes, the needed ones first."""


async def permission_findings(client: GenesysClient) -> AsyncIterator[Finding]:
    """How it is with each permission: tried where that does no harm, else looked up among the client's roles."""
    granted = await _granted(client)
    for permission in PERMISSIONS:
        yield await _finding(client, permission, granted)


async def _granted(client: GenesysClient) -> frozenset[str] | None:
    """What the client's roles hold; None where the organization does not tell."""
    try:
        return await client.permissions()
    except GenesysError:
        return None  # each permission is told of by itself


async def _finding(client: GenesysClient, permission: Permission, granted: frozenset[str] | None) -> Finding:
    if permission.name in PROBES:
        try:
            return _judged(permission, has=await client.is_allowed(permission.name))
        except GenesysError as exc:
            return failed(CHECK, exc)
    if granted is None:
        found = f"{permission.name}, to {permission.purpose}: cannot be tried without changing something"
        return Finding(check=CHECK, health=Health.SKIPPED, found=found)
    return _judged(permission, has=holds(granted, permission.name))


def _judged(permission: Permission, *, has: bool) -> Finding:
    what = f"{permission.name}, to {permission.purpose}"
    if has:
        return Finding(check=CHECK, found=what)
    if permission.is_needed:
        return failed(CHECK, NoPermissionError(f"{what}: the OAuth client lacks it"), advice=ADVICE)
    return Finding(check=CHECK, health=Health.WARNING, found=f"{what}: the OAuth client lacks it", advice=ADVICE)

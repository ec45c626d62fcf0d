"""The registration: our webhook as Genesys Cloud knows it, found again by its name, never there twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import MissingError, NoWebhookListError
from publisher.genesys.model import Registration, RegistrationDraft

NAME = "CI/CD Flow Deployment Sync"
DESCRIPTION = "Triggers pipeline on flow version publish"
TYPE = "web"
EVENTS = ("flow.version.published",)


class Change(StrEnum):
    """What becomes, or became, of the registration."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What has to be done so that the registration is as wanted."""

    change: Change
    existing: Registration | None = None
    differences: tuple[str, ...] = ()
    """What is not as wanted, in words for people."""
    others: tuple[Registration, ...] = ()
    """Further registrations of the same name, which someone else must have made."""
    is_certain: bool = True
    """Whether the host told which registrations there are."""


UNLISTED = Plan(change=Change.CREATED, is_certain=False)
"""What is left to do where the host lists no registrations: create one, if it takes any."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ensured:
    """The registration as it now is, and what was done for it."""

    change: Change
    registration: Registration
    plan: Plan


def wanted(*, url: str, secret: str) -> RegistrationDraft:
    """The registration as it should be."""
    return RegistrationDraft(
        name=NAME, description=DESCRIPTION, type=TYPE, endpoint_url=url, events=EVENTS, secret=secret
    )


def plan(registrations: Sequence[Registration], draft: RegistrationDraft) -> Plan:
    """What has to be done, given the registrations that there are."""
    ours = named(registrations, draft.name)
    if not ours:
        return Plan(change=Change.CREATED)
    existing, *others = ours
    differences = differences_of(existing, draft)
    return Plan(
        change=Change.UPDATED if differences else Change.UNCHANGED,
        existing=existing,
        differences=differences,
        others=tuple(others),
    )


def named(registrations: Sequence[Registration], name: str = NAME) -> list[Registration]:
    """The registrations of that name, in an order that everybody agrees on."""
    return sorted((each for each in registrations if each.name == name), key=lambda each: each.id)


def differences_of(registration: Registration, draft: RegistrationDraft) -> tuple[str, ...]:
    """What of a registration is not as wanted. A secret that the host tells nothing about counts as another one."""
    is_same = {
        "URL": registration.endpoint_url == draft.endpoint_url,
        "events": set(registration.events) == set(draft.events),
        "secret": registration.has_secret(draft.secret) is True,
        "type": registration.type in {None, draft.type},
        "description": registration.description in {None, draft.description},
    }
    return tuple(what for what, same in is_same.items() if not same)


def sentence(ensured: Ensured) -> str:
    """What was done, for people."""
    match ensured.change:
        case Change.CREATED:
            text = f"The webhook {NAME!r} is synchronized: registered{_about_unlisted(ensured.plan)}"
        case Change.UPDATED:
            text = f"The webhook {NAME!r} is synchronized: updated ({', '.join(ensured.plan.differences)})"
        case Change.UNCHANGED:
            text = f"The webhook {NAME!r} is synchronized: it was already so"
    return f"{text}{_about_others(ensured.plan)}"


def intention(todo: Plan) -> str:
    """What would be done, as words that complete "would …"."""
    if not todo.is_certain:
        return f"try to register the webhook {NAME!r}: this host does not list its webhooks"
    match todo.change:
        case Change.CREATED:
            text = f"register the webhook {NAME!r}"
        case Change.UPDATED:
            text = f"update the webhook {NAME!r} ({', '.join(todo.differences)})"
        case Change.UNCHANGED:
            text = f"leave the webhook {NAME!r} as it is"
    return f"{text}{_about_others(todo)}"


def _about_unlisted(done: Plan) -> str:
    if done.is_certain:
        return ""
    return "; this host does not list its webhooks, so any that was registered before is there beside it"


def _about_others(todo: Plan) -> str:
    if not todo.others:
        return ""
    ids = ", ".join(other.id for other in todo.others)
    return f"; there are more of that name, to be removed with `publisher webhook delete ID`: {ids}"


async def preview(client: GenesysClient, draft: RegistrationDraft) -> Plan:
    """What `ensure` would do."""
    try:
        return plan(await client.registrations(), draft)
    except NoWebhookListError:
        return UNLISTED


async def ensure(client: GenesysClient, draft: RegistrationDraft) -> Ensured:
    """Make the registration as wanted: created, updated or left alone."""
    try:
        todo = plan(await client.registrations(), draft)
    except NoWebhookListError:
        created = await client.create_registration(draft)
        return Ensured(change=Change.CREATED, registration=created, plan=UNLISTED)
    if todo.existing is None:
        return await _created_once(client, draft, todo)
    if todo.change is Change.UNCHANGED:
        return Ensured(change=todo.change, registration=todo.existing, plan=todo)
    updated = await client.update_registration(todo.existing.id, draft)
    return Ensured(change=todo.change, registration=updated, plan=todo)


async def _created_once(client: GenesysClient, draft: RegistrationDraft, todo: Plan) -> Ensured:
    """Create it, then take away what a publisher that ran at the same moment created too.

    Everybody keeps the same one, the first in order, so that not all take away their own.
    """
    created = await client.create_registration(draft)
    first, *surplus = named(await client.registrations(), draft.name) or [created]
    for each in surplus:
        try:
            await client.delete_registration(each.id)
        except MissingError:
            continue  # the other publisher was faster
    return Ensured(change=Change.CREATED, registration=first, plan=todo)

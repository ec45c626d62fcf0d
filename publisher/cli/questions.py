"""What `publisher init` has to know first: from the variables, or from whoever sits at the terminal."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from publisher.cli.console import Console
from publisher.cli.person import Person
from publisher.cli.surroundings import Surroundings
from publisher.environments import NAME
from publisher.errors import PublisherError, UsageError
from publisher.genesys.auth import Credentials
from publisher.genesys.hosts import Hosts, hosts_of_region, hosts_of_url
from publisher.settings import CLIENT_ID, CLIENT_SECRET, Settings, check_url, read_settings

DEFAULT_NAME = "dev"

Read = TypeVar("Read")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where an organization is: as the file says it, and as we reach it."""

    entry: Mapping[str, str]
    hosts: Hosts


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What has to be known before the organization can be looked at."""

    name: str
    place: Place
    credentials: Credentials = field(repr=False)
    client_id: str
    """The name of the variable with the client's id."""
    client_secret: str
    is_set: bool
    """Whether those variables are set already."""


def from_variables(environ: Mapping[str, str], env: str | None) -> Answers:
    """The answers that the variables give; every one that is not set is told."""
    settings = read_settings(environ)
    text = settings.api_url or settings.region
    if text is None:
        raise UsageError("--from-env needs GENESYS_REGION, such as eu-central-1, or GENESYS_API_URL; neither is set.")
    client_id, client_secret = settings.credentials()
    return Answers(
        name=_told("--env", lambda: _name(env or DEFAULT_NAME)),
        place=_told("GENESYS_REGION", lambda: _place(text, token_url=settings.token_url)),
        credentials=Credentials(client_id=client_id, client_secret=client_secret),
        client_id=_set_name(CLIENT_ID, environ),
        client_secret=_set_name(CLIENT_SECRET, environ),
        is_set=True,
    )


def asked(around: Surroundings, env: str | None, *, console: Console) -> Answers:
    """The answers that a person gives; what is set already is offered."""
    person, settings = Person(around), read_settings(around.environ)
    if not person.is_there:
        raise UsageError("`publisher init` asks on a terminal, and there is none; give --from-env to ask nothing.")
    name = _told("--env", lambda: _name(env or DEFAULT_NAME))
    if env is None:
        name = person.ask_until("Name of the environment", _name, default=name)
    place = person.ask_until(
        "Region of the organization, such as eu-central-1 (or the URL of a sandbox)",
        lambda text: _place(text, token_url=settings.token_url),
        default=settings.api_url or settings.region or "",
    )
    return Answers(
        name=name,
        place=place,
        credentials=_credentials(person, settings, console=console),
        client_id=_set_name(CLIENT_ID, around.environ),
        client_secret=_set_name(CLIENT_SECRET, around.environ),
        is_set=bool(settings.client_id and settings.client_secret),
    )


def _credentials(person: Person, settings: Settings, *, console: Console) -> Credentials:
    if settings.client_id and settings.client_secret:
        console.say("The OAuth client is the one that the variables name.")
        return Credentials(client_id=settings.client_id, client_secret=settings.client_secret)
    console.say("An OAuth client of the type 'Client Credentials' is made in Admin > Integrations > OAuth.")
    client_id = person.ask_until("Its id", _something, default=settings.client_id or "")
    return Credentials(client_id=client_id, client_secret=person.ask_secret("Its secret"))


def _told(option: str, read: Callable[[], Read]) -> Read:
    """What is read, or a refusal that says which option or variable it came from."""
    try:
        return read()
    except ValueError as exc:
        raise UsageError(f"{option}: {exc}") from exc


def _name(text: str) -> str:
    if re.fullmatch(NAME, text):
        return text
    raise ValueError(f"{text!r} is no name; give small letters, digits, - and _, such as dev.")


def _place(text: str, *, token_url: str | None) -> Place:
    if "://" not in text:
        return Place(entry={"region": text.strip().lower()}, hosts=hosts_of_region(text))
    try:
        check_url(text, name="this")
    except PublisherError as exc:
        raise ValueError(str(exc)) from exc
    entry = {"api_url": text} | ({"token_url": token_url} if token_url else {})
    return Place(entry=entry, hosts=hosts_of_url(text, token_url))


def _something(text: str) -> str:
    if text:
        return text
    raise ValueError("Without it, nothing can be asked.")


def _set_name(names: Sequence[str], environ: Mapping[str, str]) -> str:
    """Which of these variables is set; the first, where none is."""
    return next((name for name in names if environ.get(name) or environ.get(f"{name}_FILE")), names[0])

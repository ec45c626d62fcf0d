"""`config/environments.yaml`: the places that flows are pushed to, each an organization or a part of one.

It is shared with the receiver. Secrets stand in variables; the file only names these.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from publisher.config_document import ConfigDocument, Path, suggestion
from publisher.durations import read_duration
from publisher.errors import UsageError
from publisher.genesys.hosts import hosts_of_region
from publisher.settings import CLIENT_ID, CLIENT_SECRET, RECEIVER_TOKEN, URLS, WEBHOOK_SECRET, Settings, read_settings

FILE = "config/environments.yaml"

NAME = r"[a-z][a-z0-9_-]{0,63}"
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

OF_THE_ORGANIZATION = ("region", "api_url", "token_url", "organization")
KEYS = (
    *OF_THE_ORGANIZATION,
    "client_id",
    "client_secret",
    "same_org_as",
    "name_prefix",
    "division",
    "protected",
    "on_drift",
    "on_lock",
)
EXAMPLES = {"client_id": "GENESYS_CLIENT_ID", "client_secret": "GENESYS_CLIENT_SECRET"}


class OnDrift(StrEnum):
    """What to do when the version that is live was not published by us."""

    FAIL = "fail"
    WARN = "warn"
    OVERWRITE = "overwrite"


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """A place that flows are pushed to. One without a name is what the variables alone tell of."""

    name: str | None = None
    region: str | None = None
    api_url: str | None = None
    token_url: str | None = None
    organization: str | None = None
    """The id of the organization; credentials of any other one are not used."""
    client_id: str | None = None
    """The name of the variable with the OAuth client's id; None: the usual ones."""
    client_secret: str | None = None
    """The name of the variable with its secret; None: the usual ones."""
    name_prefix: str = ""
    """What the names of its flows begin with, in an organization that holds several environments."""
    division: str | None = None
    protected: bool = False
    """Whether a person has to agree to every change."""
    on_drift: OnDrift = OnDrift.FAIL
    lock_wait_s: float = 0.0
    """How long to wait for a flow that somebody else is editing; 0: not at all."""

    @property
    def place(self) -> str:
        """What to call it in a sentence."""
        return self.name or "the organization"

    def flow_name(self, name: str) -> str:
        """What a flow is called here."""
        return name if name.startswith(self.name_prefix) else f"{self.name_prefix}{name}"


AS_SET = Environment()
"""What the variables alone tell of, where there is no file of environments."""


def parse_environments(text: str, *, file: str) -> dict[str, Environment]:
    """The environments by their names, or a UsageError with one line for each fault and its place."""
    document = ConfigDocument(text, file=file)
    environments = _Reader(document=document).environments()
    document.refuse_faults()
    return environments


def choose_environment(environments: Mapping[str, Environment], name: str | None = None) -> Environment:
    """The environment that was asked for; the only one, where there is but one; what the variables say, without any."""
    if name is None and len(environments) > 1:
        raise UsageError(
            f"There are several environments ({', '.join(environments)}), and none is chosen: say which one with"
            " --env NAME.",
            code="environment",
        )
    if name is None:
        return next(iter(environments.values()), AS_SET)
    if name not in environments:
        raise UsageError(_no_environment(name, environments), code="environment")
    return environments[name]


def settings_in(
    environment: Environment,
    environ: Mapping[str, str],
    *,
    webhook_secret: str = WEBHOOK_SECRET,
    receiver_token: str = RECEIVER_TOKEN,
) -> Settings:
    """The settings that hold in an environment: where it is and who we are there come from it alone."""
    if environment.name is None:
        return read_settings(environ, webhook_secret=webhook_secret, receiver_token=receiver_token)
    settings = read_settings(
        environ,
        webhook_secret=webhook_secret,
        receiver_token=receiver_token,
        client_id=(environment.client_id,) if environment.client_id else CLIENT_ID,
        client_secret=(environment.client_secret,) if environment.client_secret else CLIENT_SECRET,
    )
    return replace(settings, region=environment.region, api_url=environment.api_url, token_url=environment.token_url)


def _no_environment(name: str, environments: Mapping[str, Environment]) -> str:
    if not environments:
        return f"--env {name}: {FILE} names no environments. `publisher init` writes it."
    return f"--env {name}: there is no environment {name!r} in {FILE}.{suggestion(name, environments)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """Reads the document part by part, and notes the faults that it meets."""

    document: ConfigDocument

    def environments(self) -> dict[str, Environment]:
        root = self.document.root(known=("environments",), elsewhere={})
        value = root.get("environments")
        entries = {} if value is None else self.document.mapping(value, ("environments",))
        read = dict(self._read(entries))
        return {name: self._within(name, read) for name in read}

    def _read(self, entries: dict[str, Any]) -> Iterator[tuple[str, tuple[Environment, str | None]]]:
        for name, value in entries.items():
            path: Path = ("environments", name)
            if not re.fullmatch(NAME, name):
                self.document.fault(path, f"{name!r} is no name; give small letters, digits, - and _.", key=True)
            entry = self.document.mapping(value, path)
            self.document.check_keys(entry, path, known=KEYS)
            host = entry.get("same_org_as")
            if host is None:
                self._check_place(entry, path)
            else:
                self._check_guest(entry, path)
            yield name, (self._environment(name, entry, path), host if isinstance(host, str) else None)

    def _environment(self, name: str, entry: dict[str, Any], path: Path) -> Environment:
        return Environment(
            name=name,
            region=self._region(entry.get("region"), (*path, "region")),
            api_url=self._url(entry.get("api_url"), (*path, "api_url")),
            token_url=self._url(entry.get("token_url"), (*path, "token_url")),
            organization=self._organization(entry.get("organization"), (*path, "organization")),
            client_id=self._variable(entry.get("client_id"), (*path, "client_id")),
            client_secret=self._variable(entry.get("client_secret"), (*path, "client_secret")),
            name_prefix=self._prefix(entry.get("name_prefix"), (*path, "name_prefix")),
            division=self._text(entry.get("division"), (*path, "division")),
            protected=self.document.flag(entry.get("protected", False), (*path, "protected")),
            on_drift=self.document.choice(entry.get("on_drift", OnDrift.FAIL), OnDrift, (*path, "on_drift"))
            or OnDrift.FAIL,
            lock_wait_s=self._lock_wait_s(entry.get("on_lock", "fail"), (*path, "on_lock")),
        )

    def _within(self, name: str, read: Mapping[str, tuple[Environment, str | None]]) -> Environment:
        """The environment with what it shares with those whose organization it is in."""
        own, host = read[name]
        chain = [name]
        while host is not None:
            path = ("environments", chain[-1], "same_org_as")
            if host not in read or host in chain:
                self._refuse_host(host, chain, path, read)
                return own
            chain.append(host)
            other, host = read[host]
            own = _joined(own, other)
        return own

    def _refuse_host(self, host: str, chain: list[str], path: Path, read: Mapping[str, object]) -> None:
        """Note why an environment cannot be in the organization of that one, once for each fault."""
        others = [name for name in read if name != chain[-1]]
        if host == chain[-1]:
            self.document.fault(path, f"{host!r} is this environment itself; name another one.")
        elif host not in read and len(chain) == 1:
            which = suggestion(host, others) if others else " It is the only one."
            self.document.fault(path, f"there is no environment {host!r}.{which}")
        elif host == chain[0] == min(chain):
            names = " and ".join(repr(name) for name in chain)
            self.document.fault(
                ("environments", host, "same_org_as"),
                f"{names} are each in the organization of the other; give one of them a region.",
            )

    def _check_place(self, entry: dict[str, Any], path: Path) -> None:
        places = [key for key in ("region", "api_url") if entry.get(key) is not None]
        if len(places) != 1:
            self.document.fault(path, "give either `region`, such as eu-central-1, or `api_url` (a sandbox, a proxy).")
        if entry.get("token_url") is not None and "api_url" not in places:
            self.document.fault(
                (*path, "token_url"), "a token_url goes with an `api_url`; a region has its own.", key=True
            )

    def _check_guest(self, entry: dict[str, Any], path: Path) -> None:
        self.document.text(entry["same_org_as"], (*path, "same_org_as"))
        for key in OF_THE_ORGANIZATION:
            if key in entry:
                self.document.fault((*path, key), f"{key} is that of the environment in `same_org_as`.", key=True)

    def _region(self, value: object, path: Path) -> str | None:
        text = self._text(value, path)
        try:
            if text:
                hosts_of_region(text)
        except ValueError as exc:
            self.document.fault(path, str(exc))
        return text

    def _organization(self, value: object, path: Path) -> str | None:
        if value is None:
            return None
        if isinstance(value, str) and re.fullmatch(UUID, value):
            return value.lower()
        self.document.fault(path, f"organization is {value!r}; give its id, a UUID: `publisher doctor` tells it.")
        return None

    def _lock_wait_s(self, value: object, path: Path) -> float:
        if value == "fail":
            return 0.0
        if not isinstance(value, dict) or set(value) != {"wait"}:
            self.document.fault(path, "give fail, or how long to wait: {wait: 10m}.")
            return 0.0
        try:
            return read_duration(value["wait"])
        except ValueError as exc:
            self.document.fault((*path, "wait"), f"wait is {value['wait']!r}; {exc}.")
            return 0.0

    def _prefix(self, value: object, path: Path) -> str:
        return self._text(value, path) or ""

    def _text(self, value: object, path: Path) -> str | None:
        return None if value is None else self.document.text(value, path)

    def _url(self, value: object, path: Path) -> str | None:
        return None if value is None else self.document.url(value, path, example=URLS[str(path[-1])])

    def _variable(self, value: object, path: Path) -> str | None:
        if value is None:
            return None
        return self.document.variable(value, path, example=EXAMPLES[str(path[-1])])


def _joined(own: Environment, other: Environment) -> Environment:
    """An environment in the organization of another; its client is the other's, too, unless it has its own."""
    return replace(
        own,
        region=own.region or other.region,
        api_url=own.api_url or other.api_url,
        token_url=own.token_url or other.token_url,
        organization=own.organization or other.organization,
        client_id=own.client_id or other.client_id,
        client_secret=own.client_secret or other.client_secret,
    )

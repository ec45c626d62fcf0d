"""`environments.yaml`, as far as the receiver reads it: where an organization is, and by which variables to get in.

The publisher works by the same file, and checks it whole; what the receiver has no use for it passes over.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from publisher.genesys.documents import DocumentError, read_document
from publisher.genesys.hosts import Hosts, hosts_of_region, hosts_of_url
from receiver.config.faults import Faults, Path
from receiver.expressions import suggestion

FILE_NAME = "environments.yaml"
CLIENT_ID = ("GENESYS_CLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_ID")
CLIENT_SECRET = ("GENESYS_CLIENT_SECRET", "GENESYSCLOUD_OAUTHCLIENT_SECRET")

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_URL = re.compile(r"https?://[^\s/@?#]+(/[^\s?#]*)?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


Entries = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """An organization, or the part of one that begins with a prefix or lies in a division."""

    name: str
    hosts: Hosts
    organization: str | None = None
    """The id of the organization; from any other one nothing is taken."""
    client_id: tuple[str, ...] = CLIENT_ID
    """Names of variables; the first that is set holds the OAuth client's id."""
    client_secret: tuple[str, ...] = CLIENT_SECRET
    """The same for its secret."""
    name_prefix: str = ""
    division: str | None = None
    foreign_prefixes: tuple[str, ...] = ()
    """What the names of those flows begin with that belong to other environments of the same organization."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Every variable that its credentials may stand in."""
        return (*self.client_id, *self.client_secret)

    def holds(self, flow_name: str, *, division: str | None = None) -> bool:
        """Whether a flow belongs here."""
        if self.division is not None and self.division != division:
            return False
        return flow_name.startswith(self.name_prefix) and not flow_name.startswith(self.foreign_prefixes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Environments:
    """What a file says: the environments by their names, or what is wrong with it."""

    file: str = FILE_NAME
    by_name: Mapping[str, Environment] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    """One line each, with its place."""


def parse_environments(text: str, *, file: str) -> Environments:
    """The environments in a text."""
    try:
        document = read_document(text)
    except DocumentError as exc:
        return Environments(file=file, faults=(f"{file}:{exc.place}: {exc.message}",))
    reader = _Reader(faults=Faults(document=document))
    by_name = reader.environments(document.data)
    return Environments(file=file, by_name=by_name, faults=tuple(fault.line(file) for fault in reader.faults.sorted()))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """Reads the entries of a document, and notes what is wrong with them."""

    faults: Faults

    def environments(self, data: object) -> dict[str, Environment]:
        entries = self._entries(data)
        places = {name: place for name in entries if (place := self._place(name, entries)) is not None}
        read = {name: one for name in places if (one := self._environment(name, places[name], entries)) is not None}
        return {name: replace(one, foreign_prefixes=_foreign(one, read, places)) for name, one in read.items()}

    def _entries(self, data: object) -> Entries:
        found = data.get("environments") if isinstance(data, dict) else None
        named = {} if found is None else self._mapping(found, ("environments",)) or {}
        read = {name: self._mapping(entry, ("environments", name)) for name, entry in named.items()}
        return {name: entry for name, entry in read.items() if entry is not None}

    def _place(self, name: str, entries: Entries) -> str | None:
        """The environment whose organization this one is in, which may be itself; None where that leads nowhere."""
        passed = [name]
        while (named := entries[passed[-1]].get("same_org_as")) is not None:
            if not isinstance(named, str) or named not in entries or named in passed:
                known = tuple(other for other in entries if other not in passed)
                message = f"there is no other environment {named!r} with a place.{suggestion(str(named), known)}"
                self.faults.add(("environments", passed[-1], "same_org_as"), message)
                return None
            passed.append(named)
        return passed[-1]

    def _environment(self, name: str, host: str, entries: Entries) -> Environment | None:
        own, place = entries[name], entries[host]
        path, place_path = ("environments", name), ("environments", host)
        hosts = self._hosts(place, place_path)
        if hosts is None:
            return None
        names = {
            key: self._variable(own, key, path) or self._variable(place, key, place_path)
            for key in ("client_id", "client_secret")
        }
        organization = self._text(place, "organization", place_path, fits=_UUID.fullmatch, wanted="its id, a UUID")
        return Environment(
            name=name,
            hosts=hosts,
            organization=organization.lower() if organization else None,
            client_id=(names["client_id"],) if names["client_id"] else CLIENT_ID,
            client_secret=(names["client_secret"],) if names["client_secret"] else CLIENT_SECRET,
            name_prefix=self._text(own, "name_prefix", path) or "",
            division=self._text(own, "division", path),
        )

    def _hosts(self, entry: Mapping[str, object], path: Path) -> Hosts | None:
        region = self._text(entry, "region", path)
        url = self._text(entry, "api_url", path, fits=_URL.fullmatch, wanted="a URL, such as https://api.example.com")
        token_url = self._text(entry, "token_url", path, fits=_URL.fullmatch, wanted="a URL")
        if len([key for key in ("region", "api_url") if entry.get(key) is not None]) != 1:
            self.faults.add(path, "give either `region`, such as eu-central-1, or `api_url`.", key=True)
            return None
        try:
            if region is not None:
                return hosts_of_region(region)
            return None if url is None else hosts_of_url(url, token_url)
        except ValueError as exc:
            self.faults.add((*path, "region"), str(exc))
            return None

    def _variable(self, entry: Mapping[str, object], key: str, path: Path) -> str | None:
        value = entry.get(key)
        if value is None or (isinstance(value, str) and _VARIABLE.fullmatch(value)):
            return value
        # Not quoted: what stands there may be the secret itself.
        self.faults.add((*path, key), f"give the NAME of the variable that holds the {key.replace('_', ' ')}.")
        return None

    def _text(
        self,
        entry: Mapping[str, object],
        key: str,
        path: Path,
        *,
        fits: Callable[[str], object] = bool,
        wanted: str = "a text",
    ) -> str | None:
        value = entry.get(key)
        if value is None or (isinstance(value, str) and fits(value)):
            return value
        self.faults.add((*path, key), f"{key} is no such thing; give {wanted}.")
        return None

    def _mapping(self, value: object, path: Sequence[str]) -> dict[str, object] | None:
        if isinstance(value, dict):
            return value
        self.faults.add(path, f"{path[-1]} is no mapping; give keys with values.")
        return None


def _foreign(one: Environment, read: Mapping[str, Environment], places: Mapping[str, str]) -> tuple[str, ...]:
    """The longer prefixes of the environments that share this one's organization."""
    shared = (other for other in read.values() if places[other.name] == places[one.name])
    prefixes = {other.name_prefix for other in shared if other.name_prefix != one.name_prefix}
    return tuple(sorted(prefix for prefix in prefixes if prefix.startswith(one.name_prefix)))

"""`config/publisher.yaml`: which flow files there are, and what is particular to this project.

Read whole: every fault is told at once, each with its place.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from publisher.config_document import ConfigDocument, Path, suggestion
from publisher.errors import UsageError
from publisher.settings import WEBHOOK_SECRET

DEFAULT_CONCURRENCY = 8
MOST_CONCURRENCY = 64
DEFAULT_MAX_NODES = 50
MOST_NODES = 1_000_000
RECEIVER_EXAMPLE = "https://relay.example.com"

KEYS = ("flows", "max_nodes", "concurrency", "known_types", "receiver")
FLOW_KEYS = ("file", "files", "id", "values")
RECEIVER_KEYS = ("url", "source", "secret", "token")
ELSEWHERE: Mapping[str, str] = {"environments": "environments stand in a file of their own, config/environments.yaml."}

ENVIRONMENT = "{environment}"
BRACES = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowEntry:
    """Some flow files, the values for them, and where it is known, the id of the flow that the one file is for."""

    files: str
    """A path or a glob, relative to where the command runs."""
    flow_id: str | None = None
    """The id of the flow in any environment."""
    flow_ids: Mapping[str, str] = field(default_factory=dict)
    """The id of the flow in each environment."""
    values: tuple[str, ...] = ()
    """Files of values for the placeholders, later ones before earlier ones; `{environment}` stands for its name."""

    def flow_id_in(self, environment: str | None) -> str | None:
        """The id of the flow in an environment, where it is known."""
        return self.flow_id or self.flow_ids.get(environment or "")

    def values_in(self, environment: str | None) -> tuple[str, ...]:
        """The files of values that count in an environment."""
        if environment is None and any(ENVIRONMENT in path for path in self.values):
            raise UsageError(
                f"The values for {self.files} differ by environment ({', '.join(self.values)}), and none is chosen: say"
                " which one with --env NAME, as config/environments.yaml names them."
            )
        return tuple(path.replace(ENVIRONMENT, environment or "") for path in self.values)


@dataclass(frozen=True, kw_only=True, slots=True)
class Receiver:
    """Where the receiver listens."""

    url: str
    source: str = "genesys"
    secret: str = WEBHOOK_SECRET
    """The name of the variable that holds the webhook's secret."""
    token: str | None = None
    """The name of the variable that holds the token for the receiver's API."""

    @property
    def webhook_url(self) -> str:
        """The whole URL of the receiver's door for this source."""
        return f"{self.url.rstrip('/')}/webhooks/{quote(self.source, safe='')}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """What the config says."""

    flows: tuple[FlowEntry, ...] = ()
    max_nodes: int = DEFAULT_MAX_NODES
    concurrency: int = DEFAULT_CONCURRENCY
    """How many files are published at the same time."""
    known_types: frozenset[str] = frozenset()
    """Node types that are known beside the built-in ones."""
    receiver: Receiver | None = None


def parse_config(text: str, *, file: str, environments: Collection[str] | None = None) -> Config:
    """The config that the text holds, or a UsageError with one line for each fault and its place.

    With the names of the environments there are, ids for others are faults.
    """
    document = ConfigDocument(text, file=file)
    config = _Reader(document=document, environments=environments).config()
    document.refuse_faults()
    return config


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """Reads the document part by part, and notes the faults that it meets."""

    document: ConfigDocument
    environments: Collection[str] | None

    def config(self) -> Config:
        root = self.document.root(known=KEYS, elsewhere=ELSEWHERE)
        receiver = root.get("receiver")
        return Config(
            flows=tuple(self._flows(root.get("flows"))),
            max_nodes=self._number(root, "max_nodes", default=DEFAULT_MAX_NODES, most=MOST_NODES),
            concurrency=self._number(root, "concurrency", default=DEFAULT_CONCURRENCY, most=MOST_CONCURRENCY),
            known_types=frozenset(self.document.texts(root.get("known_types"), ("known_types",))),
            receiver=None if receiver is None else self._receiver(receiver),
        )

    def _flows(self, value: object) -> Iterator[FlowEntry]:
        for index, item in enumerate(self.document.items(value, ("flows",))):
            path: Path = ("flows", index)
            entry = self.document.mapping(item, path)
            self.document.check_keys(entry, path, known=FLOW_KEYS)
            if ("file" in entry) == ("files" in entry):
                self.document.fault(path, "give either `file` (one path) or `files` (a glob).")
                continue
            yield self._flow(entry, path)

    def _flow(self, entry: dict[str, Any], path: Path) -> FlowEntry:
        key = "file" if "file" in entry else "files"
        if key == "files" and "id" in entry:
            self.document.fault((*path, "id"), "an id belongs to one `file`, not to a glob.")
        return FlowEntry(
            files=self.document.text(entry[key], (*path, key)),
            flow_id=self._flow_id(entry.get("id"), path),
            flow_ids=self._flow_ids(entry.get("id"), path),
            values=tuple(self._values(entry.get("values"), (*path, "values"))),
        )

    def _flow_id(self, value: object, path: Path) -> str | None:
        return None if value is None or isinstance(value, dict) else self.document.text(value, (*path, "id"))

    def _flow_ids(self, value: object, path: Path) -> dict[str, str]:
        ids = value if isinstance(value, dict) else {}
        for name in ids:
            if self.environments is not None and name not in self.environments:
                self.document.fault((*path, "id", name), self._no_environment(name), key=True)
        return {name: self.document.text(flow_id, (*path, "id", name)) for name, flow_id in ids.items()}

    def _no_environment(self, name: str) -> str:
        known = self.environments or ()
        which = suggestion(name, known) if known else " It names none at all."
        return f"there is no environment {name!r} in config/environments.yaml.{which}"

    def _values(self, value: object, path: Path) -> Iterator[str]:
        for index, text in enumerate(self.document.texts(value, path)):
            strange = [found for found in BRACES.findall(text) if found != ENVIRONMENT]
            if strange:
                self.document.fault((*path, index), f"{strange[0]} stands for nothing; only {ENVIRONMENT} does.")
            yield text

    def _number(self, root: Mapping[str, Any], key: str, *, default: int, most: int) -> int:
        value = root.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
            return value
        self.document.fault((key,), f"{key} is {value!r}; give a whole number from 1 to {most}.")
        return default

    def _receiver(self, value: object) -> Receiver | None:
        path = ("receiver",)
        entry = self.document.mapping(value, path)
        self.document.check_keys(entry, path, known=RECEIVER_KEYS)
        if "url" not in entry:
            self.document.fault(path, f"url is missing: where the receiver listens, such as {RECEIVER_EXAMPLE}.")
            return None
        return Receiver(
            url=self.document.url(entry["url"], (*path, "url"), example=RECEIVER_EXAMPLE),
            source=self.document.text(entry.get("source", "genesys"), (*path, "source")),
            secret=self._variable(entry.get("secret", WEBHOOK_SECRET), "secret", example=WEBHOOK_SECRET)
            or WEBHOOK_SECRET,
            token=self._variable(entry.get("token"), "token", example="RELAY_TOKEN"),
        )

    def _variable(self, value: object, key: str, *, example: str) -> str | None:
        return None if value is None else self.document.variable(value, ("receiver", key), example=example)

"""`config/publisher.yaml`: which flow files there are, and what is particular to this project.

Read whole: every fault is told at once, each with its place.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from publisher.errors import PublisherError, UsageError
from publisher.genesys.documents import Document, DocumentError, read_document
from publisher.settings import WEBHOOK_SECRET, check_url

DEFAULT_MAX_NODES = 50
MOST_NODES = 1_000_000
RECEIVER_EXAMPLE = "https://relay.example.com"

VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
NOT_YET = frozenset({"environments", "values", "token"})
"""Keys that are part of the plan, and that this release would pass over: better refused than silently unused."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowEntry:
    """Some flow files, and where it is known, the id of the flow that the one file is for."""

    files: str
    """A path or a glob, relative to where the command runs."""
    flow_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Receiver:
    """Where the receiver listens."""

    url: str
    source: str = "genesys"
    secret: str = WEBHOOK_SECRET
    """The name of the variable that holds the webhook's secret."""

    @property
    def webhook_url(self) -> str:
        """The whole URL of the receiver's door for this source."""
        return f"{self.url.rstrip('/')}/webhooks/{quote(self.source, safe='')}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """What the config says."""

    flows: tuple[FlowEntry, ...] = ()
    max_nodes: int = DEFAULT_MAX_NODES
    known_types: frozenset[str] = frozenset()
    """Node types that are known beside the built-in ones."""
    receiver: Receiver | None = None


def parse_config(text: str, *, file: str) -> Config:
    """The config that the text holds, or a UsageError with one line for each fault and its place."""
    try:
        document = read_document(text)
    except DocumentError as exc:
        raise UsageError(f"{file}:{exc.place}: {exc.message}", code="config") from exc
    reader = _Reader(document=document, file=file)
    config = reader.config()
    if reader.faults:
        raise UsageError("\n".join(reader.faults), code="config")
    return config


@dataclass(slots=True)
class _Reader:
    """Reads the document part by part, and notes the faults that it meets."""

    document: Document
    file: str
    faults: list[str] = field(default_factory=list)

    def config(self) -> Config:
        root = {} if self.document.data is None else self._mapping(self.document.data, ())
        self._check_keys(root, (), known=("flows", "max_nodes", "known_types", "receiver"))
        receiver = root.get("receiver")
        return Config(
            flows=tuple(self._flows(root.get("flows"))),
            max_nodes=self._max_nodes(root.get("max_nodes", DEFAULT_MAX_NODES)),
            known_types=frozenset(self._texts(root.get("known_types"), ("known_types",))),
            receiver=None if receiver is None else self._receiver(receiver),
        )

    def _flows(self, value: object) -> Iterator[FlowEntry]:
        for index, item in enumerate(self._list(value, ("flows",))):
            path: Path = ("flows", index)
            entry = self._mapping(item, path)
            self._check_keys(entry, path, known=("file", "files", "id"))
            if ("file" in entry) == ("files" in entry):
                self._fault(path, "give either `file` (one path) or `files` (a glob).")
                continue
            key = "file" if "file" in entry else "files"
            yield FlowEntry(files=self._text(entry[key], (*path, key)), flow_id=self._flow_id(entry, path))

    def _flow_id(self, entry: dict[str, Any], path: Path) -> str | None:
        if "id" not in entry:
            return None
        if "files" in entry:
            self._fault((*path, "id"), "an id belongs to one `file`, not to a glob.")
            return None
        if isinstance(entry["id"], dict):
            self._fault((*path, "id"), "ids by environment are not supported by this release; give one id.")
            return None
        return self._text(entry["id"], (*path, "id"))

    def _max_nodes(self, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_NODES:
            return value
        self._fault(("max_nodes",), f"max_nodes is {value!r}; give a whole number from 1 to {MOST_NODES}.")
        return DEFAULT_MAX_NODES

    def _receiver(self, value: object) -> Receiver | None:
        path = ("receiver",)
        entry = self._mapping(value, path)
        self._check_keys(entry, path, known=("url", "source", "secret"))
        if "url" not in entry:
            self._fault(path, f"url is missing: where the receiver listens, such as {RECEIVER_EXAMPLE}.")
            return None
        return Receiver(
            url=self._url(entry["url"]),
            source=self._text(entry.get("source", "genesys"), (*path, "source")),
            secret=self._variable(entry.get("secret", WEBHOOK_SECRET)),
        )

    def _url(self, value: object) -> str:
        text = self._text(value, ("receiver", "url"))
        try:
            check_url(text or None, name="url", example=RECEIVER_EXAMPLE)
        except PublisherError as exc:
            self._fault(("receiver", "url"), str(exc))
        return text

    def _variable(self, value: object) -> str:
        if isinstance(value, str) and VARIABLE.fullmatch(value):
            return value
        # The value is not quoted: it may well be the secret itself.
        self._fault(
            ("receiver", "secret"), "give the NAME of the variable that holds the secret, such as CI_WEBHOOK_SECRET."
        )
        return WEBHOOK_SECRET

    def _texts(self, value: object, path: Path) -> list[str]:
        return [self._text(item, (*path, index)) for index, item in enumerate(self._list(value, path))]

    def _text(self, value: object, path: Path) -> str:
        if isinstance(value, str) and value.strip():
            return value
        self._fault(path, f"this is {value!r}; give a text.")
        return ""

    def _list(self, value: object, path: Path) -> list[Any]:
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self._fault(path, f"{path[-1]} is {_kind(value)}; give a list.")
        return []

    def _mapping(self, value: object, path: Path) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        name = path[-1] if path and isinstance(path[-1], str) else "this"
        self._fault(path, f"{name} is {_kind(value)}; give keys with values.")
        return {}

    def _check_keys(self, entry: Collection[str], path: Path, *, known: Sequence[str]) -> None:
        for key in entry:
            if key in NOT_YET:
                self._fault((*path, key), f"{key!r} is not supported by this release.", key=True)
            elif key not in known:
                self._fault((*path, key), f"there is no key {key!r} here.{_suggestion(key, known)}", key=True)

    def _fault(self, path: Path, message: str, *, key: bool = False) -> None:
        self.faults.append(f"{self.file}:{self.document.place(path, key=key)}: {message}")


def _suggestion(key: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else f" Known: {', '.join(known)}."


def _kind(value: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "a text", bool: "true or false", type(None): "empty"}
    return names.get(type(value), "a number")

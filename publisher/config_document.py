"""A config file, read part by part; every fault that is met is noted with its place, and all are told at once."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from publisher.errors import PublisherError, UsageError
from publisher.genesys.documents import Document, DocumentError, read_document
from publisher.settings import check_url

VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")

Path = tuple[str | int, ...]
"""Where a value stands in a document."""

Choice = TypeVar("Choice", bound=StrEnum)


class ConfigDocument:
    """The document of one config file, and the faults that reading it has shown."""

    def __init__(self, text: str, *, file: str) -> None:
        try:
            self._document: Document = read_document(text)
        except DocumentError as exc:
            raise UsageError(f"{file}:{exc.place}: {exc.message}", code="config") from exc
        self._file = file
        self.faults: list[str] = []

    def root(self, *, known: Sequence[str], elsewhere: Mapping[str, str]) -> dict[str, Any]:
        """The keys that the document begins with; an empty one has none."""
        data = self._document.data
        root = {} if data is None else self.mapping(data, ())
        self.check_keys(root, (), known=known, elsewhere=elsewhere)
        return root

    def refuse_faults(self) -> None:
        """A UsageError with one line for each fault, if there is one."""
        if self.faults:
            raise UsageError("\n".join(self.faults), code="config")

    def fault(self, path: Path, message: str, *, key: bool = False) -> None:
        """Note a fault of the value at a path, or of its key."""
        self.faults.append(f"{self._file}:{self._document.place(path, key=key)}: {message}")

    def check_keys(
        self, entry: Iterable[str], path: Path, *, known: Sequence[str], elsewhere: Mapping[str, str] | None = None
    ) -> None:
        """Note keys that nobody would read; `elsewhere` says of some where they belong."""
        for key in entry:
            if key in (elsewhere or {}):
                self.fault((*path, key), f"{key!r} does not belong here: {(elsewhere or {})[key]}", key=True)
            elif key not in known:
                self.fault((*path, key), f"there is no key {key!r} here.{suggestion(key, known)}", key=True)

    def mapping(self, value: object, path: Path) -> dict[str, Any]:
        """Keys with values."""
        if isinstance(value, dict):
            return value
        name = path[-1] if path and isinstance(path[-1], str) else "this"
        self.fault(path, f"{name} is {kind(value)}; give keys with values.")
        return {}

    def items(self, value: object, path: Path) -> list[Any]:
        """A list; an absent one is empty."""
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self.fault(path, f"{path[-1]} is {kind(value)}; give a list.")
        return []

    def text(self, value: object, path: Path) -> str:
        """A text that says something."""
        if isinstance(value, str) and value.strip():
            return value
        self.fault(path, f"this is {value!r}; give a text.")
        return ""

    def texts(self, value: object, path: Path) -> list[str]:
        """A list of such texts."""
        return [self.text(item, (*path, index)) for index, item in enumerate(self.items(value, path))]

    def flag(self, value: object, path: Path) -> bool:
        """True or false."""
        if isinstance(value, bool):
            return value
        self.fault(path, f"{path[-1]} is {value!r}; give true or false.")
        return False

    def choice(self, value: object, choices: type[Choice], path: Path) -> Choice | None:
        """One of a few words."""
        if isinstance(value, str) and value in set(choices):
            return choices(value)
        self.fault(path, f"{path[-1]} is {value!r}; give {' or '.join(choices)}.")
        return None

    def url(self, value: object, path: Path, *, example: str) -> str:
        """A whole http or https URL."""
        text = self.text(value, path)
        try:
            check_url(text or None, name=str(path[-1]), example=example)
        except PublisherError as exc:
            self.fault(path, str(exc))
        return text

    def variable(self, value: object, path: Path, *, example: str) -> str | None:
        """The name of a variable. What is none is not quoted: it may well be the secret itself."""
        if isinstance(value, str) and VARIABLE.fullmatch(value):
            return value
        self.fault(path, f"give the NAME of the variable that holds the {_spoken(path[-1])}, such as {example}.")
        return None


def suggestion(key: str, known: Collection[str]) -> str:
    """Which of the known names somebody may have meant, as the next sentence of a fault."""
    close = difflib.get_close_matches(key, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else f" Known: {', '.join(known)}."


def kind(value: object) -> str:
    """What a value is, in words."""
    names = {dict: "a mapping", list: "a list", str: "a text", bool: "true or false", type(None): "empty"}
    return names.get(type(value), "a number")


def _spoken(name: str | int) -> str:
    return str(name).replace("_", " ")

"""Values: what stands in an Archy file for each `{{placeholder}}`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from publisher.errors import UsageError
from publisher.flow_text import Path
from publisher.genesys.documents import Document, DocumentError, read_document

SUBSTITUTIONS = "substitutions"
"""Under this key Archy's own options files keep them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Values:
    """The text for each placeholder, by its name."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def over(self, others: "Values") -> "Values":
        """These together with others; where both have a name, these come first."""
        return Values(texts={**others.texts, **self.texts})


NO_VALUES = Values()
UNSAID = "..."
"""What we write in place of a value of `--set`, which may be for no log."""


def parse_setting(setting: str) -> Values:
    """The one value of a `NAME=VALUE`."""
    name, equals, text = setting.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"--set {setting!r} sets nothing; give it as NAME=VALUE.")
    if text == UNSAID:
        raise UsageError(f"--set {setting}: put the value in place of the dots; it was left out of what was printed.")
    return Values(texts={name.strip(): text})


def parse_values(text: str, *, file: str) -> Values:
    """The values of a YAML or JSON text, each a name and a text; an options file of Archy is right, too."""
    try:
        document = read_document(text)
    except DocumentError as exc:
        raise UsageError(f"{file}:{exc.place}: {exc.message}", code="config") from exc
    data = document.data
    is_options = isinstance(data, dict) and isinstance(data.get(SUBSTITUTIONS), dict)
    path = (SUBSTITUTIONS,) if is_options else ()
    data = data[SUBSTITUTIONS] if is_options else data
    if data is None:
        return NO_VALUES
    if not isinstance(data, dict):
        raise UsageError(f"{file}:1:1: a file of values is a mapping of names to texts.", code="config")
    return Values(texts=dict(texts(data, document, path, text=text.removeprefix("\ufeff"), file=file)))


def texts(
    data: Mapping[str, Any], document: Document, path: tuple[str, ...], *, text: str, file: str
) -> Iterator[tuple[str, str]]:
    """Each name with its text."""
    for name, value in data.items():
        at = (*path, name)
        if isinstance(value, dict | list) or value is None:
            what = "nothing" if value is None else "more than one text"
            raise UsageError(f"{file}:{document.place(at)}: {name} has {what}; give it one text.", code="config")
        yield name, value if isinstance(value, str) else as_written(value, document, at, text=text, file=file)


def as_written(value: float | bool, document: Document, path: Path, *, text: str, file: str) -> str:
    """A number, true or false as it stands in the file: `1.10` must not become `1.1`."""
    place = document.place(path)
    line = text.split("\n")[place.line - 1][place.column - 1 :]
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    if line.startswith(shown) and line[len(shown) : len(shown) + 1] in {"", " ", "\r", ",", "}", "\t"}:
        return shown
    raise UsageError(f"{file}:{place}: {path[-1]} is read as the number {shown}; put it in quotes.", code="config")

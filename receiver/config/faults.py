"""What is wrong with a config, each fault with its place."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from publisher.genesys.documents import Document, Place

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigFault:
    """One thing that is wrong, and where it stands."""

    place: Place
    message: str

    def line(self, file: str) -> str:
        """The fault as people read it."""
        return f"{file}:{self.place.line}:{self.place.column}: {self.message}"


@dataclass(kw_only=True, slots=True)
class Faults:
    """Collects what is wrong with one document."""

    document: Document
    found: list[ConfigFault] = field(default_factory=list)

    def add(self, path: Sequence[str | int], message: str, *, key: bool = False) -> None:
        """Note a fault of the value at a path (of its key, with `key`)."""
        self.found.append(ConfigFault(place=self.document.place(path, key=key), message=message))

    def sorted(self) -> tuple[ConfigFault, ...]:
        """Every fault once, in the order of the file."""
        return tuple(sorted(dict.fromkeys(self.found), key=lambda fault: (fault.place, fault.message)))


def dotted(path: Sequence[str | int]) -> str:
    """A path as people write it: `pipelines.deploy.steps[1].url`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "the config"

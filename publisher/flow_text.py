"""The text of a flow file, for problems to point into."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.genesys.documents import Document, Place
from publisher.problems import CODES, Problem

START = Place(line=1, column=1)

Path = Sequence[str | int]
"""Where a value stands in the data: `("nodes", 3, "id")`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowText:
    """The text of a flow file, for problems to point into."""

    file: str
    lines: Sequence[str] = ()
    document: Document | None = None

    def problem(self, code: str, message: str, *, at: Path | Place = (), key: bool = False, hint: str = "") -> Problem:
        """A problem at a place of the text, or of the value (or its key) at a path."""
        place = at if isinstance(at, Place) else self.place(at, key=key)
        return Problem(
            code=code,
            severity=CODES[code].severity,
            file=self.file,
            place=place,
            message=message,
            hint=hint,
            excerpt=self.lines[place.line - 1].rstrip("\r") if place.line <= len(self.lines) else "",
        )

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Where a value, or its key, stands."""
        return self.document.place(path, key=key) if self.document else START

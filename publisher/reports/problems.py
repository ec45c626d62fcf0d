"""Prints problems one by one: as text for people, as JSON for programs, as annotations for GitHub."""

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from publisher.problems import Problem, Severity

WIDTH = 80
INDENT = "    "
RESET = "\033[0m"
BOLD = "\033[1m"
DIM = "\033[2m"
COLOURS: Mapping[Severity, str] = {Severity.ERROR: "\033[1;31m", Severity.WARNING: "\033[1;33m"}


class Format(StrEnum):
    """For whom problems are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    GITLAB = "gitlab"
    JUNIT = "junit"

    @property
    def is_document(self) -> bool:
        """Whether it is one document over all files; else it can be printed problem by problem."""
        return self in {Format.SARIF, Format.GITLAB, Format.JUNIT}

    @property
    def is_for_ci(self) -> bool:
        """Whether a CI system reads it, to which a file's path begins at the root of the checkout."""
        return self.is_document or self is Format.GITHUB


def render(
    problems: Iterable[Problem],
    output: Format | str = Format.TEXT,
    *,
    coloured: bool = False,
) -> Iterator[str]:
    """The lines to print, without their ends: of JSON one object each, of GitHub one annotation each.

    What is one document over all files is not among them: that is `document`.
    """
    for problem in problems:
        match Format(output):
            case Format.TEXT:
                yield from text_lines(problem, coloured=coloured)
            case Format.JSON:
                yield json.dumps(view(problem), ensure_ascii=False)
            case Format.GITHUB:
                yield annotation(problem)


def summary(problems: Iterable[Problem]) -> str:
    """How many there are: `2 errors, 1 warning`."""
    counts = Counter(problem.severity for problem in problems)
    found = [counted(counts[severity], severity.value) for severity in Severity if counts[severity]]
    return ", ".join(found) or "no problems"


def counted(count: int, thing: str) -> str:
    """A number and its thing: `1 node`, `2 nodes`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def view(problem: Problem) -> dict[str, str | int]:
    """A problem as a JSON object."""
    return {
        "file": problem.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "severity": problem.severity.value,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }


def text_lines(problem: Problem, *, coloured: bool) -> Iterator[str]:
    """A problem for people: where and what kind, what, the line itself with a mark under the place, what to do."""
    severity = f"{problem.severity.value}:"
    place = f"{problem.file}:{problem.place}:"
    if coloured:
        yield f"{BOLD}{place}{RESET} {COLOURS[problem.severity]}{severity}{RESET} {problem.code}"
    else:
        yield f"{place} {severity} {problem.code}"
    yield from wrapped(problem.message)
    yield from excerpt_lines(problem, coloured=coloured)
    if problem.hint:
        yield from wrapped(f"Hint: {problem.hint}")
    yield ""


def wrapped(text: str) -> list[str]:
    """A sentence in lines that fit."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT, break_long_words=False, break_on_hyphens=False
    )


def excerpt_lines(problem: Problem, *, coloured: bool) -> Iterator[str]:
    """The line of the file, as much as fits around the place, and a mark under it."""
    if not problem.excerpt.strip():
        return
    margin = f"{INDENT}{problem.place.line:>5} | "
    part, column = cut_around(problem.excerpt, problem.place.column - 1, room=WIDTH - len(margin))
    mark = f"{'| ':>{len(margin)}}{' ' * column}^"
    yield f"{DIM}{margin}{RESET}{part}" if coloured else f"{margin}{part}"
    yield f"{DIM}{mark}{RESET}" if coloured else mark


def cut_around(line: str, column: int, *, room: int) -> tuple[str, int]:
    """The part of a line around a column that fits into the room, and where the column is in it."""
    start = max(0, min(column - room // 2, len(line) - room))
    part = "".join(char if char.isprintable() else " " for char in line[start : start + room])
    if start > 0:
        part = f"…{part[1:]}"
    if start + room < len(line):
        part = f"{part[:-1]}…"
    return part, column - start


def annotation(problem: Problem) -> str:
    """A problem as GitHub shows it beside the line (https://docs.github.com/actions/reference/workflow-commands)."""
    fields = {
        "file": problem.file,
        "line": str(problem.place.line),
        "col": str(problem.place.column),
        "title": problem.code,
    }
    properties = ",".join(f"{name}={escaped_property(value)}" for name, value in fields.items())
    message = " ".join(filter(None, (problem.message, problem.hint)))
    return f"::{problem.severity.value} {properties}::{escaped(message)}"


def escaped(text: str) -> str:
    """Text as the runner takes it in one line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    """The same for a value between commas."""
    return escaped(text).replace(":", "%3A").replace(",", "%2C")

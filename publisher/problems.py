"""A problem: one finding of a check, and the list of all that there are (docs/problems.md has a section for each)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from publisher.genesys.documents import Place

MAX_SHOWN_CHARS = 60
MAX_COMPARED_NAMES = 500


class Severity(StrEnum):
    """Whether a problem keeps a flow from being published."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeInfo:
    """What a code stands for."""

    severity: Severity
    title: str


CODES: Mapping[str, CodeInfo] = {
    "file.syntax": CodeInfo(severity=Severity.ERROR, title="The file is neither YAML nor JSON"),
    "file.not-a-flow": CodeInfo(severity=Severity.ERROR, title="The file holds no flow"),
    "field.missing": CodeInfo(severity=Severity.ERROR, title="A field is missing"),
    "field.unknown": CodeInfo(severity=Severity.ERROR, title="A field is not known"),
    "field.wrong": CodeInfo(severity=Severity.ERROR, title="A field holds what it may not hold"),
    "flow.too-many-nodes": CodeInfo(severity=Severity.ERROR, title="The flow has too many nodes"),
    "flow.duplicate-id": CodeInfo(severity=Severity.ERROR, title="An id is used twice"),
    "flow.unknown-node": CodeInfo(severity=Severity.ERROR, title="A connection names a node that does not exist"),
    "flow.no-entry": CodeInfo(severity=Severity.ERROR, title="The flow has no entry"),
    "flow.several-entries": CodeInfo(severity=Severity.ERROR, title="The flow has several entries"),
    "flow.cycle": CodeInfo(severity=Severity.ERROR, title="The flow runs in a circle"),
    "flow.dead-end": CodeInfo(severity=Severity.ERROR, title="A node is a dead end"),
    "flow.no-way-out": CodeInfo(severity=Severity.ERROR, title="No path from a node ends the call"),
    "flow.ambiguous-condition": CodeInfo(severity=Severity.ERROR, title="Two connections could be taken at once"),
    "flow.bad-variable": CodeInfo(severity=Severity.ERROR, title="A variable is not right"),
    "flow.unreachable": CodeInfo(severity=Severity.WARNING, title="No path reaches a node"),
    "flow.unknown-type": CodeInfo(severity=Severity.WARNING, title="A node is of an unknown type"),
    "flow.after-the-end": CodeInfo(severity=Severity.WARNING, title="A connection leaves a node that ends the call"),
    "archy.root-key": CodeInfo(severity=Severity.ERROR, title="The root key is not one type of flow"),
    "archy.shape": CodeInfo(severity=Severity.ERROR, title="A part has not the shape that Archy takes"),
    "archy.no-value": CodeInfo(severity=Severity.ERROR, title="A placeholder has no value"),
    "archy.missing-field": CodeInfo(severity=Severity.ERROR, title="A flow has no name, or no start"),
    "archy.bad-name": CodeInfo(severity=Severity.ERROR, title="The platform does not take the name"),
    "archy.bad-language": CodeInfo(severity=Severity.ERROR, title="A language is no language tag"),
    "archy.bad-reference": CodeInfo(severity=Severity.ERROR, title="A reference leads nowhere"),
    "archy.duplicate-ref-id": CodeInfo(severity=Severity.ERROR, title="A refId is used twice"),
    "archy.duplicate-dtmf": CodeInfo(severity=Severity.ERROR, title="A key is taken twice in a menu"),
    "archy.value-changes-meaning": CodeInfo(severity=Severity.WARNING, title="A value is read as YAML, not as text"),
    "archy.unknown-action": CodeInfo(severity=Severity.WARNING, title="An action is not known"),
    "archy.unreachable": CodeInfo(severity=Severity.WARNING, title="Nothing leads to a menu, a task or a state"),
    "archy.open-end": CodeInfo(severity=Severity.WARNING, title="Actions can run out without an end"),
    "archy.endless-loop": CodeInfo(severity=Severity.WARNING, title="Nothing waits in a loop"),
    "archy.no-failure-output": CodeInfo(severity=Severity.WARNING, title="Nothing is done when a transfer fails"),
    "org.missing": CodeInfo(severity=Severity.ERROR, title="The organization lacks what a flow names"),
    "org.renamed": CodeInfo(severity=Severity.ERROR, title="A flow has another name than its file"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One finding: what, where, and what to do about it."""

    code: str
    severity: Severity
    file: str
    place: Place
    message: str
    hint: str = ""
    excerpt: str = ""
    """The line of the file that it is about."""


def sort_by_place(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems in the order in which one meets them in the file."""
    return tuple(sorted(problems, key=lambda problem: (problem.place, problem.code, problem.message)))


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether a flow with these problems may not be published."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def shown(name: str) -> str:
    """A name as people may see it: in one line, without control characters, not too long."""
    text = name if name.isprintable() else ascii(name)[1:-1]
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 1]}…"


def quoted(name: str) -> str:
    """The same in quotes."""
    return f"'{shown(name)}'"


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that was probably meant."""
    if len(known) > MAX_COMPARED_NAMES:
        return None
    folded = {each.casefold(): each for each in known}
    matches = get_close_matches(name.casefold(), folded, n=1)
    return folded[matches[0]] if matches else None


def did_you_mean(name: str, known: Collection[str]) -> str:
    """A question that names what was probably meant; empty where nothing is near."""
    match = nearest(name, known)
    return f"Did you mean {quoted(match)}?" if match else ""

"""What is wrong with the variables."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from publisher.loader import FlowFile
from publisher.problems import Problem, did_you_mean, quoted

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
SCOPES = ("conversation", "flow", "global", "participant", "session", "task")
TYPES = (
    "array",
    "audio",
    "boolean",
    "collection",
    "currency",
    "date",
    "datetime",
    "decimal",
    "duration",
    "emailAddress",
    "float",
    "group",
    "integer",
    "json",
    "language",
    "number",
    "object",
    "phoneNumber",
    "queue",
    "schedule",
    "skill",
    "string",
    "time",
    "user",
)


def check_variables(flow: FlowFile) -> Iterator[Problem]:
    """Names that cannot be used or are used twice in a scope, and types and scopes that do not exist."""
    rows: dict[tuple[str, str], int] = {}
    for row, variable in enumerate(flow.definition.get("variables", ())):
        yield from check_words(flow, row, variable)
        if "name" in variable and "scope" in variable:
            key = (variable["name"].casefold(), variable["scope"].casefold())
            first = rows.setdefault(key, row)
            if first != row:
                yield twice_problem(flow, row, first)


def check_words(flow: FlowFile, row: int, variable: Mapping[str, Any]) -> Iterator[Problem]:
    """The name, the type and the scope of one variable."""
    name = variable.get("name", "")
    thing = f"Variable {quoted(name or variable.get('id', str(row + 1)))}"
    if name and not NAME.fullmatch(name):
        yield flow.text.problem(
            "flow.bad-variable",
            f"{thing} has a name that no expression can use.",
            at=("variables", row, "name"),
            hint="Use letters, digits and underscores, and begin with a letter.",
        )
    for part, known in (("type", TYPES), ("scope", SCOPES)):
        word = variable.get(part)
        if word is not None and word.casefold() not in {each.casefold() for each in known}:
            yield flow.text.problem(
                "flow.bad-variable",
                f"{thing} has the {part} {quoted(word)}, which does not exist.",
                at=("variables", row, part),
                hint=did_you_mean(word, known) or f"There are {', '.join(known)}.",
            )


def twice_problem(flow: FlowFile, row: int, first: int) -> Problem:
    """A name that is taken."""
    variable = flow.definition["variables"][row]
    line = flow.text.place(("variables", first, "name")).line
    return flow.text.problem(
        "flow.bad-variable",
        f"Variable {quoted(variable['name'])} is there twice in scope {quoted(variable['scope'])}; "
        f"the first one is in line {line}.",
        at=("variables", row, "name"),
        hint="Rename or remove one of them.",
    )

"""A plan as Markdown, for a comment on a pull request: a table, and for each file what would change, drawn, too.

Names come from files that anybody may have written: they stand in code spans and fences, where nothing is markup.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape

from publisher.comparing import Sign
from publisher.drawing import MOST_MERMAID_CHARS, MOST_MERMAID_EDGES, mermaid
from publisher.planning.entry import Entry, Would
from publisher.planning.plan import Plan
from publisher.planning.words import cell, details, live

MOST_CHARS = 60_000
"""GitHub takes comments of 65,536 characters."""
MOST_PICTURE_CHARS = 45_000
MARKS = {Would.PUBLISH: "🟢", Would.SKIP: "⚪", Would.REFUSE: "🔴"}
DIFF_SIGNS = {Sign.ADDED.value: "+", Sign.REMOVED.value: "-", Sign.CHANGED.value: "!"}
"""What GitHub colours in a block of differences."""


def markdown(plan: Plan) -> str:
    """The plan, as much of it as a comment holds."""
    text = "\n".join(head(plan))
    for entry in plan.entries:
        for part in sections(entry):
            if len(text) + len(part) > MOST_CHARS:
                return f"{text}\n\nThere is more than a comment can hold: `publisher plan` says it all.\n"
            text += f"\n\n{part}"
    return f"{text}\n"


def head(plan: Plan) -> Iterator[str]:
    """The table."""
    yield f"**Plan for {span(plan.place)}**: {plan.summary}"
    yield ""
    yield "| | File | Flow | Live | Publishing |"
    yield "|---|---|---|---|---|"
    for number, entry in enumerate(plan.entries, start=1):
        words = (entry.file, entry.name, live(entry), cell(entry))
        yield f"| {MARKS[entry.would]} {number} | {' | '.join(map(span, words))} |"
    for warning in plan.warnings:
        yield ""
        yield f"⚠️ {span(warning)}"


def sections(entry: Entry) -> Iterator[str]:
    """What is to be said of a file: its lines, and its picture."""
    lines = list(details(entry))
    if lines:
        yield f"{span(entry.file)}\n\n{fenced(map(diff_line, lines), 'diff')}"
    if entry.is_change:
        yield drawn(entry)


def drawn(entry: Entry) -> str:
    """The picture of a file, where Mermaid can draw it."""
    picture = entry.picture
    if picture is None:
        return f"{span(entry.file)} holds nothing that could be drawn."
    text = mermaid(picture)
    if len(text) > min(MOST_PICTURE_CHARS, MOST_MERMAID_CHARS) or len(picture.edges) > MOST_MERMAID_EDGES:
        return f"{span(entry.file)} is too large to be drawn here: {span(f'publisher diff --format svg {entry.file}')}."
    title = f"<summary>Picture of <code>{escape(one_line(entry.file))}</code></summary>"
    return f"<details>{title}\n\n{fenced(text.splitlines(), 'mermaid')}\n</details>"


def diff_line(line: str) -> str:
    """A line with a sign that is coloured; one without stands beside those."""
    sign = DIFF_SIGNS.get(line[:1])
    return f"{sign}{line[1:]}" if sign else f"# {line}"


def span(text: str) -> str:
    """Text as code, in a cell of a table or elsewhere: nothing in it is markup."""
    line = one_line(text).replace("|", "\\|")
    longest = max((len(ticks) for ticks in re.findall("`+", line)), default=0)
    ticks = "`" * (longest + 1)
    return f"{ticks} {line} {ticks}" if longest else f"`{line}`"


def one_line(text: str) -> str:
    """Text in one line, without what cannot be seen."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def fenced(lines: Iterable[str], language: str) -> str:
    """A block that shows lines as they are, whatever stands in them."""
    text = "\n".join(lines).rstrip()
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"

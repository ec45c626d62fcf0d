"""What is written above and below a picture: what it shows, what changed, what is wrong."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from publisher.comparing import Change, Sign
from publisher.drawing.elements import text_at
from publisher.drawing.nodes import badge, mark
from publisher.drawing.picture import Picture
from publisher.drawing.text import cut, wrapped
from publisher.problems import Problem
from publisher.reports import counted

TITLE_SIZE, TITLE_STEP = 19.0, 28.0
SIZE, STEP = 12.0, 17.0
INDENT = 26.0
GAP = 40.0
BETWEEN = 6.0
MOST_LINES = 3
MOST_ENTRIES = 40


@dataclass(slots=True)
class Notes:
    """Text that grows downwards from a place."""

    left: float
    width: float
    y: float
    parts: list[str] = field(default_factory=list)

    def line(self, text: str, *, css: str, step: float = STEP, indent: float = 0) -> None:
        """Write the next line."""
        self.y += step
        self.parts.append(text_at(self.left + indent, self.y, text, css=css))

    def entry(self, text: str, sign: Iterator[str], *, css: str = "small") -> None:
        """Write an entry of a list beside its sign."""
        self.y += BETWEEN
        self.parts.extend(sign)
        for line in wrapped(text, width=self.width - INDENT, size=SIZE, lines=MOST_LINES):
            self.line(line, css=css, indent=INDENT)


def write_head(picture: Picture, notes: Notes) -> None:
    """What the picture shows."""
    notes.line(cut(picture.outline.title, width=notes.width, size=TITLE_SIZE), css="title", step=TITLE_SIZE)
    for line in wrapped(summary_of(picture), width=notes.width, size=SIZE, lines=2):
        notes.line(line, css="small muted", step=STEP + 3)
    if picture.against is not None:
        for line in wrapped(
            f"compared with {picture.against}: {tally_of(picture)}", width=notes.width, size=SIZE, lines=2
        ):
            notes.line(line, css="small muted")


def write_foot(picture: Picture, notes: Notes) -> None:
    """What changed and what is wrong, each entry with the sign that it has in the picture."""
    if picture.changes:
        notes.y += GAP
        notes.line("Changes", css="name-of-list", step=0)
        for change in picture.changes[:MOST_ENTRIES]:
            sign = badge(
                notes.left + 9, notes.y + BETWEEN + STEP - 4, change.sign, css=f"sign {change.sign.name.lower()}"
            )
            notes.entry(change.text, sign)
        write_rest(len(picture.changes), notes)
    if picture.problems:
        notes.y += GAP + (BETWEEN if picture.changes else 0)
        notes.line("Problems", css="name-of-list", step=0)
        for number, problem in enumerate(picture.problems[:MOST_ENTRIES]):
            sign = mark(notes.left + 9, notes.y + BETWEEN + STEP - 4, number, problem.severity)
            notes.entry(problem_text(problem, picture.outline.file), sign)
        write_rest(len(picture.problems), notes)


def write_rest(count: int, notes: Notes) -> None:
    """Say how many entries are not shown."""
    if count > MOST_ENTRIES:
        notes.line(f"… and {count - MOST_ENTRIES:,} more", css="small muted", step=STEP + BETWEEN, indent=INDENT)


def summary_of(picture: Picture) -> str:
    """Where the flow comes from, how large it is, and how much was found."""
    problems = Counter(problem.severity for problem in picture.problems)
    return " · ".join(
        [
            picture.outline.file,
            counted(count_of_present(picture.nodes), "node"),
            counted(count_of_present(picture.edges), "connection"),
            *(counted(count, severity.value) for severity, count in sorted(problems.items())),
        ]
    )


def count_of_present(signs: Sequence[Sign]) -> int:
    """How many things there are in the flow as it is now."""
    return sum(sign is not Sign.REMOVED for sign in signs)


def tally_of(picture: Picture) -> str:
    """How much changed."""
    return tally(picture.changes) or "nothing changed"


def tally(changes: Sequence[Change]) -> str:
    """How many changes there are of each sign."""
    counts = Counter(change.sign for change in changes)
    return ", ".join(f"{counts[sign]:,} {sign.name.lower()}" for sign in Sign if counts[sign])


def problem_text(problem: Problem, file: str) -> str:
    """A problem in one sentence, with its place; that of a part in another file with that file."""
    where = f"line {problem.place.line}" if problem.file == file else f"line {problem.place.line} of {problem.file}"
    return f"{problem.severity} in {where}: {problem.message}"

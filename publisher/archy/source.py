"""One file's text: its placeholders replaced, its YAML read, its places kept."""

from collections.abc import Iterator
from dataclasses import dataclass

from publisher.archy.data import Data
from publisher.archy.meaning import broken_names, is_risky
from publisher.archy.substitution import (
    OriginalDocument,
    Substituted,
    TooLongError,
    readable,
    with_stand_ins,
    with_values,
)
from publisher.archy.values import Values
from publisher.flow_text import START, FlowText
from publisher.genesys.documents import DocumentError, Place, read_document
from publisher.problems import Problem, did_you_mean, quoted

MAX_SHOWN_LINES = 5
MAX_RISKY_NAMES = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file of YAML with placeholders, read."""

    text: FlowText
    content: str
    """The text with the values in it."""
    problems: tuple[Problem, ...] = ()

    @property
    def data(self) -> Data:
        """What the YAML holds; None where it could not be read."""
        return self.text.document.data if self.text.document else None


def read_source(text: str, *, file: str, values: Values) -> Source:
    """The file that has this text. Whatever the text is, the answer is a source, with problems where it is no YAML."""
    text = text.removeprefix("\ufeff")
    bare = FlowText(file=file, lines=text.split("\n"))
    try:
        substituted = with_values(text, values)
    except TooLongError:
        problem = bare.problem("file.syntax", "With the values in it, the file is too long for a flow.", at=START)
        return Source(text=bare, content="", problems=(problem,))
    found = list(unresolved(bare, text, substituted, values))
    try:
        document = read_document(substituted.text)
    except DocumentError as exc:
        found.append(syntax_problem(bare, text, substituted, exc, values=values))
        return Source(text=bare, content=substituted.text, problems=tuple(found))
    flow_text = FlowText(file=file, lines=bare.lines, document=document)
    if substituted.placeholders:
        original = OriginalDocument.behind(document, substituted.edits, text=text)
        flow_text = FlowText(file=file, lines=bare.lines, document=original)
        found += broken(bare, text, substituted, document.data, values=values)
    return Source(text=flow_text, content=substituted.text, problems=tuple(found))


def unresolved(bare: FlowText, text: str, substituted: Substituted, values: Values) -> Iterator[Problem]:
    """One problem for each placeholder that has no value, where it stands first."""
    places: dict[str, list[Place]] = {}
    for name, offset in substituted.placeholders:
        if name not in values.texts:
            places.setdefault(name, []).append(place_in(text, offset))
    for name, spots in places.items():
        lines = sorted({place.line for place in spots[1:]} - {spots[0].line})
        also = ", ".join(str(line) for line in lines[:MAX_SHOWN_LINES])
        more = f" It also stands in line{'s' if len(lines) > 1 else ''} {also}" if lines else ""
        rest = f" and {len(lines) - MAX_SHOWN_LINES} more" if len(lines) > MAX_SHOWN_LINES else ""
        yield bare.problem(
            "archy.no-value",
            f"Placeholder '{{{{{name}}}}}' has no value.{more}{rest}{'.' if more else ''}",
            at=spots[0],
            hint=did_you_mean(name, values.texts) or f"Give it one: --set {name}=…, or in a file, with --values FILE.",
        )


def place_in(text: str, offset: int) -> Place:
    """The line and the column of an offset."""
    return Place(line=text.count("\n", 0, offset) + 1, column=offset - text.rfind("\n", 0, offset))


def syntax_problem(
    bare: FlowText, text: str, substituted: Substituted, error: DocumentError, *, values: Values
) -> Problem:
    """Why the text is no YAML, with its place in the file; a value that stands there is named."""
    line_start = sum(len(line) + 1 for line in substituted.text.split("\n")[: error.place.line - 1])
    offset = substituted.edits.original(line_start + error.place.column - 1)
    place = place_in(text, min(offset, len(text)))
    culprit = suspect(text, substituted, place, values)
    hint = f"It comes of the value of '{{{{{culprit}}}}}': put the placeholder in quotes." if culprit else ""
    message = readable(error.message)
    return bare.problem("file.syntax", message[:1].upper() + message[1:], at=place, hint=hint)


def suspect(text: str, substituted: Substituted, place: Place, values: Values) -> str | None:
    """The placeholder whose value most likely breaks the YAML at a place; None where no value does."""
    risky = [(name, spot) for name, spot in substituted.placeholders if is_risky(values.texts.get(name, "x"))]
    if not risky or meant_data(text) is None:
        return None
    before = [name for name, spot in risky if place_in(text, spot).line <= place.line]
    return before[-1] if before else risky[0][0]


def meant_data(text: str) -> Data:
    """What the text holds with a plain word for each placeholder; None where it is no YAML even so."""
    try:
        return read_document(with_stand_ins(text).text).data
    except DocumentError:
        return None


def broken(bare: FlowText, text: str, substituted: Substituted, data: Data, *, values: Values) -> Iterator[Problem]:
    """One warning for each value that YAML reads otherwise than as its text."""
    risky = {name for name, _ in substituted.placeholders if is_risky(values.texts.get(name, "x"))}
    meant = meant_data(text) if risky else None
    if meant is None:
        return  # no value could be read otherwise, or else the values were meant to make the YAML
    spots = dict(reversed(substituted.placeholders))
    for name in [name for name in dict.fromkeys(broken_names(meant, data, values)) if name in risky][:MAX_RISKY_NAMES]:
        yield bare.problem(
            "archy.value-changes-meaning",
            f"The value of '{{{{{name}}}}}' is read as YAML, not as its text: {quoted(values.texts[name])}.",
            at=place_in(text, spots[name]),
            hint="Put the placeholder in quotes, or escape the value as those quotes want.",
        )

"""Reads JSON text. Nothing calls itself here, so no nesting is too deep to be refused in good order."""

import json
import re
from enum import Enum

from publisher.genesys.documents.builder import Builder, fail
from publisher.genesys.documents.document import Document, DocumentError, Mark
from publisher.genesys.documents.scalars import Scalar, decimal_number, whole_number

SPACE = re.compile(r"[ \t\r\n]*")
STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"')
NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?(?![\w.])")
WORD = re.compile(r"(true|false|null)(?!\w)")
SURROGATE = re.compile("[\ud800-\udfff]")
WORDS = {"true": True, "false": False, "null": None}


class NotJsonError(DocumentError):
    """The text breaks JSON's grammar."""


class Wanted(Enum):
    """What may come next, in words for people."""

    VALUE = "a value"
    KEY = "a quoted key"
    FIRST_KEY = "a quoted key or '}'"
    FIRST_ITEM = "a value or ']'"
    COLON = "':'"
    MORE_KEYS = "',' or '}'"
    MORE_ITEMS = "',' or ']'"
    END = "nothing more"


CLOSING = {
    "}": frozenset({Wanted.FIRST_KEY, Wanted.MORE_KEYS}),
    "]": frozenset({Wanted.FIRST_ITEM, Wanted.MORE_ITEMS}),
}
NEXT = {
    (Wanted.COLON, ":"): Wanted.VALUE,
    (Wanted.MORE_KEYS, ","): Wanted.KEY,
    (Wanted.MORE_ITEMS, ","): Wanted.VALUE,
}
VALUES = frozenset({Wanted.VALUE, Wanted.FIRST_ITEM})
KEYS = frozenset({Wanted.KEY, Wanted.FIRST_KEY})


class JsonReader:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._line_start = 0
        self._builder = Builder()
        self._after: list[Wanted] = [Wanted.END]
        """What may follow the present value, one entry for each open mapping or list."""

    def read(self) -> Document:
        """The document; NotJsonError where the text is no JSON."""
        wanted = Wanted.VALUE
        while not (self._skip_space() and wanted is Wanted.END):
            wanted = self._take(wanted)
        return self._builder.document()

    def _skip_space(self) -> bool:
        """Go to the next thing; True where there is none."""
        end = SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches nothing, too
        newlines = self._text.count("\n", self._at, end)
        if newlines:
            self._line += newlines
            self._line_start = self._text.rindex("\n", self._at, end) + 1
        self._at = end
        return end == len(self._text)

    def _take(self, wanted: Wanted) -> Wanted:
        """Take the next thing in; returns what may follow it."""
        char = self._text[self._at : self._at + 1]
        mark = self._mark()
        if (wanted, char) in NEXT:
            self._at += 1
            return NEXT[wanted, char]
        if wanted in CLOSING.get(char, ()):
            self._at += 1
            self._builder.close()
            self._after.pop()
            return self._after[-1]
        if wanted in KEYS and char == '"':
            self._builder.key(self._string(mark), mark)
            return Wanted.COLON
        if wanted in VALUES and char:
            return self._value(char, mark)
        found = f"found {char!r}" if char else "the text ends"
        raise NotJsonError(f"{found} where JSON wants {wanted.value}.", mark.place)

    def _value(self, char: str, mark: Mark) -> Wanted:
        if char == "{":
            return self._open({}, mark, first=Wanted.FIRST_KEY, then=Wanted.MORE_KEYS)
        if char == "[":
            return self._open([], mark, first=Wanted.FIRST_ITEM, then=Wanted.MORE_ITEMS)
        self._builder.value(self._string(mark) if char == '"' else self._bare(mark), mark)
        return self._after[-1]

    def _open(self, data: dict[str, object] | list[object], mark: Mark, *, first: Wanted, then: Wanted) -> Wanted:
        self._at += 1
        self._builder.open(data, mark)
        self._after.append(then)
        return first

    def _string(self, mark: Mark) -> str:
        match = STRING.match(self._text, self._at)
        if match is None:
            raise NotJsonError("this text has no closing quote in its line.", mark.place)
        self._at = match.end()
        literal = match.group()
        if "\\" not in literal:
            return literal[1:-1]
        try:
            text = str(json.loads(literal))
        except ValueError as exc:
            raise NotJsonError("this text has an escape that JSON does not know.", mark.place) from exc
        if SURROGATE.search(text):
            fail("this text has half a character (a lone surrogate such as \\ud800).", mark)
        return text

    def _bare(self, mark: Mark) -> Scalar:
        """A number, true, false or null."""
        match = WORD.match(self._text, self._at) or NUMBER.match(self._text, self._at)
        if match is None:
            raise NotJsonError(f"found {self._text[self._at]!r} where JSON wants a value.", mark.place)
        self._at = match.end()
        if match.group() in WORDS:
            return WORDS[match.group()]
        try:
            return whole_number(match.group()) if match.lastindex == 1 else decimal_number(match.group())
        except ValueError as exc:
            raise DocumentError(str(exc), mark.place) from exc

    def _mark(self) -> Mark:
        return Mark(self._line, self._at - self._line_start + 1)

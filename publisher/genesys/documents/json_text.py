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
    COLON = "':'"
    KEY_OR_END = "a quoted key or '}'"
    VALUE_OR_END = "a value or ']'"
    COMMA_OR_BRACE = "',' or '}'"
    COMMA_OR_BRACKET = "',' or ']'"
    END = "nothing more"


class JsonReader:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._line_start = 0
        self._builder = Builder()
        self._open: list[str] = []
        """The closing brackets of what is open."""

    def read(self) -> Document:
        """The document; NotJsonError where the text is no JSON."""
        wanted = Wanted.VALUE
        while not ((char := self._next()) == "" and wanted is Wanted.END):
            wanted = self._take(char, wanted)
        return self._builder.document()

    def _next(self) -> str:
        """Go to the next character that is no space, and show it; "" at the end."""
        end = SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches nothing, too
        newlines = self._text.count("\n", self._at, end)
        if newlines:
            self._line += newlines
            self._line_start = self._text.rindex("\n", self._at, end) + 1
        self._at = end
        return self._text[end : end + 1]

    def _take(self, char: str, wanted: Wanted) -> Wanted:
        """Take in what begins here; returns what may follow it."""
        if wanted is Wanted.VALUE and char:
            return self._value(char)
        if char == '"' and (wanted is Wanted.KEY or wanted is Wanted.KEY_OR_END):
            return self._key()
        if self._open and char == self._open[-1] and wanted not in {Wanted.VALUE, Wanted.KEY}:
            self._at += 1
            self._open.pop()
            self._builder.close()
            return self._comma()
        if wanted is Wanted.VALUE_OR_END and char:
            return self._value(char)
        raise self._unexpected(wanted)

    def _value(self, char: str) -> Wanted:
        mark = self._mark()
        if char in "{[":
            self._at += 1
            self._open.append("}" if char == "{" else "]")
            self._builder.open({} if char == "{" else [], mark)
            return Wanted.KEY_OR_END if char == "{" else Wanted.VALUE_OR_END
        self._builder.value(self._string(mark) if char == '"' else self._bare(mark), mark)
        return self._comma()

    def _key(self) -> Wanted:
        """Take in a key and its colon."""
        mark = self._mark()
        self._builder.key(self._string(mark), mark)
        if self._next() != ":":
            raise self._unexpected(Wanted.COLON)
        self._at += 1
        return Wanted.VALUE

    def _comma(self) -> Wanted:
        """Take in the comma behind a value, if there is one."""
        if not self._open:
            return Wanted.END
        in_mapping = self._open[-1] == "}"
        if self._next() != ",":
            return Wanted.COMMA_OR_BRACE if in_mapping else Wanted.COMMA_OR_BRACKET
        self._at += 1
        return Wanted.KEY if in_mapping else Wanted.VALUE

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
            raise self._unexpected(Wanted.VALUE)
        self._at = match.end()
        if match.group() in WORDS:
            return WORDS[match.group()]
        try:
            return whole_number(match.group()) if match.lastindex == 1 else decimal_number(match.group())
        except ValueError as exc:
            raise DocumentError(str(exc), mark.place) from exc

    def _mark(self) -> Mark:
        return Mark(self._line, self._at - self._line_start + 1)

    def _unexpected(self, wanted: Wanted) -> NotJsonError:
        char = self._text[self._at : self._at + 1]
        found = f"found {char!r}" if char else "the text ends"
        return NotJsonError(f"{found} where JSON wants {wanted.value}.", self._mark().place)

"""Reads JSON text. Nothing calls itself here, so no nesting is too deep to be refused in good order."""

import json
import re
from enum import Enum

from publisher.genesys.documents.builder import Builder
from publisher.genesys.documents.document import Document, DocumentError, place_at
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
        self._builder = Builder(text)
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
        self._at = SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches nothing, too
        return self._text[self._at : self._at + 1]

    def _take(self, char: str, wanted: Wanted) -> Wanted:
        """Take in what begins here; returns what may follow it."""
        if wanted is Wanted.VALUE and char:
            return self._value(char)
        if char == '"' and (wanted is Wanted.KEY or wanted is Wanted.KEY_OR_END):
            return self._key()
        if self._open and char == self._open[-1] and wanted is not Wanted.KEY:
            self._at += 1
            self._open.pop()
            self._builder.close()
            return self._comma()
        if wanted is Wanted.VALUE_OR_END and char:
            return self._value(char)
        raise self._unexpected(wanted)

    def _value(self, char: str) -> Wanted:
        spot = self._at
        if char in "{[":
            self._at += 1
            self._open.append("}" if char == "{" else "]")
            self._builder.open({} if char == "{" else [], spot)
            return Wanted.KEY_OR_END if char == "{" else Wanted.VALUE_OR_END
        self._builder.value(self._string() if char == '"' else self._bare(), spot)
        return self._comma()

    def _key(self) -> Wanted:
        """Take in a key and its colon."""
        spot = self._at
        self._builder.key(self._string(), spot)
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

    def _string(self) -> str:
        match = STRING.match(self._text, self._at)
        if match is None:
            raise self._error("this text has no closing quote in its line.")
        literal = match.group()
        text = self._unescaped(literal) if "\\" in literal else literal[1:-1]
        self._at = match.end()
        return text

    def _unescaped(self, literal: str) -> str:
        try:
            text = str(json.loads(literal))
        except ValueError as exc:
            raise self._error("this text has an escape that JSON does not know.") from exc
        if SURROGATE.search(text):
            self._builder.fail("this text has half a character (a lone surrogate such as \\ud800).", self._at)
        return text

    def _bare(self) -> Scalar:
        """A number, true, false or null."""
        match = WORD.match(self._text, self._at) or NUMBER.match(self._text, self._at)
        if match is None:
            raise self._unexpected(Wanted.VALUE)
        if match.group() in WORDS:
            self._at = match.end()
            return WORDS[match.group()]
        try:
            number = whole_number(match.group()) if match.lastindex == 1 else decimal_number(match.group())
        except ValueError as exc:
            self._builder.fail(str(exc), self._at)
        self._at = match.end()
        return number

    def _unexpected(self, wanted: Wanted) -> NotJsonError:
        char = self._text[self._at : self._at + 1]
        found = f"found {char!r}" if char else "the text ends"
        return self._error(f"{found} where JSON wants {wanted.value}.")

    def _error(self, message: str) -> NotJsonError:
        return NotJsonError(message, place_at(self._text, self._at))

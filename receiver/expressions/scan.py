"""What a CEL text names, and where one ends inside a template: read from its tokens, without evaluating it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

COMPREHENSIONS = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map"})

_COOKED = (
    r"[bB]?(?:\"\"\"(?:\\[\s\S]|[^\\])*?\"\"\"|'''(?:\\[\s\S]|[^\\])*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')"
)
_RAW = r"(?:[rR][bB]?|[bB][rR])(?:\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|\"[^\"\n]*\"|'[^'\n]*')"
_TOKEN = re.compile(
    rf"(?P<string>{_RAW}|{_COOKED})"
    # A comment ends where the template does: `}}` counts everywhere but in a string.
    r"|(?P<blank>\s+|//(?:(?!\}\})[^\n])*)"
    r"|(?P<number>0[xX][0-9a-fA-F]+[uU]?|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[uU]?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<end>\}\})"
    r"|(?P<mark>[\s\S])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a CEL text: a string, number, word or mark."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scan:
    """The names in a CEL text."""

    chains: tuple[tuple[str, ...], ...]
    """Each variable with the fields read from it: `event.actor.name` is `("event", "actor", "name")`."""
    functions: frozenset[str]
    bound: tuple[str, ...]
    """The variable of each comprehension, in order."""


def end_of_expression(text: str, start: int) -> int:
    """Where the first `}}` outside a CEL string begins, at or after `start`; -1 where there is none."""
    for found in _TOKEN.finditer(text, start):
        if found.lastgroup == "end":
            return found.start()
    return -1


def scan(text: str) -> Scan:
    """Read the names in a CEL text."""
    tokens = list(_tokens(text))
    called = frozenset(token.text for token, after in _pairs(tokens) if token.kind == "word" and after.text == "(")
    return Scan(chains=tuple(_chains(tokens)), functions=called, bound=tuple(_bound(tokens)))


def _tokens(text: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "mark"
        if kind == "end":  # two closing braces: outside a template they end two maps
            yield from (Token("mark", "}"), Token("mark", "}"))
        elif kind != "blank":
            yield Token(kind, found.group())


def _pairs(tokens: list[Token]) -> Iterator[tuple[Token, Token]]:
    return zip(tokens, [*tokens[1:], Token("mark", "")], strict=True)


def _chains(tokens: list[Token]) -> Iterator[tuple[str, ...]]:
    position = 0
    while position < len(tokens):
        if tokens[position].kind != "word" or (position > 0 and tokens[position - 1].text == "."):
            position += 1
            continue
        chain, position = _chain(tokens, position)
        if chain:
            yield chain


def _chain(tokens: list[Token], position: int) -> tuple[tuple[str, ...], int]:
    """The words joined by dots from `position` on, without a last one that is called."""
    words = [tokens[position].text]
    position += 1
    while position + 1 < len(tokens) and tokens[position].text == "." and tokens[position + 1].kind == "word":
        words.append(tokens[position + 1].text)
        position += 2
    is_call = position < len(tokens) and tokens[position].text == "("
    return tuple(words[:-1] if is_call else words), position


def _bound(tokens: list[Token]) -> Iterator[str]:
    for position in range(1, len(tokens) - 2):
        dot, name, opening = (token.text for token in tokens[position - 1 : position + 2])
        if dot == "." and name in COMPREHENSIONS and opening == "(":
            yield tokens[position + 2].text

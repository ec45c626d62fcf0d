"""Templates: JSON values whose text holds `${{ CEL }}`.

A value that is one `${{ CEL }}` keeps its type; in mixed text it is a string. `$${{` is a literal `${{`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from receiver.errors import ExpressionError
from receiver.expressions.expression import ANY_NAME, Expression, Names, compile_expression
from receiver.expressions.scan import end_of_expression
from receiver.model import Json

_OPENING = re.compile(r"\$?\$\{\{")

Part = str | Expression


@dataclass(frozen=True, slots=True)
class Text:
    """A text in pieces: literal ones, and expressions between them."""

    parts: tuple[Part, ...]

    def render(self, names: Mapping[str, Any]) -> Json:
        """Its value: of any type where it is one expression, else text."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Expression):
            return self.parts[0].evaluate(names)
        return "".join(part if isinstance(part, str) else part.evaluate_text(names) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Template:
    """A JSON value with templates in it, read once and rendered often."""

    value: Json
    """As written, with `Text` in place of each text that holds an expression or an escape."""
    expressions: tuple[Expression, ...]

    @property
    def secrets(self) -> frozenset[str]:
        """The names of the secrets that it reads."""
        return frozenset(name for expression in self.expressions for name in expression.secrets)

    def render(self, names: Mapping[str, Any]) -> Json:
        """The value with every expression evaluated."""
        return _rendered(self.value, names)


def compile_template(value: Json, *, names: Names = ANY_NAME) -> Template:
    """Read every text in a JSON value; raises ExpressionError for the first that is wrong."""
    compiled = _compiled(value, names)
    return Template(compiled, tuple(_expressions(compiled)))


def render(value: Json, names: Mapping[str, Any]) -> Json:
    """A JSON value with its templates evaluated."""
    return compile_template(value).render(names)


def secret_names(value: Json) -> frozenset[str]:
    """Which secrets the templates in a JSON value name."""
    return compile_template(value).secrets


def compile_text(text: str, *, names: Names = ANY_NAME) -> Text:
    """Read one text."""
    return Text(tuple(_parts(text, names)))


def _parts(text: str, names: Names) -> Iterator[Part]:
    literal, position = "", 0
    while opening := _OPENING.search(text, position):
        literal += text[position : opening.start()]
        position = opening.end()
        if opening.group() == "$${{":
            literal += "${{"
            continue
        end = end_of_expression(text, position)
        if end < 0:
            raise ExpressionError("A '${{' has no '}}' after it. Write '$${{' where you mean the characters.")
        yield from [literal] if literal else []
        yield compile_expression(text[position:end].strip(), names=names)
        literal, position = "", end + 2
    literal += text[position:]
    yield from [literal] if literal else []


def _compiled(value: Json, names: Names) -> Json:
    match value:
        case str():
            return compile_text(value, names=names) if "${{" in value else value
        case Mapping():
            return {_checked_key(key): _compiled(item, names) for key, item in value.items()}
        case list() | tuple():
            return [_compiled(item, names) for item in value]
    return value


def _checked_key(key: str) -> str:
    if "${{" in key:
        raise ExpressionError(f"The key {key!r} holds a template; only values may.")
    return key


def _expressions(compiled: Json) -> Iterator[Expression]:
    match compiled:
        case Text():
            yield from (part for part in compiled.parts if isinstance(part, Expression))
        case dict():
            for item in compiled.values():
                yield from _expressions(item)
        case list():
            for item in compiled:
                yield from _expressions(item)


def _rendered(compiled: Json, names: Mapping[str, Any]) -> Json:
    match compiled:
        case Text():
            return compiled.render(names)
        case dict():
            return {key: _rendered(item, names) for key, item in compiled.items()}
        case list():
            return [_rendered(item, names) for item in compiled]
    return compiled

"""URLs with templates: the host is literal, values are percent-encoded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from receiver.errors import ExpressionError
from receiver.expressions.expression import ANY_NAME, Expression, Names
from receiver.expressions.template import compile_text

_LITERAL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>[/?].*)?",
    re.DOTALL,
)
_ODD = re.compile(r"[\x00-\x20\x7f\\#]")
_PORTS = {"http": 80, "https": 443}
_DOTS = frozenset({".", ".."})


@dataclass(frozen=True, slots=True)
class Url:
    """An address to call, whose path and query may hold templates."""

    host: str
    """In lower case; an IPv6 address in its brackets."""
    port: int
    parts: tuple[str | Expression, ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions in its path and query."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    def render(self, names: Mapping[str, Any]) -> str:
        """The address, each value percent-encoded so that it stays within its place."""
        url = "".join(part if isinstance(part, str) else _encoded(part, names) for part in self.parts)
        if self.expressions and _DOTS.intersection(url.partition("?")[0].split("/")[3:]):
            raise ExpressionError("A value in the URL's path is '.' or '..', which would lead to another path.")
        return url


def compile_url(text: str, *, names: Names = ANY_NAME) -> Url:
    """Read an address; raises ExpressionError where the host is not literal or something is wrong."""
    parts = compile_text(text, names=names).parts
    first = parts[0] if parts and isinstance(parts[0], str) else ""
    found = _LITERAL.fullmatch(first)
    if not found or (len(parts) > 1 and found["rest"] is None):
        raise ExpressionError(
            f"The URL {_safely(text)} has no literal http(s) host; "
            "give one such as https://ci.example.com/path, without user or password, and no template before the path."
        )
    if any(_ODD.search(part) for part in parts if isinstance(part, str)):
        raise ExpressionError(f"The URL {_safely(text)} holds a blank, '#' or '\\', which it cannot.")
    port = int(found["port"] or _PORTS[found["scheme"]])
    if not 1 <= port <= 65535:
        raise ExpressionError(f"The URL {_safely(text)} has the port {port}; ports go from 1 to 65535.")
    return Url(found["host"].lower(), port, parts)


def render_url(text: str, names: Mapping[str, Any]) -> str:
    """An address with its templates evaluated and percent-encoded."""
    return compile_url(text).render(names)


def _encoded(expression: Expression, names: Mapping[str, Any]) -> str:
    return quote(expression.evaluate_text(names), safe="")


def _safely(text: str) -> str:
    """A URL as a message quotes it: without user and password, and without its query."""
    return repr(re.sub(r"//[^/]*@", "//…@", text.partition("?")[0])[:120])

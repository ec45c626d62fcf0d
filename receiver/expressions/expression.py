"""CEL expressions: read and checked once, evaluated often.

An expression cannot be limited in time, so its text is: its length, and one comprehension at most.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import cel

from receiver.errors import ExpressionError
from receiver.expressions.results import to_json, to_text
from receiver.expressions.scan import COMPREHENSIONS, Scan, scan
from receiver.model import Json

MAX_CHARACTERS = 2000

Names = Mapping[str, Any]
"""Which names an expression may use: each with its fields (again `Names`), or None where any field may follow."""

ANY_NAME: Names = dict.fromkeys(("event", "run", "steps", "vars", "secrets"))

FUNCTIONS = COMPREHENSIONS | {
    *("size", "contains", "startsWith", "endsWith", "matches", "has"),
    *("int", "uint", "double", "string", "bytes", "timestamp", "duration", "dyn", "type"),
    *("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"),
    *("getHours", "getMinutes", "getSeconds", "getMilliseconds"),
}
"""What the library knows of its own, and nothing else."""

_WORDS = frozenset({"true", "false", "null", "in"})
_TYPES = frozenset({"int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type"})


@dataclass(frozen=True, slots=True)
class Expression:
    """One CEL expression whose names are known to exist."""

    source: str
    chains: tuple[tuple[str, ...], ...]
    """What it reads: `event.actor.name` is `("event", "actor", "name")`."""
    _program: cel.Program

    @property
    def secrets(self) -> frozenset[str]:
        """The names of the secrets that it reads."""
        return frozenset(chain[1] for chain in self.chains if chain[0] == "secrets" and len(chain) > 1)

    def evaluate(self, names: Mapping[str, Any]) -> Json:
        """Its value, as JSON. Only what it reads is looked up in `names`."""
        try:
            value = self._program.execute(self._read(names))
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as exc:
            raise ExpressionError(f"{shortened(self.source)} failed: {self._reason(exc)}") from exc
        with self._named():
            return to_json(value)

    def evaluate_text(self, names: Mapping[str, Any]) -> str:
        """Its value as a part of other text."""
        value = self.evaluate(names)
        with self._named():
            return to_text(value)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Say in a fault of the result which expression it is about."""
        try:
            yield
        except ExpressionError as exc:
            raise ExpressionError(f"{shortened(self.source)}: {exc}") from exc

    def _read(self, names: Mapping[str, Any]) -> dict[str, Any]:
        read: dict[str, Any] = {}
        whole = {chain[0] for chain in self.chains if len(chain) == 1}
        for root, *fields in self.chains:
            if root not in names:
                continue
            if root in whole or not isinstance(names[root], Mapping):
                read[root] = _plain(names[root])
            elif fields[0] in names[root]:
                read.setdefault(root, {})[fields[0]] = _plain(names[root][fields[0]])
            else:
                read.setdefault(root, {})
        return read

    def _reason(self, exc: Exception) -> str:
        if self.secrets:  # the library's message may quote the value
            return "it names a secret, so its value is not shown."
        match exc:
            case KeyError():
                return f"there is no {exc.args[0]!r} there."
            case TypeError():
                return "the types do not fit (null where there is nothing; whole numbers and decimals do not mix)."
            case RuntimeError() if missing := [root for root, *_ in self.chains if f": '{root}'." in str(exc)]:
                return f"there is no {missing[0]!r} there."
            case RuntimeError() if str(exc).startswith("Undefined"):
                return "a function in it does not take values of these types."
        return f"{str(exc).splitlines()[0][:200].rstrip('.:')}."


def compile_expression(text: str, *, names: Names = ANY_NAME) -> Expression:
    """Read an expression and refuse what it may not say: unknown names and functions, a second comprehension."""
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"The expression has {len(text)} characters; {MAX_CHARACTERS} are allowed.")
    program, found = _read_text(text)
    if len(found.bound) > 1:
        raise ExpressionError(
            f"{shortened(text)} holds {len(found.bound)} comprehensions ({', '.join(sorted(COMPREHENSIONS))}); "
            "one is allowed, as expressions cannot be limited in time."
        )
    _check_functions(found)
    known = {**names, **dict.fromkeys(found.bound)}
    _check_bound(found, names=names)
    chains = tuple(chain for chain in found.chains if chain[0] not in _WORDS | _TYPES)
    _check_chains(chains, names=known)
    _check_variables(program, roots={chain[0] for chain in chains})
    return Expression(text, tuple(chain for chain in chains if chain[0] not in found.bound), program)


@lru_cache(maxsize=1024)
def _read_text(text: str) -> tuple[cel.Program, Scan]:
    try:
        return cel.compile(text), scan(text)
    except ValueError as exc:
        raise ExpressionError(f"{shortened(text)} is not CEL: {_complaint(exc)}") from exc


def shortened(text: str) -> str:
    """A text as a message quotes it."""
    return repr(text if len(text) <= 80 else f"{text[:77]}…")


def suggestion(word: str, known: Mapping[str, Any] | frozenset[str] | tuple[str, ...]) -> str:
    """` Did you mean 'gitlab'?` where something known comes close, else nothing."""
    close = get_close_matches(word, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _check_functions(found: Scan) -> None:
    for name in sorted(found.functions - FUNCTIONS):
        raise ExpressionError(f"There is no function {name!r}.{suggestion(name, FUNCTIONS)}")


def _check_bound(found: Scan, *, names: Names) -> None:
    for name in found.bound:
        if name in names or name == "callback":
            raise ExpressionError(f"A comprehension names its variable {name!r}, which means something else here.")


def _check_chains(chains: tuple[tuple[str, ...], ...], *, names: Names) -> None:
    for chain in chains:
        if chain[0] == "callback":
            raise ExpressionError("'callback' is not supported by this release.")
        if chain == ("secrets",):
            raise ExpressionError("A secret is named as secrets.NAME and in no other way.")
        _check_chain(chain, names=names)


def _check_variables(program: cel.Program, *, roots: set[str]) -> None:
    """Refuse a variable that the library sees and the scan does not, such as `.secrets`."""
    for name in program.variables():
        if name not in roots | _TYPES:
            raise ExpressionError(f"The name {name!r} cannot be written in this way.")


def _check_chain(chain: tuple[str, ...], *, names: Names) -> None:
    known: Names | None = names
    for position, word in enumerate(chain):
        if known is None:
            return
        if word not in known:
            what = ".".join(chain[: position + 1])
            raise ExpressionError(f"There is no {what!r} here.{suggestion(word, known) or _listed(known)}")
        known = known[word]


def _listed(known: Names) -> str:
    return f" Known are: {', '.join(known)}." if known else " None is known."


def _plain(value: Json) -> Json:
    return dict(value) if isinstance(value, Mapping) else value


def _complaint(exc: Exception) -> str:
    """The library's first complaint, in one line and without its list of everything it would have taken."""
    found = re.search(r"ERROR: <input>:1?\d*:(\d+): (.*)", str(exc))
    if not found:
        return f"{str(exc).splitlines()[0][:200]}."
    said = re.sub(r"^Syntax error: | expecting .*", "", found[2])
    return f"at character {found[1]}, {said}."

"""Checks a document against the shapes: every fault in one go, and what is left once they are mended."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from receiver.config.faults import Faults, Path, dotted
from receiver.config.shapes import HEADER, HOST, NAME, SHAPES, STEP_ID, VARIABLE, ConfigShape, Shape
from receiver.expressions import shortened, suggestion

_PATTERNS: Mapping[str, str] = {
    NAME: "give lower-case letters, digits, '-' and '_', a letter first",
    STEP_ID: "give lower-case letters, digits and '_', a letter first ('-' is minus in an expression)",
    HEADER: "give the name of a header",
    HOST: "give a host in lower case, such as 'ci.example.com' or 'ci.example.com:8443'",
}
_WANTED: Mapping[str, str] = {
    "string_type": "give text",
    "string_too_short": "give some text",
    "string_too_long": "give at most {max_length} characters",
    "bool_type": "give true or false",
    "int_type": "give a whole number",
    "list_type": "give a list",
    "dict_type": "give a mapping",
    "model_type": "give a mapping",
    "model_attributes_type": "give a mapping",
    "greater_than_equal": "give at least {ge}",
    "less_than_equal": "give at most {le}",
    "too_short": "give at least {min_length}",
    "too_long": "give at most {max_length}",
    "literal_error": "this release takes {expected}",
    "value_error": "{error}",
}
STAND_IN_HOST = "stands-in.invalid"
STAND_IN_URL = f"http://{STAND_IN_HOST}"
_STAND_INS: Mapping[str, Any] = {
    "kind": "http",
    "on": {},
    "steps": [{}],
    "target": "http",
    "url": STAND_IN_URL,
    "hosts": [STAND_IN_HOST],
}
"""What takes the place of a required key that is missing or wrong, so that everything else can still be checked."""


def check_shape(data: object, faults: Faults) -> ConfigShape | None:
    """The data in its shape, every fault noted and mended; None where nothing is left to check."""
    mended = deepcopy({} if data is None else data)
    is_first = True
    for _ in range(8):
        try:
            return ConfigShape.model_validate(mended)
        except ValidationError as exc:
            errors = exc.errors()
        if is_first:
            _note(errors, faults)
        if not isinstance(mended, dict):
            return None
        for error in errors:
            _mend(mended, error)
        is_first = False
    return None


def _note(errors: Sequence[ErrorDetails], faults: Faults) -> None:
    later = {_path(error)[:-1] for error in errors if _is_later(error)}
    for error in errors:
        path = _path(error)
        match error["type"]:
            case "missing" if path[:-1] in later:
                continue  # its form is another one, which this release does not know
            case "missing":
                faults.add(path[:-1], f"{dotted(path[:-1])} lacks {path[-1]!r}.", key=True)
            case "extra_forbidden":
                faults.add(path, _unknown(path, is_later=_is_later(error)), key=True)
            case _:
                faults.add(path, _wrong(path, error), key=path != error["loc"])


def _unknown(path: Path, *, is_later: bool) -> str:
    if is_later:
        return f"{dotted(path)} is not supported by this release."
    key, keys = str(path[-1]), tuple(_shape(path[:-1]).keys())
    place = f"{dotted(path[:-1])} has the unknown key {key!r}" if path[:-1] else f"There is no key {key!r}"
    known = f" Known are: {', '.join(keys)}."
    return f"{place}.{suggestion(key, keys) or known}"


def _wrong(path: Path, error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if context.get("pattern") == VARIABLE:
        # Not quoted: what stands there may be the secret itself.
        return f"{dotted(path[:-1])} must hold names of environment variables (A-Z, 0-9, _), never a secret itself."
    if "pattern" in context:
        wanted = _PATTERNS[context["pattern"]]
    else:
        wanted = _WANTED.get(error["type"], error["msg"]).format_map(context)
    guess = _guess(error) if error["type"] == "literal_error" else ""
    return f"{dotted(path)} is {_found(error['input'])}; {wanted}.{guess}"


def _guess(error: ErrorDetails) -> str:
    expected = error.get("ctx", {}).get("expected", "").replace(" or ", ", ")
    return suggestion(str(error["input"]), tuple(part.strip("'") for part in expected.split(", ")))


def _found(value: object) -> str:
    match value:
        case None:
            return "empty"
        case dict():
            return "a mapping"
        case list():
            return "a list" if value else "an empty list"
        case bool():
            return "true" if value else "false"
        case str():
            return shortened(value)
    return repr(value)


def _path(error: ErrorDetails) -> Path:
    """Where the error is; pydantic marks a mapping's key by a last part of its own."""
    location = error["loc"]
    return location[:-1] if location[-1:] == ("[key]",) else location


def _shape(path: Path) -> type[Shape]:
    return next(shape for pattern, shape in SHAPES.items() if _fits(pattern, path))


def _fits(pattern: tuple[str, ...], path: Path) -> bool:
    return len(pattern) == len(path) and all(wanted in {"*", part} for wanted, part in zip(pattern, path, strict=True))


def _is_later(error: ErrorDetails) -> bool:
    path = _path(error)
    return error["type"] == "extra_forbidden" and path[-1] in _shape(path[:-1]).later


def _mend(data: Any, error: ErrorDetails) -> None:  # noqa: ANN401 - any JSON
    """Take out what is wrong, or put in what is missing."""
    *parents, last = _path(error)
    if error["type"] == "missing":
        _at(data, parents)[last] = _stand_in(str(last), parents)
    elif parents and isinstance(last, int):
        _mend_item(data, parents, last)
    elif isinstance(parent := _at(data, parents), dict):
        parent.pop(last, None)


def _mend_item(data: Any, parents: Sequence[str | int], index: int) -> None:  # noqa: ANN401 - any JSON
    """Keep the number of steps, so that the places of the others hold; drop any other list with a wrong item."""
    if parents[-1] == "steps":
        _at(data, parents)[index] = {}
    else:
        _at(data, parents[:-1]).pop(parents[-1], None)


def _stand_in(key: str, parents: Sequence[str | int]) -> Any:  # noqa: ANN401 - any JSON
    return f"step_{parents[-1]}_" if key == "id" else deepcopy(_STAND_INS[key])


def _at(data: Any, path: Sequence[str | int]) -> Any:  # noqa: ANN401 - any JSON
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return {}  # mended away together with its parent
    return data

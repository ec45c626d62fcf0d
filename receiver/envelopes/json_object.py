"""A body as a JSON object, or the reason why it is none. What is refused here is refused by the door with a 400."""

import hashlib
import json
from math import isinf
from typing import Any, Final, NoReturn

from receiver.errors import MalformedError

MAX_DEPTH: Final = 64
MAX_DIGITS: Final = 4_000
"""Python reads no longer whole number: a longer one is kept as its digits."""

# Two values for one of these would let two readers of the same body see two events.
_ONLY_ONCE: Final = frozenset(
    {
        *("id", "eventId", "event_id", "event", "eventType", "event_type", "type", "source", "specversion"),
        *("data", "detail", "detail-type", "topicName", "eventBody", "currentOperation", "publishedVersion", "entity"),
        *("flowId", "flow_id", "versionId", "version_id", "versionNumber", "version_number"),
        *("organizationId", "organization_id", "provenance"),
    }
)


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise MalformedError("The body is not UTF-8.") from exc
    value = _parsed(text)
    if not isinstance(value, dict):
        raise MalformedError("The body is JSON, but no object.")
    # Counting brackets is cheap; only a body with many of them can be deep.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _is_deep(value):
        raise _too_deep()
    return value


def digest_of(value: dict[str, Any]) -> str:
    """SHA-256 of the object written canonically, in hex: white space and the order of keys make no difference."""
    return hashlib.sha256(_CANONICAL.encode(value).encode("ascii")).hexdigest()


def _parsed(text: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as exc:
        raise MalformedError(f"The body is not JSON: line {exc.lineno}, column {exc.colno}.") from exc
    except RecursionError as exc:
        raise _too_deep() from exc
    except ValueError:
        return _PATIENT_DECODER.decode(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        _check_once([name for name, _ in pairs])
    return value


def _check_once(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen and name in _ONLY_ONCE:
            raise MalformedError(f"The body names {name!r} twice in one object.")
        seen.add(name)


def _refuse_constant(_: str) -> NoReturn:
    raise MalformedError("The body holds NaN or Infinity, which are not JSON.")


def _decimal(text: str) -> float:
    value = float(text)
    if isinf(value):  # 1e999: no JSON could write again what it is read as
        raise MalformedError("The body holds a number that is too large to be read.")
    return value


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_DIGITS else digits


def _is_deep(value: object) -> bool:
    """Whether containers lie deeper in each other than is allowed; iterative, for the deepest are the ones to find."""
    level: list[object] = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _inside(container: object) -> list[object]:
    if isinstance(container, dict):
        return list(container.values())
    return container if isinstance(container, list) else []


def _too_deep() -> MalformedError:
    return MalformedError(f"The body is nested deeper than {MAX_DEPTH}.")


_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False)
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_decimal)
_PATIENT_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_decimal, parse_int=_whole_number
)

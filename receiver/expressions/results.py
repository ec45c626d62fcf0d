"""CEL values as JSON."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from receiver.errors import ExpressionError
from receiver.model import Json


def to_json(value: object) -> Json:
    """A CEL value as JSON; what JSON has no form for is a fault."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() if math.isfinite(value):
            return value
        case list() | tuple():
            return [to_json(item) for item in value]
        case Mapping():
            return {_key(key): to_json(item) for key, item in value.items()}
        case datetime():
            return timestamp(value)
        case timedelta():
            return f"{value.total_seconds():g}s"
    raise ExpressionError(f"The result is {_described(value)}, which JSON has no form for.")


def to_text(value: Json) -> str:
    """A JSON value inside other text; null, a list or a map there is a fault."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    found = "null" if value is None else "a list" if isinstance(value, list) else "a map"
    raise ExpressionError(f"The result is {found}, which cannot stand inside other text.")


def timestamp(value: datetime) -> str:
    """A time as RFC 3339 writes it, in UTC."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    raise ExpressionError(f"The result has the key {key!r}, and keys of a JSON object are text.")


def _described(value: object) -> str:
    return str(value) if isinstance(value, float) else f"of type {type(value).__name__}"

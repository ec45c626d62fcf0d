"""The parts of an answer's JSON, read tolerantly: what is not what it should be counts as absent."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote as percent_encode

from publisher.genesys.exchange import Response
from publisher.genesys.exchange import quote as on_one_line


def segment(text: str) -> str:
    """A path segment; dots alone would be taken for a folder."""
    encoded = percent_encode(text, safe="")
    return encoded.replace(".", "%2E") if encoded in {".", ".."} else encoded


def named(text: str) -> str:
    """A name or an id as a sentence quotes it."""
    return repr(on_one_line(text))


def entities(response: Response) -> Iterator[Mapping[str, Any]]:
    """The things on one page of a list, or in a bare array."""
    try:
        data = response.data()
    except ValueError:
        data = response.object()
    found = data.get("entities") if isinstance(data, dict) else data
    if not isinstance(found, list) or not all(isinstance(entity, dict) for entity in found):
        raise response.unreadable("holds no list of entities")
    return iter(found)


def identity(data: Mapping[str, Any], response: Response) -> str:
    """The id of a thing; without one it is of no use."""
    value = data.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise response.unreadable("names no id")
    return str(value)


def text(data: Mapping[str, Any], key: str) -> str | None:
    """A text."""
    value = data.get(key)
    return value if isinstance(value, str) else None


def part(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object within; empty where there is none."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def parts(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The objects of a list within."""
    value = data.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def moment(data: Mapping[str, Any], key: str) -> datetime | None:
    """A time: written out, or as milliseconds since 1970."""
    value = data.get(key)
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def who(data: Mapping[str, Any], *keys: str) -> str | None:
    """Who did something, by name where it is told; the first of these fields that names anybody."""
    found = (text(part(data, key), "name") or text(part(data, key), "id") for key in keys)
    return next((name for name in found if name), None)

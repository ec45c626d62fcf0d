"""Reads the fields of a body tolerantly: several names for one thing, several ways of writing it.

A field that is there but cannot be read is None, with a fault that says why.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from receiver.clock import in_utc
from receiver.model import Actor, Fault, Json

LONGEST_ID: Final = 200
LONGEST_TEXT: Final = 1_000
LARGEST_VERSION: Final = 2**31 - 1
FIRST_MILLISECONDS: Final = 10**11
"""A time since 1970 of this size is in milliseconds: in seconds it would lie beyond the year 5000."""

Names = Sequence[str]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
_NUMBER: Final = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,9})?")
_VERSION: Final = re.compile(r"([0-9]{1,9})(?:\.0+)?")
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")
_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a number",
    list: "a list",
    str: "text",
}


class Fields:
    """An object whose fields are read, and the faults found on the way."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        self._values = values
        self.faults: list[Fault] = []

    def value(self, names: Names) -> Json:
        """Whatever stands under the first of the names that is there."""
        for name in names:
            found = self._values.get(name)
            if found is not None:
                return found
        return None

    def values(self, names: Names) -> list[Json]:
        """Everything that stands under one of the names, the first name first."""
        return [value for name in names if (value := self._values.get(name)) is not None]

    def text(self, field: str, names: Names) -> str | None:
        """Text for people."""
        found = self.value(names)
        return None if found is None else self._read(field, found, longest=LONGEST_TEXT)

    def id(self, field: str, names: Names) -> str | None:
        """Text by which something is known elsewhere."""
        found = self.value(names)
        if found is None or (type(found) is str and 0 < len(found) <= LONGEST_ID and found.isprintable()):
            return found  # nearly always: the hot path
        return self.read_id(field, found)

    def read_id(self, field: str, found: Json) -> str | None:
        """An id that stands somewhere: it is kept exactly, so it must be fit to be kept."""
        text = self._read(field, found, longest=LONGEST_ID)
        if text is None or text.isprintable():
            return text
        self.fault(field, "holds characters that no id has")
        return None

    def moment(self, field: str, names: Names) -> datetime | None:
        """A time: RFC 3339, or seconds or milliseconds since 1970; without a zone it is UTC."""
        found = self.value(names)
        if found is None or found == "":
            return None
        moment = _moment(found)
        if moment is None:
            self.fault(field, f"is {_shown(found)}; a time like 2026-11-23T12:00:00Z was wanted")
        return moment

    def version_number(self, field: str, names: Names, *, version_id: str | None) -> int | None:
        """The number of a version: given, or read from its id ("16.0" is 16)."""
        found = self.value(names)
        if found is None:
            return _whole(version_id)
        number = _whole(found)
        if number is None or not 0 <= number <= LARGEST_VERSION:
            self.fault(field, f"is {_shown(found)}; a whole number was wanted")
            return None
        return number

    def mapping(self, field: str, names: Names) -> Mapping[str, Json] | None:
        """An object."""
        found = self.value(names)
        if found is None or isinstance(found, dict):
            return found
        self.fault(field, f"is {_kind(found)}; an object was wanted")
        return None

    def actor(self, field: str, names: Names) -> Actor | None:
        """Who did it: an object with id, name and type, or a name alone."""
        found = self.value(names)
        if isinstance(found, str):
            name = self.text(field, names)
            return Actor(name=name) if name else None
        fields = self.mapping(field, names)
        return None if fields is None else self._actor(field, Fields(fields))

    def require(self, field: str, value: str | None) -> None:
        """Note a fault where a field is missing; one that could not be read has its fault already."""
        if value is None and all(fault.field != field for fault in self.faults):
            self.fault(field, "is missing")

    def fault(self, field: str, message: str) -> None:
        """Note that a field could not be read."""
        self.faults.append(Fault(field=field, message=message))

    def _actor(self, field: str, inner: "Fields") -> Actor | None:
        identifier, name = inner.id("id", ("id",)), inner.text("name", ("name",))
        kind = inner.text("type", ("type",))
        self.faults += [Fault(field=f"{field}.{fault.field}", message=fault.message) for fault in inner.faults]
        return Actor(id=identifier, name=name, type=kind) if identifier or name else None

    def _read(self, field: str, found: Json, *, longest: int) -> str | None:
        if type(found) is not str:
            if type(found) not in {int, float}:
                self.fault(field, f"is {_kind(found)}; text was wanted")
                return None
            found = str(found)
        if len(found) > longest:
            self.fault(field, f"has {len(found)} characters; at most {longest} are kept")
            return None
        return found or None


def as_object(value: Json) -> Mapping[str, Json]:
    """A value that should be an object; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def as_text(value: Json) -> str | None:
    """A value that should be text; None where it is none."""
    return value if isinstance(value, str) else None


def as_actor(value: Json, kind: str) -> Json:
    """Who did something, as the kind of actor that it is; None where it is no object."""
    return {**value, "type": kind} if isinstance(value, dict) else None


def as_word(value: Json) -> str:
    """A name of theirs as a part of a type of ours."""
    return _NO_WORD.sub("_", (as_text(value) or "").lower()).strip("_")


def _moment(found: Json) -> datetime | None:
    try:
        if isinstance(found, str) and _NUMBER.fullmatch(found) is None:
            return in_utc(datetime.fromisoformat(found))
        if isinstance(found, str | int | float) and not isinstance(found, bool):
            return _since_1970(float(found))
    except (ValueError, OverflowError):
        return None
    return None


def _since_1970(number: float) -> datetime | None:
    seconds = number / 1000 if number >= FIRST_MILLISECONDS else number
    moment = _EPOCH + timedelta(seconds=seconds)
    return moment if _EPOCH <= moment < _LATEST else None


def _whole(found: Json) -> int | None:
    if isinstance(found, bool):
        return None
    if isinstance(found, float):
        return int(found) if found.is_integer() else None
    if isinstance(found, str):
        match = _VERSION.fullmatch(found)
        return int(match[1]) if match else None
    return found if isinstance(found, int) else None


def _kind(found: Json) -> str:
    return _KINDS.get(type(found), "something else")


def _shown(found: Json) -> str:
    """A small value as it came; of the others, what they are: a fault is shown in lists."""
    text = repr(found) if isinstance(found, str | int | float) else ""
    return text if 0 < len(text) <= 60 else _kind(found)

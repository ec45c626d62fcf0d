"""Which fields a flow file has, and the reading of one mapping by such a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from publisher.flow_text import FlowText, Path
from publisher.problems import Problem, did_you_mean, quoted, shown

KINDS: Mapping[type, str] = {str: "text", dict: "a mapping", list: "a list"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a mapping."""

    name: str
    kind: type = str
    required: bool = True
    may_be_empty: bool = False


ID = Field(name="id")
TYPE = Field(name="type")
SETTINGS = Field(name="settings", kind=dict, required=False)

FLOW_FIELDS = (
    Field(name="name"),
    Field(name="description", required=False, may_be_empty=True),
    Field(name="language"),
    Field(name="nodes", kind=list),
    Field(name="connections", kind=list),
    Field(name="variables", kind=list, required=False),
    SETTINGS,
)
NODE_FIELDS = (ID, TYPE, Field(name="name", may_be_empty=True), SETTINGS)
CONNECTION_FIELDS = (
    ID,
    Field(name="sourceNodeId"),
    Field(name="targetNodeId"),
    Field(name="condition", required=False, may_be_empty=True),
)
VARIABLE_FIELDS = (ID, Field(name="name"), TYPE, Field(name="scope"))


class FieldReader:
    """Reads mappings of one text by their tables, and gathers what is wrong."""

    def __init__(self, text: FlowText) -> None:
        self.problems: list[Problem] = []
        self.text = text

    def report(self, code: str, message: str, *, at: Path, key: bool = False, hint: str = "") -> None:
        """Keep a problem."""
        self.problems.append(self.text.problem(code, message[:1].upper() + message[1:], at=at, key=key, hint=hint))

    def read(self, value: object, fields: Sequence[Field], *, path: Path, thing: str) -> dict[str, Any]:
        """The fields that are as they should be, in the order of the table."""
        if not isinstance(value, dict):
            self.report("field.wrong", f"{thing} must be a mapping; this is {described(value)}.", at=path)
            return {}
        self._refuse_unknown(value, fields, path=path, thing=thing)
        return {
            field.name: value[field.name]
            for field in fields
            if self._is_right(value, field, path=path, thing=thing) and value.get(field.name) is not None
        }

    def _refuse_unknown(self, value: Mapping[str, Any], fields: Sequence[Field], *, path: Path, thing: str) -> None:
        known = [field.name for field in fields]
        absent = [name for name in known if name not in value]
        for name in value:
            if name not in known:
                hint = did_you_mean(name, absent) or f"The fields here are {', '.join(known)}."
                message = f"{thing} has no field {quoted(name)}."
                self.report("field.unknown", message, at=(*path, name), key=True, hint=hint)

    def _is_right(self, mapping: Mapping[str, Any], field: Field, *, path: Path, thing: str) -> bool:
        """Whether a field may be taken over; what is wrong with it is kept as a problem."""
        value, at = mapping.get(field.name), (*path, field.name)
        if value is None and not field.required:
            return True
        if field.name not in mapping:
            hint = f"Add it; it is {KINDS[field.kind]}."
            self.report("field.missing", f"{thing} has no {quoted(field.name)}.", at=path, hint=hint)
            return False
        if not isinstance(value, field.kind):
            message = f"{quoted(field.name)} of {thing} must be {KINDS[field.kind]}; this is {described(value)}."
            self.report("field.wrong", message, at=at, hint=quoting_hint(value, field))
            return False
        if isinstance(value, str) and not value.strip() and not field.may_be_empty:
            self.report("field.wrong", f"{quoted(field.name)} of {thing} is empty.", at=at)
            return False
        return True


def described(value: object) -> str:
    """What a value is, for people."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {shown(str(value))}"
        case str():
            return f"the text {quoted(value)}"
        case _:
            return KINDS[type(value)]


def quoting_hint(value: object, field: Field) -> str:
    """Advice for a number, true or false where text is wanted."""
    if field.kind is not str or not isinstance(value, int | float):
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f'Put it in quotes: "{shown(text)}".'

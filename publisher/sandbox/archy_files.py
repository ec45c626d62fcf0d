"""What the platform's jobs make of an uploaded Archy file: which flow it is, what it names, and what is wrong.

Only as much as a fake needs; `publisher validate` knows far more.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from publisher.genesys.documents import DocumentError, read_document
from publisher.genesys.inventory import Kind

ROOTS: Mapping[str, str] = {
    "botFlow": "BOT",
    "commonModule": "COMMONMODULE",
    "digitalBotFlow": "DIGITALBOT",
    "digitalBot": "DIGITALBOT",
    "inboundCall": "INBOUNDCALL",
    "inboundChat": "INBOUNDCHAT",
    "inboundEmail": "INBOUNDEMAIL",
    "inboundShortMessage": "INBOUNDSHORTMESSAGE",
    "inqueueCall": "INQUEUECALL",
    "inQueueCall": "INQUEUECALL",
    "inqueueEmail": "INQUEUEEMAIL",
    "inqueueShortMessage": "INQUEUESHORTMESSAGE",
    "outboundCall": "OUTBOUNDCALL",
    "secureCall": "SECURECALL",
    "surveyInvite": "SURVEYINVITE",
    "voicemail": "VOICEMAIL",
    "voiceSurvey": "VOICESURVEY",
    "workflow": "WORKFLOW",
    "workitem": "WORKITEM",
}
"""The root key of a file, and the type of flow that it makes."""

NAMING: Mapping[str, Kind] = {
    "targetQueue": Kind.QUEUE,
    "queue": Kind.QUEUE,
    "targetFlow": Kind.FLOW,
    "botFlow": Kind.FLOW,
    "flow": Kind.FLOW,
    "scheduleGroup": Kind.SCHEDULE_GROUP,
    "emergencyGroup": Kind.EMERGENCY_GROUP,
    "dataTable": Kind.DATA_TABLE,
    "defaultLanguageSkill": Kind.LANGUAGE,
}
"""Under these keys `{lit: {name: …}}` names a thing of the organization."""

PLACEHOLDER = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchyUpload:
    """An uploaded file as the platform reads it; with faults, nothing else of it counts."""

    name: str = ""
    type: str = ""
    description: str = ""
    division: str = "Home"
    names: tuple[tuple[Kind, str], ...] = ()
    faults: tuple[str, ...] = ()


def read_archy_upload(content: bytes) -> ArchyUpload:
    """What an uploaded file says."""
    try:
        text = content.decode()
        left = PLACEHOLDER.search(text)
        if left:
            return _faulty(f"The placeholder '{{{{{left.group(1)}}}}}' was not replaced by a value.")
        data = read_document(text).data
    except (UnicodeDecodeError, DocumentError) as exc:
        return _faulty(f"The file is no YAML: {exc}.")
    roots = [key for key in data if key in ROOTS] if isinstance(data, dict) else []
    body = data[roots[0]] if len(roots) == 1 and len(data) == 1 else None
    if not isinstance(body, dict):
        return _faulty("The file must have exactly one root key, which names the type of the flow.")
    name = body.get("name")
    if not isinstance(name, str) or not name:
        return _faulty(f"'{roots[0]}' has no name.")
    return ArchyUpload(
        name=name,
        type=ROOTS[roots[0]],
        description=_word(body.get("description")),
        division=_word(body.get("division")) or "Home",
        names=tuple(dict.fromkeys(_names(body))),
    )


def described(content: bytes, change: Mapping[str, str]) -> bytes:
    """An Archy file with some fields of the flow changed; one that is none stays as it is."""
    try:
        data = read_document(content.decode()).data
    except (UnicodeDecodeError, DocumentError):
        return content
    roots = [key for key in data if key in ROOTS] if isinstance(data, dict) else []
    changed = {**data, roots[0]: {**data[roots[0]], **change}} if roots else data
    return yaml.safe_dump(changed, sort_keys=False, allow_unicode=True).encode()


def _faulty(text: str) -> ArchyUpload:
    return ArchyUpload(faults=(text,))


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _names(body: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    left: list[tuple[str, object]] = list(body.items())
    while left:
        key, value = left.pop()
        if isinstance(value, list):
            left += [(key, item) for item in value]
        elif isinstance(value, dict):
            name = _literal_name(value)
            if key in NAMING and name:
                yield NAMING[key], name
            yield from ((Kind.DATA_ACTION, action) for action in _actions(key, value))
            left += value.items()


def _literal_name(value: Mapping[str, Any]) -> str:
    literal = value.get("lit")
    return _word(literal.get("name")) if isinstance(literal, dict) else ""


def _actions(key: str, value: Mapping[str, Any]) -> Iterator[str]:
    """The data actions of `callData: {category: {CATEGORY: {dataAction: {NAME: …}}}}`: names are keys there."""
    categories = value.get("category") if key == "callData" else None
    for category in categories.values() if isinstance(categories, dict) else ():
        actions = category.get("dataAction") if isinstance(category, dict) else None
        yield from (action for action in (actions if isinstance(actions, dict) else ()))

"""Audits of flows: who changed what. An audit that names the version that went live tells of a publication."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from receiver.envelopes.fields import as_actor, as_object, as_text, as_word
from receiver.model import FLOW_VERSION_PUBLISHED, Json

AUDITED: Final = "flow.audited"
RENAMED: Final = "flow.renamed"

_CHANGED_NAMES: Final = frozenset({"name", "flowname"})
_VERSIONS: Final = frozenset(
    {"version", "versionid", "flowversion", "flowversionid", "publishedversion", "publishedversionid"}
)
_VERSION: Final = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")
"""As all else that tells of a version names it: another way of writing it would make another publication."""
_NO_LETTER: Final = re.compile(r"[^a-z]")


def audit_kind(audit: Mapping[str, Json]) -> str:
    """The type of an event about an audit."""
    entity = as_word(audit.get("entityType")) or "flow"
    if entity != "flow" or as_word(audit.get("status")) not in {"", "success"}:
        return f"{entity}.audited"
    if as_word(audit.get("action")) == "publish" and _version(audit) is not None:
        return FLOW_VERSION_PUBLISHED
    return AUDITED if _new_name(audit) is None else RENAMED


def audit_facts(audit: Mapping[str, Json]) -> dict[str, Any]:
    """What an audit says, by the contract's names."""
    entity = as_object(audit.get("entity"))
    facts = {
        "flowId": entity.get("id"),
        "flowName": _new_name(audit) or entity.get("name"),
        "versionId": _version(audit),
        "publishedBy": _actor(audit),
    }
    return facts | ({"timestamp": audit["eventTime"]} if audit.get("eventTime") else {})


def _actor(audit: Mapping[str, Json]) -> Json:
    if (user := as_actor(audit.get("username"), "user")) is not None:
        return user
    if audit.get("userId"):
        return {"id": audit["userId"], "name": audit.get("userDisplay"), "type": "user"}
    return as_actor(audit.get("clientId"), "client")


def _new_name(audit: Mapping[str, Json]) -> str | None:
    """The name that a thing was given in place of another one."""
    for change in _changes(audit):
        old, new = _only(change.get("oldValues")), _only(change.get("newValues"))
        if _plain(change.get("property")) in _CHANGED_NAMES and old and new and old != new:
            return new
    return None


def _version(audit: Mapping[str, Json]) -> str | None:
    """The version that an audit names, wherever it does; None where it names none, or several."""
    message = as_object(audit.get("message"))
    told = [
        *((change.get("property"), _only(change.get("newValues"))) for change in _changes(audit)),
        *as_object(audit.get("context")).items(),
        *as_object(message.get("messageParams")).items(),
        *as_object(audit.get("entity")).items(),
    ]
    named = {value for name, value in told if _plain(name) in _VERSIONS and isinstance(value, str)}
    versions = {value for value in named if _VERSION.fullmatch(value)}
    return versions.pop() if len(versions) == 1 else None


def _changes(audit: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    changes = audit.get("propertyChanges")
    return (as_object(change) for change in (changes if isinstance(changes, list) else []))


def _only(values: Json) -> str | None:
    return as_text(values[0]) if isinstance(values, list) and len(values) == 1 else None


def _plain(name: Json) -> str:
    return _NO_LETTER.sub("", (as_text(name) or "").lower())

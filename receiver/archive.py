"""Events as lines of a file: written with all that is kept of them, read back, and told from lines of other kinds."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from receiver.envelopes.headers import KEPT
from receiver.errors import MalformedError
from receiver.model import Actor, Event, EventRecord, Fault, Json, Origin

FORMAT: Final = "flow-relay/event/1"
"""What tells our lines from others."""

Filled = Annotated[str, StringConstraints(min_length=1)]
Word = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$", max_length=200)]
Moment = Annotated[AwareDatetime, Field(ge=datetime(1, 1, 2, tzinfo=UTC), le=datetime(9999, 12, 30, tzinfo=UTC))]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One event of a document: ours, or the body of a new one; or why it is none."""

    event: Event | None = None
    body: bytes | None = None
    fault: str | None = None


class _Line(BaseModel):
    """What is read of a line of ours; the rest of it was for people."""

    model_config = ConfigDict(extra="ignore")

    id: Id
    source: Word
    dedupe_key: Filled
    type: Filled
    origin: Origin
    org_id: str | None = None
    environment: str | None = None
    flow_id: str | None = None
    flow_name: str | None = None
    flow_type: str | None = None
    version_id: str | None = None
    version_number: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    actor: Mapping[Literal["id", "name", "type"], Any] | None = None
    operation: str | None = None
    provenance: Mapping[str, Any] | None = None
    occurred_at: Moment | None = None
    received_at: Moment
    faults: Sequence[Mapping[Literal["field", "message"], Any]] = ()
    body: str | None = None
    body_encoding: Literal["utf-8", "base64"] | None = None
    body_digest: Word
    headers: Mapping[str, str] = {}
    secret: Word | None = None


def line_of(record: EventRecord) -> dict[str, Json]:
    """An event as a line: everything that is kept of it, in one order, its body byte for byte."""
    event = record.event
    body, encoding = _text_of(event.body)
    kept = {name: _plain(getattr(event, name)) for name in _Line.model_fields if name != "body_encoding"}
    return {"format": FORMAT, **kept, "body": body, "body_encoding": encoding, **_told(record)}


def pieces_of(document: str) -> tuple[Piece, ...]:
    """The events in a document: a line of ours, messages of a queue as `aws sqs` prints them, or else a body.

    Raises `MalformedError` where it is no JSON object.
    """
    try:
        value = json.loads(document)
    except (ValueError, RecursionError) as exc:
        where = f": line {exc.lineno}, column {exc.colno}" if isinstance(exc, json.JSONDecodeError) else ""
        raise MalformedError(f"it is not JSON{where}") from exc
    if not isinstance(value, dict):
        raise MalformedError("it is JSON, but no object")
    if isinstance(messages := value.get("Messages"), list):
        return tuple(_piece_of_message(message) for message in messages)
    if "Body" in value and "MessageId" in value:
        return (_piece_of_message(value),)
    if "format" in value and "dedupe_key" in value:
        return (_piece_of_line(value),)
    return (Piece(body=document.strip().encode("utf-8", "surrogatepass")),)


def _piece_of_message(message: Json) -> Piece:
    body = message.get("Body") if isinstance(message, dict) else None
    if not isinstance(body, str):
        return Piece(fault="a message has no Body")
    return Piece(body=body.encode("utf-8", "surrogatepass"))


def _piece_of_line(value: Mapping[str, Json]) -> Piece:
    if value["format"] != FORMAT:
        return Piece(fault=f"its format is {str(value['format'])[:40]!r}; this release reads {FORMAT!r}")
    try:
        return Piece(event=_event_of(_Line.model_validate(value)))
    except ValidationError as exc:
        first = exc.errors()[0]
        return Piece(fault=f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
    except (binascii.Error, ValueError):
        return Piece(fault="body: no base64")


def _event_of(line: _Line) -> Event:
    values = {name: getattr(line, name) for name in _Line.model_fields if name != "body_encoding"}
    values["actor"] = None if line.actor is None else Actor(**{str(key): value for key, value in line.actor.items()})
    values["faults"] = tuple(
        Fault(field=str(fault.get("field")), message=str(fault.get("message"))) for fault in line.faults
    )
    values["headers"] = {name: value for name, value in line.headers.items() if name in KEPT}
    values["body"] = _bytes_of(line.body or "", line.body_encoding)
    return Event(**values)


def _plain(value: object) -> Json:
    """A field as JSON has it."""
    match value:
        case datetime():
            return value.isoformat()
        case Origin():
            return value.value
        case Actor() | Fault():
            return {field.name: getattr(value, field.name) for field in fields(value)}
        case tuple():
            return [_plain(each) for each in value]
        case Mapping():
            return dict(value)
    return value


def _told(record: EventRecord) -> dict[str, Json]:
    """What the receiver made of an event: for people, and not read back."""
    return {
        "publication_number": record.publication and record.publication.number,
        "duplicates": record.duplicates,
        "conflicts": record.conflicts,
        "verdicts": [
            {"pipeline": each.pipeline, "kind": each.kind.value, "reason": each.reason, "run_id": each.run_id}
            for each in record.verdicts
        ],
    }


def _text_of(body: bytes) -> tuple[str | None, str | None]:
    if not body:
        return None, None  # no longer kept
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "base64"


def _bytes_of(text: str, encoding: str | None) -> bytes:
    return base64.b64decode(text, validate=True) if encoding == "base64" else text.encode("utf-8", "surrogatepass")

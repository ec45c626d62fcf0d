"""The JSON API for events as files: given out whole, taken in, and let go; with the admin token (docs/api.md)."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from receiver.archive import line_of
from receiver.clock import in_utc, rfc3339
from receiver.errors import ConfigError, CursorError
from receiver.importing import Importer, Taken
from receiver.relay import Relay
from receiver.store import count_removable, count_unrecorded, export_events
from receiver.web import queries
from receiver.web.api import with_token
from receiver.web.queries import QueryError
from receiver.web.views import JsonObject

MOST_BYTES: Final = 32 * 1024 * 1024
"""The largest request that is read here."""
MOST_DOCUMENTS: Final = 200
SOME: Final = 500
"""How many events one request lets go."""


async def _export(request: Request) -> JsonObject:
    params = request.query_params
    queries.check_names(params, ("since", "until"))
    window = queries.window(params)
    wanted = partial(
        export_events,
        since=_moment(params.get("since"), "since"),
        until=_moment(params.get("until"), "until"),
        cursor=window.cursor,
        limit=window.limit,
    )
    try:
        page, unrecorded = await _relay(request).database.read(lambda conn: (wanted(conn), count_unrecorded(conn)))
    except CursorError as exc:
        raise QueryError(str(exc), parameter="cursor") from exc
    items = [line_of(record) for record in page.items]
    return {"items": items, "next_cursor": page.next_cursor, "unrecorded": unrecorded}


async def _import(request: Request) -> JsonObject:
    """Take documents in; what became of each event of each of them."""
    asked = await _object(request)
    documents, sets_off = asked.get("documents"), asked.get("run", True)
    if not isinstance(documents, list) or len(documents) > MOST_DOCUMENTS:
        raise QueryError(f"documents must be a list of at most {MOST_DOCUMENTS} texts.", parameter="documents")
    if not all(isinstance(document, str) for document in documents):
        raise QueryError("documents must be a list of texts.", parameter="documents")
    importer: Importer = _relay(request).importer
    try:
        source = importer.source_of(_text(asked, "source"))
    except ConfigError as exc:
        raise QueryError(str(exc), parameter="source") from exc
    results = await importer.take_in(documents, source=source, sets_off=sets_off is not False)
    return {"results": [[_taken(taken) for taken in of_document] for of_document in results]}


async def _prune(request: Request) -> JsonObject:
    """Let some old events go, or with `dry_run` count those that would."""
    asked, relay = await _object(request), _relay(request)
    before = _moment(_text(asked, "before"), "before") or _oldest(relay)
    if asked.get("dry_run") is True:
        count = await relay.database.read(partial(count_removable, before=before))
        return {"before": rfc3339(before), "events": count, "is_done": True}
    went = await relay.aging.remove(before, most=SOME)
    return {"before": rfc3339(before), "events": went, "is_done": went < SOME}


def _oldest(relay: Relay) -> datetime:
    """The time that the config keeps events from."""
    age_s = relay.config.retention.events_s
    if age_s is None:
        raise QueryError("The config keeps events for ever; say from before which time they go.", parameter="before")
    return relay.clock() - timedelta(seconds=age_s)


async def _object(request: Request) -> Mapping[str, object]:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise QueryError(f"At most {MOST_BYTES} bytes are read here.", parameter="body")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise QueryError("The body is no JSON.", parameter="body") from exc
    if not isinstance(value, dict):
        raise QueryError("The body is JSON, but no object.", parameter="body")
    return value


def _text(asked: Mapping[str, object], name: str) -> str | None:
    value = asked.get(name)
    if value is not None and not isinstance(value, str):
        raise QueryError(f"{name} must be text.", parameter=name)
    return value


def _moment(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        return in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as exc:
        wanted = "give a time such as 2026-03-01T12:00:00Z"
        raise QueryError(f"{name} is {text[:40]!r}; {wanted}.", parameter=name) from exc


def _taken(taken: Taken) -> JsonObject:
    return {"status": taken.fate.value, "id": taken.event_id, "message": taken.message}


def _relay(request: Request) -> Relay:
    relay: Relay = request.app.state.relay
    return relay


routes: list[BaseRoute] = [
    Route("/api/v1/events/export", with_token(_export), methods=["GET"]),
    Route("/api/v1/events/import", with_token(_import), methods=["POST"]),
    Route("/api/v1/events/prune", with_token(_prune), methods=["POST"]),
]
"""Before those of the API itself, for which these last parts would be ids."""

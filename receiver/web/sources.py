"""The JSON API of the sources, and of what should have come by them and has not; with the words for people."""

from collections.abc import Sequence
from typing import cast

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from receiver.clock import rfc3339
from receiver.config import Poll
from receiver.hearing import Hearing, KnownSource
from receiver.model import Json
from receiver.silence import OpenAbsence
from receiver.store import Database, open_absences
from receiver.web import queries
from receiver.web.api import with_token
from receiver.web.views import JsonObject, absence_view
from receiver.web.wording import UNANSWERED, Sign, Tone


def source_view(known: KnownSource) -> JsonObject:
    """A way in, and how it stands."""
    return {
        "name": known.source.name,
        "kind": "poll" if known.is_poll else "door",
        "environment": known.environment,
        "last_event_at": rfc3339(known.last_event_at) if known.last_event_at else None,
        "expect_within_s": known.source.expect_within_s,
        "silent_since": rfc3339(known.silent_since) if known.silent_since else None,
        "poll": _poll_view(known),
    }


def source_sign(known: KnownSource) -> Sign:
    """How a source stands, in a word."""
    if known.poll is not None and known.poll.failures:
        return Sign(tone=Tone.BAD, text="failing")
    if known.silent_since is not None:
        return Sign(tone=Tone.WARNING, text="silent")
    return Sign(tone=Tone.GOOD if known.last_event_at else Tone.WAITING, text="heard" if known.last_event_at else "new")


async def announcement_absences(database: Database) -> Sequence[tuple[OpenAbsence, str]]:
    """Announcements that nothing has answered, each with what is missing."""
    found = await database.read(open_absences)
    return [(one, UNANSWERED[one.absence.kind]) for one in found if one.announcement is not None]


def _poll_view(known: KnownSource) -> JsonObject | None:
    if not isinstance(known.source, Poll):
        return None
    state = known.poll
    return {
        "every_s": known.source.every_s,
        "last_success_at": rfc3339(state.answered_at) if state and state.answered_at else None,
        "failures": state.failures if state else 0,
        "fault": state.fault if state else None,
        "next_at": rfc3339(state.due_at) if state else None,
    }


async def _sources(request: Request) -> JsonObject:
    queries.check_names(request.query_params, ())
    hearing: Hearing = request.app.state.relay.hearing
    return {"items": cast("Json", [source_view(known) for known in await hearing.sources()]), "next_cursor": None}


async def _absences(request: Request) -> JsonObject:
    queries.check_names(request.query_params, ())
    database: Database = request.app.state.relay.database
    found = await database.read(open_absences)
    return {"items": cast("Json", [absence_view(one) for one in found]), "next_cursor": None}


routes: list[BaseRoute] = [
    Route("/api/v1/sources", with_token(_sources), methods=["GET"]),
    Route("/api/v1/absences", with_token(_absences), methods=["GET"]),
]

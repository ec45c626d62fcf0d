"""The JSON API: events, runs and flows for programs, with the admin token (docs/api.md).

Cookies are not honoured here, so no page of another site can ask in a reader's name.
"""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from receiver.errors import NotFoundError, StoreError
from receiver.store import Database
from receiver.web import queries
from receiver.web.access import access_of, peer_of
from receiver.web.history import event_story, events_page, flow_story, flows_page, run_story, runs_page
from receiver.web.problems import problem
from receiver.web.security import API_HEADERS
from receiver.web.views import (
    JsonObject,
    event_summary,
    event_view,
    flow_summary,
    flow_view,
    page_view,
    run_summary,
    run_view,
)

Endpoint = Callable[[Request], Awaitable[Response]]
Answer = Callable[[Request], Awaitable[JsonObject]]
RETRY_AFTER_S = "5"


def with_token(answer: Answer) -> Endpoint:
    """A route that answers whoever brings the admin token, and says what is wrong to anybody else."""

    async def route(request: Request) -> Response:
        return _refusal(request) or await _answered(answer, request)

    return route


async def _answered(answer: Answer, request: Request) -> Response:
    try:
        return _json(await answer(request))
    except NotFoundError as exc:
        return problem(404, str(exc), headers=API_HEADERS)
    except queries.QueryError as exc:
        return problem(400, str(exc), code="bad-query", headers=API_HEADERS, parameter=exc.parameter)
    except StoreError as exc:
        return problem(503, str(exc), headers={**API_HEADERS, "Retry-After": RETRY_AFTER_S})


def _refusal(request: Request) -> Response | None:
    """Why this request may not look, as an answer; None where it may."""
    access = access_of(request)
    if access is None:
        detail = "No admin token is set; start the receiver with RECEIVER_ADMIN_TOKEN."
        return problem(503, detail, code="no-admin-token", headers=API_HEADERS)
    given = request.headers.getlist("authorization")
    if not given:
        return _unauthorized("Send the admin token: `Authorization: Bearer …`.", 'Bearer realm="flow-relay"')
    wait_s = access.bearers.wait_s(peer_of(request), access.clock())
    if wait_s:
        detail = "Too many wrong tokens came from this address."
        return problem(429, detail, headers={**API_HEADERS, "Retry-After": str(wait_s)})
    scheme, _, token = given[0].partition(" ")
    if len(given) == 1 and scheme.lower() == "bearer" and access.is_admin(token.strip().encode("latin-1")):
        return None
    access.bearers.failed(peer_of(request), access.clock())
    return _unauthorized("This is not the admin token.", 'Bearer realm="flow-relay", error="invalid_token"')


def _unauthorized(detail: str, challenge: str) -> Response:
    return problem(401, detail, headers={**API_HEADERS, "WWW-Authenticate": challenge})


async def _events(request: Request) -> JsonObject:
    params = request.query_params
    queries.check_names(params, queries.EVENT_NAMES)
    page = await events_page(_database(request), queries.event_filter(params), queries.window(params))
    return page_view(page, event_summary)


async def _event(request: Request) -> JsonObject:
    story = await event_story(_database(request), queries.id_of(request.path_params, "event"))
    return event_view(story.record)


async def _runs(request: Request) -> JsonObject:
    params = request.query_params
    queries.check_names(params, queries.RUN_NAMES)
    listed = await runs_page(_database(request), queries.run_filter(params), queries.window(params))
    return page_view(listed.page, lambda record: run_summary(record, listed.events.get(record.run.event_id)))


async def _run(request: Request) -> JsonObject:
    story = await run_story(_database(request), queries.id_of(request.path_params, "run"))
    return run_view(story.record, story.event)


async def _flows(request: Request) -> JsonObject:
    params = request.query_params
    queries.check_names(params, queries.FLOW_NAMES)
    return page_view(
        await flows_page(_database(request), queries.flow_filter(params), queries.window(params)), flow_summary
    )


async def _flow(request: Request) -> JsonObject:
    params = request.query_params
    queries.check_names(params, ())
    return flow_view(await flow_story(_database(request), request.path_params["id"], queries.window(params)))


def _database(request: Request) -> Database:
    database: Database = request.app.state.relay.database
    return database


def _json(content: JsonObject) -> Response:
    # A lone surrogate cannot be sent as UTF-8: it goes out as the escape that it came in as.
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    return Response(body, media_type="application/json", headers=dict(API_HEADERS))


routes: list[BaseRoute] = [
    Route("/api/v1/events", with_token(_events), methods=["GET"]),
    Route("/api/v1/events/{id}", with_token(_event), methods=["GET"]),
    Route("/api/v1/flows", with_token(_flows), methods=["GET"]),
    Route("/api/v1/flows/{id}", with_token(_flow), methods=["GET"]),
    Route("/api/v1/runs", with_token(_runs), methods=["GET"]),
    Route("/api/v1/runs/{id}", with_token(_run), methods=["GET"]),
]

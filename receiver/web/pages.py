"""The pages that people look at: events, flows, runs, and one of each. They only show, and change nothing."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from receiver.errors import NotFoundError, StoreError
from receiver.model import FLOW_VERSION_PUBLISHED, FLOW_VERSION_PUBLISHING, EventFilter, RunFilter
from receiver.states import RunStatus
from receiver.store import Database, count_absences, count_aside
from receiver.timeline import FlowFilter
from receiver.web import queries
from receiver.web.access import Access, access_of
from receiver.web.history import by_day, event_story, events_page, flow_story, flows_page, run_story, runs_page
from receiver.web.rendering import fault_page, page
from receiver.web.session import Session

View = Callable[[Request, Session], Awaitable[Response]]
KNOWN_TYPES = (
    *(FLOW_VERSION_PUBLISHED, FLOW_VERSION_PUBLISHING, "flow.version.publish_failed"),
    *("flow.renamed", "flow.deactivated", "flow.deleted", "flow.audited"),
)
"""What the filter of the events suggests; any other type can be typed in."""


def signed_in(view: View) -> Callable[[Request], Awaitable[Response]]:
    """A route that shows the view to whoever is signed in, and the door to anybody else."""

    async def route(request: Request) -> Response:
        access = access_of(request)
        if access is None:
            return closed(request)
        session = access.session_of(request)
        if session is None:
            return RedirectResponse(_sign_in_path(request), status_code=303, headers={"Cache-Control": "no-store"})
        return await _shown(view, request, access, session)

    return route


def closed(request: Request) -> Response:
    """Where no admin token is set, nobody can look."""
    return fault_page(
        request,
        status=503,
        title="Nobody can look in yet",
        detail="Webhooks are taken in, but no admin token is set. Start the receiver with RECEIVER_ADMIN_TOKEN.",
    )


async def _shown(view: View, request: Request, access: Access, session: Session) -> Response:
    try:
        response = await view(request, session)
    except NotFoundError as exc:
        return fault_page(request, session=session, status=404, title="Not here", detail=str(exc))
    except queries.QueryError as exc:
        return fault_page(request, session=session, status=400, title="That cannot be asked", detail=str(exc))
    except StoreError as exc:
        return fault_page(
            request, session=session, status=503, title="The history cannot be read just now", detail=str(exc)
        )
    access.keep(request, response, session)
    return response


async def _events(request: Request, session: Session) -> Response:
    wanted = queries.event_filter(request.query_params)
    listed = await events_page(_database(request), wanted, queries.window(request.query_params))
    absent, aside = await _database(request).read(lambda conn: (count_absences(conn), count_aside(conn)))
    return page(
        request,
        "events.html",
        session=session,
        page=listed,
        days=by_day(listed.items),
        absent=absent.total(),
        aside=aside,
        waiting=request.app.state.relay.ingest.inbox.size,
        is_filtered=wanted != EventFilter(),
        types=KNOWN_TYPES,
        origin=f"{request.scope['scheme']}://{request.headers.get('host', '')}",
    )


async def _event(request: Request, session: Session) -> Response:
    story = await event_story(_database(request), queries.id_of(request.path_params, "event"))
    return page(
        request,
        "event.html",
        session=session,
        record=story.record,
        runs=story.runs,
        reasons=story.reasons,
        others=story.others,
        is_moving=story.is_moving,
    )


async def _runs(request: Request, session: Session) -> Response:
    wanted = queries.run_filter(request.query_params)
    listed = await runs_page(_database(request), wanted, queries.window(request.query_params))
    return page(
        request,
        "runs.html",
        session=session,
        page=listed.page,
        days=by_day(listed.page.items),
        events=listed.events,
        is_filtered=wanted != RunFilter(),
        statuses=tuple(RunStatus),
    )


async def _run(request: Request, session: Session) -> Response:
    story = await run_story(_database(request), queries.id_of(request.path_params, "run"))
    return page(request, "run.html", session=session, record=story.record, event=story.event, is_moving=story.is_moving)


async def _flows(request: Request, session: Session) -> Response:
    wanted = queries.flow_filter(request.query_params)
    return page(
        request,
        "flows.html",
        session=session,
        page=await flows_page(_database(request), wanted, queries.window(request.query_params)),
        is_filtered=wanted != FlowFilter(),
    )


async def _flow(request: Request, session: Session) -> Response:
    record = await flow_story(_database(request), request.path_params["id"], queries.window(request.query_params))
    return page(
        request, "flow.html", session=session, record=record, flow=record.summary, days=by_day(record.timeline.items)
    )


def _database(request: Request) -> Database:
    database: Database = request.app.state.relay.database
    return database


def _sign_in_path(request: Request) -> str:
    wanted = request.scope["path"]
    if request.scope["query_string"]:
        wanted += "?" + request.scope["query_string"].decode("latin-1")
    return "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='/')}"


routes: list[BaseRoute] = [
    Route("/", signed_in(_events), methods=["GET"]),
    Route("/events/{id}", signed_in(_event), methods=["GET"]),
    Route("/flows", signed_in(_flows), methods=["GET"]),
    Route("/flows/{id:path}", signed_in(_flow), methods=["GET"]),
    Route("/runs", signed_in(_runs), methods=["GET"]),
    Route("/runs/{id}", signed_in(_run), methods=["GET"]),
]

"""Asking the history: the JSON API of a running receiver, or, with no URL, the same API over the database file."""

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Annotated
from urllib.parse import quote, urlsplit

import httpx
import typer

from receiver.cli.exits import CommandError, ExitCode
from receiver.cli.surroundings import Surroundings
from receiver.settings import read_secret
from receiver.web.queries import MAX_LIMIT, id_of
from receiver.web.views import JsonObject

TIMEOUT_S = 30.0
CODES: Mapping[int, ExitCode] = {
    400: ExitCode.USAGE,
    401: ExitCode.NOT_ALLOWED,
    403: ExitCode.NOT_ALLOWED,
    404: ExitCode.NOT_FOUND,
    429: ExitCode.TRY_AGAIN,
    503: ExitCode.TRY_AGAIN,
}

UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="The receiver to ask, with RECEIVER_ADMIN_TOKEN. [default: RECEIVER_URL, else the file of DATABASE_URL]",
    ),
]


class History:
    """The events, runs and flows that a receiver knows."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def events(self, filters: Mapping[str, str | None], *, limit: int) -> AsyncIterator[JsonObject]:
        """Events, newest first, at most so many."""
        async for item in self._listed("/api/v1/events", filters, limit=limit):
            yield item

    async def event(self, event_id: str) -> JsonObject:
        """One event."""
        return await self._get(f"/api/v1/events/{id_of({'id': event_id}, 'event')}", {})

    def exported(self, *, since: datetime | None, until: datetime | None) -> AsyncIterator[JsonObject]:
        """Events whole, oldest first, in parts: those that came in from `since` on and before `until`."""
        span = {
            "since": None if since is None else since.isoformat(),
            "until": None if until is None else until.isoformat(),
        }
        return self._parts("/api/v1/events/export", span, limit=sys.maxsize)

    async def ask(self, path: str, wish: JsonObject) -> JsonObject:
        """What comes of a wish that changes something."""
        return read_answer(await send(self._client, self._client.build_request("POST", path, json=wish)))

    async def runs(self, filters: Mapping[str, str | None], *, limit: int) -> AsyncIterator[JsonObject]:
        """Runs, newest first, at most so many."""
        async for item in self._listed("/api/v1/runs", filters, limit=limit):
            yield item

    async def run(self, run_id: str) -> JsonObject:
        """One run."""
        return await self._get(f"/api/v1/runs/{id_of({'id': run_id}, 'run')}", {})

    async def flows(self, filters: Mapping[str, str | None], *, limit: int) -> AsyncIterator[JsonObject]:
        """Flows, those that something was told of last first, at most so many."""
        async for item in self._listed("/api/v1/flows", filters, limit=limit):
            yield item

    async def flow(self, flow_id: str, *, limit: int) -> JsonObject:
        """One flow with its newest publications, at most so many."""
        path = f"/api/v1/flows/{quote(flow_id, safe='')}"
        found = await self._get(path, {"limit": str(min(limit, MAX_LIMIT))})
        timeline = found["timeline"]
        while timeline["next_cursor"] and len(timeline["items"]) < limit:
            left = min(limit - len(timeline["items"]), MAX_LIMIT)
            more = (await self._get(path, {"limit": str(left), "cursor": timeline["next_cursor"]}))["timeline"]
            timeline = {"items": timeline["items"] + more["items"], "next_cursor": more["next_cursor"]}
        return {**found, "timeline": timeline}

    async def refusals(self, filters: Mapping[str, str | None], *, limit: int) -> AsyncIterator[JsonObject]:
        """Requests that were not taken in, newest first, at most so many."""
        async for item in self._listed("/api/v1/refusals", filters, limit=limit):
            yield item

    async def secrets(self) -> Sequence[JsonObject]:
        """The secrets of sources."""
        items: Sequence[JsonObject] = (await self._get("/api/v1/secrets", {}))["items"]
        return items

    async def sources(self) -> Sequence[JsonObject]:
        """The ways in, and how each stands."""
        items: Sequence[JsonObject] = (await self._get("/api/v1/sources", {}))["items"]
        return items

    async def absences(self) -> Sequence[JsonObject]:
        """What should have come and has not."""
        items: Sequence[JsonObject] = (await self._get("/api/v1/absences", {}))["items"]
        return items

    async def _listed(self, path: str, filters: Mapping[str, str | None], *, limit: int) -> AsyncIterator[JsonObject]:
        async for part in self._parts(path, filters, limit=limit):
            for item in part["items"]:
                yield item

    async def _parts(self, path: str, filters: Mapping[str, str | None], *, limit: int) -> AsyncIterator[JsonObject]:
        cursor: str | None = None
        while limit > 0:
            part = await self._get(path, {**filters, "limit": str(min(limit, MAX_LIMIT)), "cursor": cursor})
            yield part
            limit -= len(part["items"])
            cursor = part["next_cursor"]
            if cursor is None:
                return

    async def _get(self, path: str, params: Mapping[str, str | None]) -> JsonObject:
        given = {name: value for name, value in params.items() if value is not None}
        return read_answer(await send(self._client, self._client.build_request("GET", path, params=given)))


@asynccontextmanager
async def open_history(around: Surroundings, url: str | None, *, is_changing: bool = False) -> AsyncIterator[History]:
    """The history of the receiver at a URL; with none, of the database that DATABASE_URL names.

    To change it there, nobody else may own the file.
    """
    async with AsyncExitStack() as stack:
        url = url or around.environ.get("RECEIVER_URL")
        if url:
            client = _over_http(around, base_url(url))
        else:
            # Here and not above: a CI job that asks over HTTP need not wait until a database library has been loaded.
            from receiver.cli.filed import open_file  # noqa: PLC0415

            client = await stack.enter_async_context(open_file(around, is_changing=is_changing))
        yield History(await stack.enter_async_context(client))


def base_url(url: str) -> str:
    """The address of a receiver, checked."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise CommandError(
            "--url or RECEIVER_URL is no http or https URL; give one such as https://relay.example.com, without user or"
            " password.",
            code=ExitCode.USAGE,
        )
    return url.rstrip("/")


async def send(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Send a request to the receiver; where none can be reached, say so."""
    try:
        return await client.send(request)
    except httpx.TransportError as exc:
        where = f"{request.url.scheme}://{request.url.netloc.decode()}"
        why = str(exc) or type(exc).__name__
        raise CommandError(f"No receiver can be reached at {where}: {why}.", code=ExitCode.TRY_AGAIN) from exc


def read_answer(response: httpx.Response) -> JsonObject:
    """The JSON object that the receiver answered with; a problem is raised in its own words."""
    try:
        content = response.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise CommandError(
            f"{response.url.host} answered {response.status_code} and no JSON; is a receiver there?",
            code=ExitCode.FAILED,
        )
    if response.is_success:
        return content
    detail = content.get("detail") or content.get("title")
    if not detail:
        raise CommandError(
            f"{response.url.host} answered {response.status_code}, and not as a receiver does; is one there?",
            code=ExitCode.FAILED,
        )
    raise CommandError(str(detail), code=CODES.get(response.status_code, ExitCode.FAILED))


def _over_http(around: Surroundings, url: str) -> httpx.AsyncClient:
    token = read_secret(around.environ, "RECEIVER_ADMIN_TOKEN")
    if token is None:
        raise CommandError(
            "RECEIVER_ADMIN_TOKEN is not set, so the receiver would not answer; set it, or RECEIVER_ADMIN_TOKEN_FILE.",
            code=ExitCode.USAGE,
        )
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT_S, transport=around.transport)

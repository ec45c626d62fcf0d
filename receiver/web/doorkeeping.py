"""The JSON API of the door: the config in force, the secrets that let in, the last requests that were refused."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import cast

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from receiver.clock import rfc3339
from receiver.config import Poll
from receiver.keyring import Keyring, KnownSecret
from receiver.model import Json
from receiver.present import Reload
from receiver.refusals import Refusal, Refusals
from receiver.relay import Relay
from receiver.verify import NO_SOURCE
from receiver.web import queries
from receiver.web.api import with_token
from receiver.web.views import JsonObject

REFUSAL_NAMES = ("source",)


def secret_view(secret: KnownSecret) -> JsonObject:
    """A secret of a source, by its name and the fingerprint of its value."""
    return {
        "name": secret.name,
        "status": secret.standing.value,
        "fingerprint": secret.fingerprint,
        "sources": list(secret.sources),
        "last_used_at": rfc3339(secret.last_used_at) if secret.last_used_at else None,
        "revoked_at": rfc3339(secret.revoked_at) if secret.revoked_at else None,
    }


def nearest_source(refusal: Refusal, sources: Collection[str]) -> str | None:
    """The source that was probably meant, where there is none of that name.

    It is looked for only when somebody looks: at the door it would take time, and so tell that the source is not there.
    """
    close = get_close_matches(refusal.source, sources, n=1) if refusal.reason == NO_SOURCE else []
    return close[0] if close else None


def refusal_view(refusal: Refusal, *, sources: Collection[str]) -> JsonObject:
    """A request that was not taken in."""
    return {
        "at": rfc3339(refusal.at),
        "source": refusal.source,
        "nearest_source": nearest_source(refusal, sources),
        "address": refusal.address,
        "status": refusal.status,
        "reason": refusal.reason,
        "size": refusal.size,
    }


def poll_view(poll: Poll) -> JsonObject:
    """A source that asks, as the config has it."""
    return {"name": poll.name, "environment": poll.environment.name, "every_s": poll.every_s}


async def _config(request: Request) -> JsonObject:
    queries.check_names(request.query_params, ())
    present = request.app.state.relay.present
    last: Reload | None = present.last_reload
    return {
        "file": present.config.file or None,
        "digest": present.config.digest or None,
        "sources": list(present.config.source_names),
        "polls": [poll_view(poll) for poll in present.config.polls],
        "pipelines": [pipeline.name for pipeline in present.config.pipelines],
        "reloads": present.reloads,
        "failed_reloads": present.failed_reloads,
        "last_reload": {"at": rfc3339(last.at), "faults": list(last.faults)} if last else None,
    }


async def _secrets(request: Request) -> JsonObject:
    queries.check_names(request.query_params, ())
    items = [secret_view(known) for known in await _keyring(request).listed()]
    return {"items": cast("Json", items), "next_cursor": None}


async def _revoke(request: Request) -> JsonObject:
    return secret_view(await _keyring(request).revoke(request.path_params["name"]))


async def _restore(request: Request) -> JsonObject:
    return secret_view(await _keyring(request).restore(request.path_params["name"]))


async def _refusals(request: Request) -> JsonObject:
    params = request.query_params
    queries.check_names(params, REFUSAL_NAMES)
    relay: Relay = request.app.state.relay
    names = [source.name for source in relay.config.sources]
    wanted, window = params.get("source"), queries.window(params)
    found = [each for each in _numbered(relay.refusals, window.cursor) if wanted in {None, each[1].source}]
    items = [refusal_view(refusal, sources=names) for _, refusal in found[: window.limit]]
    has_more = len(found) > window.limit
    return {"items": cast("Json", items), "next_cursor": str(found[window.limit - 1][0]) if has_more else None}


def _numbered(refusals: Refusals, cursor: str | None) -> Sequence[tuple[int, Refusal]]:
    """What is kept, newest first, each with its number since the start; with a cursor, those before it."""
    if cursor is not None and not (cursor.isascii() and cursor.isdigit()):
        raise queries.QueryError(f"The cursor {cursor[:40]!r} is none of this list's.", parameter="cursor")
    before = int(cursor[:18]) if cursor else refusals.total + 1
    numbers = range(refusals.total, 0, -1)
    return [(number, refusal) for number, refusal in zip(numbers, refusals.latest(), strict=False) if number < before]


def _keyring(request: Request) -> Keyring:
    keyring: Keyring = request.app.state.relay.keyring
    return keyring


secret_routes: list[BaseRoute] = [
    Route("/api/v1/secrets", with_token(_secrets), methods=["GET"]),
    Route("/api/v1/secrets/{name}/revoke", with_token(_revoke), methods=["POST"]),
    Route("/api/v1/secrets/{name}/restore", with_token(_restore), methods=["POST"]),
]
routes: list[BaseRoute] = [
    Route("/api/v1/config", with_token(_config), methods=["GET"]),
    Route("/api/v1/refusals", with_token(_refusals), methods=["GET"]),
    *secret_routes,
]

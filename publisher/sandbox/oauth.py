"""The two token endpoints: HTTP Basic as on the platform's login hosts, and the form of the versions API."""

import base64
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publisher.sandbox.errors import OAuthError
from publisher.sandbox.faults import FaultKind
from publisher.sandbox.requests import read_form, sandbox_of


async def basic_token(request: Request) -> Response:
    """POST /oauth/token: the client's id and secret by HTTP Basic."""
    form = await read_form(request)
    client_id, client_secret = _basic(request.headers.get("authorization"))
    return _token(request, form, client_id=client_id, client_secret=client_secret)


async def form_token(request: Request) -> Response:
    """POST /api/v2/oauth/token: the client's id and secret in the form."""
    form = await read_form(request)
    return _token(request, form, client_id=form.get("client_id", ""), client_secret=form.get("client_secret", ""))


def _token(request: Request, form: Mapping[str, str], *, client_id: str, client_secret: str) -> Response:
    sandbox = sandbox_of(request)
    if sandbox.faults.due((FaultKind.CREDENTIALS,), call=f"{request.method} {request.url.path}"):
        raise OAuthError(401, "invalid_client", "authentication failed")
    if form.get("grant_type") != "client_credentials":
        raise OAuthError(400, "unsupported_grant_type", "the grant type must be client_credentials")
    token = sandbox.tokens.give(client_id=client_id, client_secret=client_secret)
    body = {"access_token": token, "token_type": "bearer", "expires_in": sandbox.settings.token_life_s}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _basic(authorization: str | None) -> tuple[str, str]:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        raise OAuthError(401, "invalid_client", "authentication failed: HTTP Basic is required")
    try:
        client_id, _, client_secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as exc:
        raise OAuthError(400, "invalid_client", "the Basic credentials could not be read") from exc
    return client_id, client_secret

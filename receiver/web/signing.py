"""Signing in and out: with the admin token, or once with the link that `serve` prints."""

import asyncio
from urllib.parse import parse_qs

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from receiver.web.access import Access, access_of, peer_of
from receiver.web.pages import closed
from receiver.web.rendering import fault_page, page
from receiver.web.security import is_from_our_pages, own_path
from receiver.web.session import is_same_secret

MAX_FORM_BYTES = 8192
FORM_TIMEOUT_S = 10.0
_NO_STORE = {"Cache-Control": "no-store"}

log = structlog.get_logger(__name__)


async def show_sign_in(request: Request) -> Response:
    """The form; a link's token signs in at once and is gone from the address after it."""
    access = access_of(request)
    if access is None:
        return closed(request)
    wanted = own_path(request.query_params.get("next"))
    if access.session_of(request):
        return _onward(wanted)
    token = request.query_params.get("token")
    # Programs that look ahead at an address ask with HEAD: they must not use the link up.
    if token is None or request.method == "HEAD":
        return _form(request, wanted)
    return _by_link(request, access, token)


async def sign_in(request: Request) -> Response:
    """Sign in with the admin token."""
    access = access_of(request)
    if access is None:
        return closed(request)
    if not is_from_our_pages(request.headers):
        return _not_from_here(request)
    form = await _read_form(request)
    # Only now, with nothing awaited in between: of many guesses sent at once, no more than allowed are looked at.
    if refusal := _too_many(request, access):
        return refusal
    wanted = own_path(form.get("next"))
    if not access.is_admin(form.get("token", "").strip().encode("utf-8", "replace")):
        return _refused(request, access, wanted, "This is not the admin token.")
    return _admitted(request, access, wanted)


async def sign_out(request: Request) -> Response:
    """End the session, here and in every copy of its cookie."""
    access = access_of(request)
    session = access.session_of(request) if access else None
    if access is None or session is None:
        return _onward("/sign-in")
    form = await _read_form(request)
    if not is_from_our_pages(request.headers) or not is_same_secret(form.get("csrf", "").encode(), session.csrf):
        return _not_from_here(request)
    response = _onward("/sign-in")
    access.end(request, response, session)
    return response


def _by_link(request: Request, access: Access, token: str) -> Response:
    if refusal := _too_many(request, access):
        return refusal
    if not access.links.redeem(token, access.clock()):
        return _refused(request, access, "/", "This link has been used, or is too old. The admin token still opens.")
    return _admitted(request, access, "/")


def _admitted(request: Request, access: Access, wanted: str) -> Response:
    access.sign_ins.succeeded(peer_of(request))
    response = _onward(wanted)
    access.begin(request, response)
    log.info("signed in", peer=peer_of(request))
    return response


def _refused(request: Request, access: Access, wanted: str, fault: str) -> Response:
    access.sign_ins.failed(peer_of(request), access.clock())
    log.warning("sign-in refused", peer=peer_of(request))
    return _form(request, wanted, fault=fault, status=403)


def _too_many(request: Request, access: Access) -> Response | None:
    wait_s = access.sign_ins.wait_s(peer_of(request), access.clock())
    if wait_s == 0:
        return None
    detail = f"Too many sign-ins failed from your address. Try again in {_span(wait_s)}."
    response = fault_page(request, status=429, title="Wait a little", detail=detail)
    response.headers["Retry-After"] = str(wait_s)
    return response


def _form(request: Request, wanted: str, *, fault: str | None = None, status: int = 200) -> Response:
    return page(request, "sign_in.html", status=status, next=wanted, fault=fault)


def _not_from_here(request: Request) -> Response:
    detail = "This form was not sent from a page of this receiver, so nothing was done. Open the page again."
    return fault_page(request, status=403, title="Not from here", detail=detail)


def _onward(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers=_NO_STORE)


async def _read_form(request: Request) -> dict[str, str]:
    """The fields of a form; one that is too large, too slow or of another type has none."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    body = b""
    try:
        async with asyncio.timeout(FORM_TIMEOUT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_FORM_BYTES:
                    return {}
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=10)
    except (TimeoutError, ValueError, ClientDisconnect):
        return {}
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def _span(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"


routes: list[BaseRoute] = [
    Route("/sign-in", show_sign_in, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]

"""What an answer other than a success means, and what to do about it."""

from collections.abc import Callable, Mapping
from typing import Any

from publisher.genesys.errors import (
    CredentialsError,
    GenesysError,
    LimitedError,
    LockedError,
    MissingError,
    NotAllowedError,
    RefusedError,
    UnavailableError,
    UnreadableError,
)
from publisher.genesys.exchange import Request, Response, quote

PASSING = frozenset({429, 500, 502, 503, 504})
"""Answers after which the same request may well succeed."""

CLASSES: Mapping[int, type[GenesysError]] = {
    400: RefusedError,
    401: CredentialsError,
    403: NotAllowedError,
    404: MissingError,
    409: LockedError,
    413: RefusedError,
    415: RefusedError,
    422: RefusedError,
    423: LockedError,
    429: LimitedError,
}


def fault(request: Request, response: Response) -> GenesysError:
    """The error that an answer to a call stands for."""
    kind = _kind(response)
    said = said_by(response, secrets=request.secrets)
    reason = f": {said.rstrip('.')}" if said else ""
    return kind(
        f"Could not {request.doing}{reason}. {ADVICE[kind](request, response)} (HTTP {response.status})"
        f"{response.trace()}",
        code="not-json" if kind is UnreadableError and response.is_html else f"http.{response.status}",
        status=response.status,
        correlation_id=response.correlation_id,
        may_have_happened=request.effect and response.status >= 500,
    )


def said_by(response: Response, *, secrets: tuple[str, ...] = ()) -> str:
    """What the server itself says was wrong, in either of its two forms; empty where it says nothing readable."""
    try:
        data = response.data()
    except ValueError:
        return ""
    if not isinstance(data, dict):
        return ""
    words = [data.get(key) for key in ("message", "error_description", "description", "error")]
    first = next((word for word in words if isinstance(word, str) and word), "")
    return quote("; ".join(filter(None, [first, *_details(data)])), secrets=secrets)


def _details(data: Mapping[str, Any]) -> list[str]:
    errors = data.get("errors")
    nested = errors if isinstance(errors, list) else []
    return [error["message"] for error in nested if isinstance(error, dict) and isinstance(error.get("message"), str)]


def _kind(response: Response) -> type[GenesysError]:
    if response.status >= 500 and response.status != 501:
        return UnavailableError
    if 300 <= response.status < 400 or (response.is_html and response.status not in {401, 429, 501}):
        return UnreadableError
    return CLASSES.get(response.status, GenesysError)


def _credentials(_: Request, __: Response) -> str:
    return (
        "The token was refused, and a new one too. Check that id and secret belong to an active client of the type"
        " 'Client Credentials' in this very region."
    )


def _not_allowed(request: Request, _: Response) -> str:
    needs = request.needs
    permissions = f"the permission {' and '.join(needs.permissions)}" if needs.permissions else "the permission for it"
    scope = f", and where the host goes by scopes, the scope {needs.scope}" if needs.scope else ""
    return f"Give the OAuth client a role with {permissions}, in the flow's division{scope}."


def _missing(_: Request, __: Response) -> str:
    return "Check the id, and that it belongs to this organization and region."


def _locked(_: Request, __: Response) -> str:
    return "Someone else is editing it: have them check it in or unlock it in Architect, then try again."


def _refused(_: Request, __: Response) -> str:
    return (
        "What was sent cannot be taken as it is. `publisher validate` names the usual causes: no trigger node, unknown"
        " node types, connections to nodes that do not exist."
    )


def _limited(_: Request, response: Response) -> str:
    asked = response.headers.get("retry-after")
    wait = f"in {quote(asked)} s" if asked and asked.isdigit() else "in a minute"
    return f"Too many requests, still after every retry. Try again {wait}, with fewer publishers at the same time."


def _unavailable(request: Request, _: Response) -> str:
    return f"The server failed{_lookout(request)}. Try again later."


def _unreadable(_: Request, response: Response) -> str:
    where = response.headers.get("location")
    what = f"A redirect to {quote(where)}" if where else "An HTML page" if response.is_html else "A redirect"
    return f"{what} came back where JSON should: check the API URL or region, and any proxy on the way."


def _other(_: Request, __: Response) -> str:
    return "This host does not know such a call: check the API URL or region."


def _lookout(request: Request) -> str:
    return "; whether the request took effect is not known, so look before you repeat it" if request.effect else ""


ADVICE: Mapping[type[GenesysError], Callable[[Request, Response], str]] = {
    CredentialsError: _credentials,
    NotAllowedError: _not_allowed,
    MissingError: _missing,
    LockedError: _locked,
    RefusedError: _refused,
    LimitedError: _limited,
    UnavailableError: _unavailable,
    UnreadableError: _unreadable,
    GenesysError: _other,
}

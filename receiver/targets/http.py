"""The kind `http`: calls a URL with the event, or with whatever the step's templates make of it."""

import re
from collections.abc import Mapping
from importlib.metadata import version

from receiver.errors import ExpressionError
from receiver.expressions import render, render_url
from receiver.expressions.results import to_json, to_text
from receiver.model import Json
from receiver.outcomes import Outcome, phrase
from receiver.targets.kind import Call, Exchange, Request, Response, json_body

DEFAULT_SUCCESS = (200, 201, 202, 204)
"""Not every 2xx: a sign-in page comes with 203, a part of something with 206."""
USER_AGENT = f"flow-relay/{version('flow-relay')}"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_HEADERS = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "idempotency-key", "te", "trailer", "transfer-encoding"}
)
"""What the config cannot set: the framing of the request, and the key that makes repeating it harmless."""
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Http:
    """Calls a URL. The Idempotency-Key is the step's id on every attempt, so calling again is safe."""

    resends = True

    def start(self, call: Call) -> Exchange:
        """Send the request and judge the answer by its status."""
        try:
            request = _request(call)
        except ExpressionError as exc:
            return Outcome.failed(f"The request could not be made: {_without_stop(str(exc))}", permanent=True)
        response = yield request
        return _judged(response, call.step.definition)

    def look(self, call: Call) -> Exchange:  # noqa: ARG002 - the form of a kind
        """Nothing can be asked: what an HTTP call did was said in its answer."""
        yield from ()
        return Outcome.failed("A plain HTTP call has nothing to ask about later", permanent=True)

    def find(self, call: Call) -> Exchange:  # noqa: ARG002 - the form of a kind
        """Nothing can be found: the same call with the same key is the way to ask."""
        yield from ()
        return Outcome.not_found("The answer was lost, and is asked for by the same call")


def _request(call: Call) -> Request:
    definition = call.step.definition
    method = str(definition.get("method") or "POST").upper()
    body, content_type = _body(call, method)
    headers = {
        "User-Agent": USER_AGENT,
        **({"Content-Type": content_type} if content_type else {}),
        **_own_headers(call),
        # A Structured Field string, hence the quotes (draft-ietf-httpapi-idempotency-key-header).
        "Idempotency-Key": f'"{call.step.id}"',
    }
    url = render_url(str(definition["url"]), call.names)
    return Request(method, url, headers=headers, body=body, effect=method not in SAFE_METHODS)


def _body(call: Call, method: str) -> tuple[bytes, str | None]:
    definition = call.step.definition
    if "body" in definition:
        return to_text(render(definition["body"], call.names)).encode("utf-8", "replace"), None
    if "json" in definition:
        return json_body(render(definition["json"], call.names)), "application/json"
    if method in SAFE_METHODS:
        return b"", None
    return json_body(_default_body(call)), "application/json"


def _default_body(call: Call) -> Mapping[str, Json]:
    """The canonical event, without the body that it came in, and what it set off."""
    event = {name: value for name, value in call.facts["event"].items() if name != "body"}
    step = {"id": call.step.id, "name": call.step.name}
    facts: Mapping[str, Json] = to_json({"event": event, "run": call.facts["run"], "step": step})
    return facts


def _own_headers(call: Call) -> Mapping[str, str]:
    """The step's own headers, in the form `Content-Type`, so that one of ours gives way to it."""
    rendered = render(call.step.definition.get("headers") or {}, call.names)
    headers = {name.title(): _header(name, value) for name, value in rendered.items()}
    for name in headers:
        if name.lower() in OWN_HEADERS:
            raise ExpressionError(f"The header {name!r} cannot be set by a step.")
    return headers


def _header(name: str, value: Json) -> str:
    try:
        text = to_text(value).strip(" \t")
    except ExpressionError as exc:
        raise ExpressionError(f"The header {name!r}: {exc}") from exc
    # A line end would begin a header of its own.
    if _CONTROL.search(text):
        raise ExpressionError(f"The header {name!r} holds a control character.")
    return text


def _judged(response: Response, definition: Mapping[str, Json]) -> Outcome:
    expected = (definition.get("success") or {}).get("status") or DEFAULT_SUCCESS
    said = f"The target answered {phrase(response.status)}"
    if response.status in expected:
        return Outcome.succeeded(said, outputs={"status": response.status})
    if 200 <= response.status < 300:
        return Outcome.failed(f"{said}, which success.status does not list", permanent=True)
    return Outcome.of_status(response.status)


def _without_stop(text: str) -> str:
    return text.removesuffix(".")

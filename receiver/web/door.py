"""The door: `POST /webhooks/{source}`. Lets in what is authenticated and JSON, and says 202 once it is on disk.

It is a bare ASGI endpoint, for it is the hot path. The order of its answers is a promise (docs/webhook.md): until
the secret is verified, nothing is told, and nothing of the body is read unless a signature has to be held against it.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Final, cast

from starlette.types import Message, Receive, Scope, Send

from receiver.config import Source
from receiver.envelopes import is_json, kept_headers
from receiver.errors import MalformedError, RateError, StoreError, VerificationError
from receiver.model import Recorded
from receiver.refusals import LONGEST_SOURCE, Refusal
from receiver.relay import Relay
from receiver.verify import Gate, Pending, Proof
from receiver.web.problems import problem
from receiver.web.wording import visible

READ_TIMEOUT_S: Final = 10.0
RETRY_AFTER_S: Final = 5
LONGEST_ADDRESS: Final = 64
"""Longer than any; what a trusted proxy forwards may be anything."""
LONGEST_LENGTH: Final = 12
"""The digits of a Content-Length: more than enough for any body that could be meant."""

# The same words for every reason: who knocks at the wrong door learns nothing, not even that it is none.
_UNAUTHORIZED: Final = "The secret or the signature is missing or wrong, or there is no such source."

RawHeaders = list[tuple[bytes, bytes]]


class _Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The request is not taken in: what is told, and why, for the people inside."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        reason: str | None = None,
        is_read: bool = False,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.reason = reason or detail
        self.is_read = is_read
        """Whether the whole body has been read; if not, the connection cannot be used again."""
        self.retry_after_s = retry_after_s


class _GoneError(Exception):
    """The sender went away in the middle of the body."""


class Door:
    """The endpoint of every source."""

    def __init__(self, relay: Relay, *, read_timeout_s: float = READ_TIMEOUT_S) -> None:
        self._relay = relay
        self._read_timeout_s = read_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            recorded = await self._taken_in(scope, receive)
        except _Refused as refused:
            self._note(scope, refused)
            await _answer_refused(refused, scope, receive, send)
        except _GoneError:
            return
        else:
            await _answer_accepted(recorded, send)

    async def _taken_in(self, scope: Scope, receive: Receive) -> Recorded:
        headers: RawHeaders = scope["headers"]
        by_name = dict(headers)
        most = self._relay.config.max_body_bytes
        _check_length(by_name.get(b"content-length"), most=most)
        gates, now = self._relay.gates, self._relay.clock()
        gate = gates.of(scope["path_params"]["source"])
        found = _verified(gate, scope, now=now)
        if isinstance(found, Pending):
            # Until the signature is verified, no other answer than 401 may tell that there is anything here.
            body = await self._read(receive, most=most)
            proof = _proven(found, body)
            _check_encoding(by_name, is_read=True)
        else:
            proof = found
            _check_encoding(by_name)
            body = await self._read(receive, most=most)
        if self._relay.gates is not gates:
            # While the body came, a secret was revoked or the config reloaded: what holds now decides.
            gate = self._relay.gates.of(scope["path_params"]["source"])
            again = _verified(gate, scope, now=now)
            proof = _proven(again, body) if isinstance(again, Pending) else again
        self._relay.keyring.used(proof.secret, now)
        source = cast("Source", gate.source)  # a gate without one lets nobody through
        return await self._kept(body, source, kept_headers(headers), proof)

    async def _kept(self, body: bytes, source: Source, headers: Mapping[str, str], proof: Proof) -> Recorded:
        accept = self._relay.ingest.accept
        try:
            return await accept(body, source=source, headers=headers, secret=proof.secret, message_id=proof.message_id)
        except MalformedError as exc:
            raise _Refused(exc.status, str(exc), is_read=True) from exc
        except RateError as exc:
            raise _Refused(429, str(exc), is_read=True, retry_after_s=ceil(exc.wait_s)) from exc
        except StoreError as exc:
            detail = "It could not be stored; send it again."
            raise _Refused(503, detail, reason=str(exc), is_read=True, retry_after_s=RETRY_AFTER_S) from exc

    async def _read(self, receive: Receive, *, most: int) -> bytes:
        """The body. Nearly always it is there at once; the server itself waits for a first piece only so long."""
        message = _checked(await receive())
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False) and len(body) <= most:
            return body
        try:
            async with asyncio.timeout(self._read_timeout_s):
                return await _read_on(message, receive, most=most)
        except TimeoutError as exc:
            raise _Refused(408, f"The body was not complete within {self._read_timeout_s:g} s.") from exc

    def _note(self, scope: Scope, refused: _Refused) -> None:
        length = dict(scope["headers"]).get(b"content-length", b"")
        self._relay.refusals.add(
            Refusal(
                at=self._relay.clock(),
                source=visible(scope["path_params"]["source"][:LONGEST_SOURCE]),
                address=visible(_address(scope)[:LONGEST_ADDRESS]),
                status=refused.status,
                reason=refused.reason,
                size=int(length) if length.isdigit() and len(length) <= LONGEST_LENGTH else None,
            )
        )


def _verified(gate: Gate, scope: Scope, *, now: datetime) -> Proof | Pending:
    try:
        return gate.verify(scope["headers"], address=_address(scope), now=now)
    except VerificationError as exc:
        raise _Refused(401, _UNAUTHORIZED, reason=str(exc)) from exc


def _proven(pending: Pending, body: bytes) -> Proof:
    try:
        return pending.verify(body)
    except VerificationError as exc:
        raise _Refused(401, _UNAUTHORIZED, reason=str(exc), is_read=True) from exc


def _address(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _check_length(given: bytes | None, *, most: int) -> None:
    if given is None:
        return
    if not given.isdigit():
        raise _Refused(400, "Content-Length is no number.")
    if len(given) > LONGEST_LENGTH or int(given) > most:
        raise _too_large(most)


def _check_encoding(by_name: dict[bytes, bytes], *, is_read: bool = False) -> None:
    """Only JSON as it stands: what is packed could unpack to anything."""
    content_type = by_name.get(b"content-type")
    if not is_json(None if content_type is None else content_type.decode("latin-1")):
        raise _Refused(
            415, "Send JSON: Content-Type application/json, or one that ends in +json, in UTF-8.", is_read=is_read
        )
    if b"content-encoding" in by_name:
        raise _Refused(415, "Send the body as it is, without Content-Encoding.", is_read=is_read)
    if b"content-length" not in by_name and b"transfer-encoding" not in by_name:
        raise _Refused(411, "Send a body with its Content-Length.", is_read=is_read)


async def _read_on(message: Message, receive: Receive, *, most: int) -> bytes:
    """A body that comes in several pieces, or is too large."""
    parts: list[bytes] = [message.get("body", b"")]
    size = len(parts[0])
    while size <= most and message.get("more_body", False):
        message = _checked(await receive())
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    if size > most:
        raise _too_large(most)
    return b"".join(parts)


def _checked(message: Message) -> Message:
    if message["type"] == "http.disconnect":
        raise _GoneError
    return message


def _too_large(most: int) -> _Refused:
    return _Refused(413, f"At most {most} bytes are taken in.")


async def _answer_accepted(recorded: Recorded, send: Send) -> None:
    # Our own ids and two booleans: nothing here needs escaping.
    duplicate = "true" if recorded.duplicate else "false"
    body = f'{{"id":"{recorded.event_id}","status":"accepted","duplicate":{duplicate}}}'.encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"location", f"/api/v1/events/{recorded.event_id}".encode()),
    ]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _answer_refused(refused: _Refused, scope: Scope, receive: Receive, send: Send) -> None:
    headers = {} if refused.is_read else {"Connection": "close"}
    if refused.status == 401:
        headers["WWW-Authenticate"] = 'Secret realm="webhooks"'
    if refused.retry_after_s is not None:
        headers["Retry-After"] = str(refused.retry_after_s)
    await problem(refused.status, refused.detail, headers=headers)(scope, receive, send)

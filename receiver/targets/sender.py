"""Drives a kind's exchange against its target: the one place where requests leave the receiver."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import httpx

from receiver.errors import AddressRefusedError
from receiver.failpoints import Failpoint, reach
from receiver.model import Json
from receiver.outcomes import Outcome, OutcomeKind
from receiver.targets.client import MAX_CONNECTIONS, GuardedTransport, open_client, trusted_authorities
from receiver.targets.kind import Ask, Call, Exchange, Request, Response
from receiver.targets.network import AddressPolicy, GuardedBackend, Resolver, resolve
from receiver.targets.redaction import MAX_KEPT_BYTES, Redaction

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Faults before the first byte of a request."""
UNSENDABLE = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL)
"""Requests that no attempt can send."""

MakeTransport = Callable[[], httpx.AsyncBaseTransport]


class Sender:
    """Sends to one target, so many requests at a time."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._seats = asyncio.Semaphore(MAX_CONNECTIONS)

    @property
    def is_busy(self) -> bool:
        """Whether what comes next has to wait."""
        return self._seats.locked()

    def sending(self, ask: Ask, call: Call, *, timeout_s: float) -> "Sending":
        """An exchange with the target, not yet begun."""
        return Sending(self._client, self._seats, ask=ask, call=call, timeout_s=timeout_s)


class Sending:
    """One exchange with a target, and what there is to keep of it at any moment."""

    def __init__(
        self, client: httpx.AsyncClient, seats: asyncio.Semaphore, *, ask: Ask, call: Call, timeout_s: float
    ) -> None:
        self.request: Mapping[str, Json] | None = None
        """The last request, as it is kept."""
        self.response: Mapping[str, Json] | None = None
        """Its answer, as it is kept; None while there is none."""
        self.reached = False
        """Whether a byte of a request with an effect has left."""
        self._client = client
        self._seats = seats
        self._call = call
        self._timeout_s = timeout_s
        self._redaction = Redaction(call.secrets)
        self._exchange = ask(call)
        self._kept_exchange = ask(call.masked())

    async def run(self) -> Outcome:
        """Go through with it, within the time limit that begins with a free seat."""
        async with self._seats:
            try:
                async with asyncio.timeout(self._timeout_s):
                    outcome = await self._driven()
            except TimeoutError:
                outcome = self.broken_off(f"No complete answer within {self._timeout_s:g} s")
        return replace(outcome, message=self._redaction.message(outcome.message))

    def broken_off(self, message: str) -> Outcome:
        """What it means that the exchange ended at this moment."""
        return Outcome.lost(message) if self.reached else Outcome.failed(message)

    async def _driven(self) -> Outcome:
        answer: Response | None = None
        while True:
            request = _next(self._exchange, answer)
            kept = _next(self._kept_exchange, answer)
            if isinstance(request, Outcome):
                return _patient(request, answer)
            self.request = self._redaction.request(kept if isinstance(kept, Request) else request)
            self.response = None
            reply = await self._reply(request)
            if isinstance(reply, Outcome):
                return reply
            self.response = self._redaction.response(reply)
            answer = reply

    async def _reply(self, request: Request) -> Response | Outcome:
        """The answer to a request, or what it means that there is none."""
        try:
            if withheld := self._withheld(request):
                return Outcome.failed(withheld, permanent=True)
            return await self._sent(request)
        except AddressRefusedError as exc:
            return Outcome.failed(f"Not sent: {str(exc).removesuffix('.')}", permanent=True)
        except UNSENDABLE as exc:
            return Outcome.failed(f"The request cannot be sent: {exc}", permanent=True)
        except NOT_SENT as exc:
            return Outcome.failed(f"The target could not be reached: {_reason(exc)}")
        except httpx.TransportError as exc:
            message = f"The connection broke before the answer was complete: {_reason(exc)}"
            return Outcome.lost(message) if request.effect else self.broken_off(message)

    async def _sent(self, request: Request) -> Response:
        async def trace(name: str, _: object) -> None:
            if name.endswith(".send_request_headers.started") and request.effect:
                self.reached = True
            if name.endswith(".send_request_body.complete"):
                reach(Failpoint.SENT)

        headers = [(name.encode(), value.encode("utf-8", "replace")) for name, value in request.headers.items()]
        stream = self._client.stream(
            request.method, request.url, headers=headers, content=request.body, extensions={"trace": trace}
        )
        async with stream as answer:
            body, cut = await _read(answer)
            reach(Failpoint.ANSWERED)
            return Response(status=answer.status_code, headers=dict(answer.headers), body=body, cut=cut)

    def _withheld(self, request: Request) -> str | None:
        """Why the secrets of the call may not go where a request goes; None when they may."""
        url = httpx.URL(request.url)
        host = f"[{url.host}]" if ":" in url.host else url.host.lower()
        port = url.port or (443 if url.scheme == "https" else 80)
        names = ", ".join(self._call.withheld_from(host=host, port=port))
        return f"Not sent: the config does not let {names} go to {host}:{port}" if names else None


class Senders:
    """The sender of each target, opened when it is first needed."""

    def __init__(self, make_transport: MakeTransport) -> None:
        self._make_transport = make_transport
        self._senders: dict[str, Sender] = {}
        self._clients = AsyncExitStack()

    async def of(self, target: str) -> Sender:
        """The sender of a target."""
        if target not in self._senders:
            client = open_client(self._make_transport())
            self._senders[target] = Sender(client)
            await self._clients.enter_async_context(client)
        return self._senders[target]

    @property
    def busy(self) -> tuple[str, ...]:
        """The targets that have no seat free."""
        return tuple(target for target, sender in self._senders.items() if sender.is_busy)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._clients.aclose()


@asynccontextmanager
async def open_senders(
    policy: AddressPolicy | None = None, *, resolver: Resolver = resolve, authorities: ssl.SSLContext | None = None
) -> AsyncIterator[Senders]:
    """Senders on a network that dials no address that the policy refuses; unless given, it is our own list."""
    network = GuardedBackend(policy or AddressPolicy(), resolver=resolver)
    trusted = authorities or trusted_authorities()
    senders = Senders(lambda: GuardedTransport(network, authorities=trusted))
    try:
        yield senders
    finally:
        await senders.aclose()


def _next(exchange: Exchange, answer: Response | None) -> Request | Outcome:
    """The next request of an exchange, or its outcome where it has ended."""
    try:
        return next(exchange) if answer is None else exchange.send(answer)
    except StopIteration as ended:
        outcome: Outcome = ended.value
        return outcome


async def _read(answer: httpx.Response) -> tuple[bytes, bool]:
    """A body as it comes, never unpacked and never longer than what is kept, and whether there was more."""
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MAX_KEPT_BYTES:
            return bytes(body[:MAX_KEPT_BYTES]), True
    return bytes(body), False


def _patient(outcome: Outcome, answer: Response | None) -> Outcome:
    """An outcome that may pass, with the wait that its answer asked for."""
    if outcome.kind is OutcomeKind.PASSING and outcome.retry_after is None and answer is not None:
        return replace(outcome, retry_after=answer.headers.get("retry-after"))
    return outcome


def _reason(exc: BaseException) -> str:
    """What happened on the wire. The first cause says it best: anyio only counts the attempts."""
    text = str(exc)
    while (before := exc.__cause__ or exc.__context__) is not None:
        exc = before
    if text == "All connection attempts failed" and isinstance(exc, OSError) and exc.errno:
        text = os.strerror(exc.errno)
    return text.removesuffix(".") or type(exc).__name__

"""Tells every registered webhook what happened: each event is sent until it is taken or the tries are used up."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from publisher.sandbox.faults import Fault, FaultKind
from publisher.sandbox.records import OrgRegistration

SECRET_HEADER = "X-Genesys-Webhook-Secret"  # noqa: S105 - the header's name
EVENT_FAULTS = (FaultKind.EVENT_LOST, FaultKind.EVENT_REORDERED, FaultKind.EVENT_LATE, FaultKind.EVENT_REPEATED)
WORTH_ANOTHER_TRY = frozenset({408, 425, 429})
LONGEST_LOG = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How often an event is sent to a webhook that does not take it, and how long each try and wait may last."""

    attempts: int = 5
    delay_s: float = 0.5
    timeout_s: float = 5.0


@dataclass(kw_only=True, slots=True)
class Sending:
    """One event on its way to one webhook; `statuses` holds an HTTP status, or None for no answer, for each try."""

    event: Mapping[str, Any]
    registration: OrgRegistration = field(repr=False)
    statuses: list[int | None] = field(default_factory=list)
    state: str = "waiting"


class Outbox:
    """Sends events in the background while it is running; what is still on its way at the end is given up."""

    def __init__(
        self,
        *,
        patience: Patience,
        sleep: Callable[[float], Awaitable[None]],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._patience = patience
        self._sleep = sleep
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Sending] = []
        self._log: deque[Sending] = deque(maxlen=LONGEST_LOG)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send while entered; at the end give up what is on its way and leave no task behind."""
        # No TaskGroup: it would wrap whatever the application's owner raises inside into an ExceptionGroup.
        async with self._http() as client:
            self._client = client
            try:
                yield
            finally:
                self._client = None
                self.clear()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, work: Coroutine[None, None, None], *, name: str) -> None:
        """Do something in the background."""
        try:
            self._open_client()
        except RuntimeError:
            work.close()
            raise
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def post(self, event: Mapping[str, Any], registrations: Sequence[OrgRegistration], *, fault: Fault | None) -> None:
        """Send an event to each registration, or misbehave as the fault says."""
        sendings = [Sending(event=event, registration=registration) for registration in registrations]
        self._log.extend(sendings)
        match fault.kind if fault else None:
            case FaultKind.EVENT_LOST:
                for sending in sendings:
                    sending.state = "lost"
            case FaultKind.EVENT_REORDERED:
                self._held += sendings
            case _:
                overtaken, self._held = self._held, []
                self._send_each(sendings, fault=fault, then=overtaken)

    def clear(self) -> None:
        """Forget everything that was sent or was to be sent."""
        for task in self._tasks:
            task.cancel()
        self._held.clear()
        self._log.clear()

    def log(self) -> list[Sending]:
        """What was sent last, and what became of it; the oldest first."""
        return list(self._log)

    def _open_client(self) -> httpx.AsyncClient:
        if self._client is None:
            raise RuntimeError("the sandbox is not running: enter the application's lifespan first")
        return self._client

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self._transport, timeout=self._patience.timeout_s, trust_env=False)

    def _send_each(self, sendings: Sequence[Sending], *, fault: Fault | None, then: Sequence[Sending]) -> None:
        for sending in sendings:
            after = [held for held in then if held.registration.id == sending.registration.id]
            self.start(self._send(sending, fault=fault, then=after), name=f"event {sending.event['id']}")

    async def _send(self, sending: Sending, *, fault: Fault | None, then: Sequence[Sending]) -> None:
        if fault is not None and fault.kind is FaultKind.EVENT_LATE:
            await self._sleep(fault.delay_s)
        copies = fault.copies if fault is not None and fault.kind is FaultKind.EVENT_REPEATED else 1
        for _ in range(copies):
            await self._until_taken(sending)
        for overtaken in then:
            await self._until_taken(overtaken)

    async def _until_taken(self, sending: Sending) -> None:
        sending.state = "sending"
        for attempt in range(self._patience.attempts):
            if attempt:
                await self._sleep(self._patience.delay_s * 2 ** (attempt - 1))
            status = await self._try(sending)
            sending.statuses.append(status)
            if status is not None and not _is_passing(status):
                sending.state = "taken" if 200 <= status < 300 else "refused"
                return
        sending.state = "given up"

    async def _try(self, sending: Sending) -> int | None:
        client = self._open_client()
        headers = {SECRET_HEADER: sending.registration.secret, "User-Agent": "flow-relay-sandbox"}
        try:
            async with asyncio.timeout(self._patience.timeout_s):
                url = sending.registration.endpoint_url
                async with client.stream("POST", url, json=sending.event, headers=headers) as response:
                    return response.status_code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, UnicodeEncodeError):
            return None


def sending_body(sending: Sending) -> dict[str, Any]:
    """A sending as the sandbox shows it: without the secret."""
    return {
        "event": sending.event,
        "endpointUrl": sending.registration.endpoint_url,
        "state": sending.state,
        "statuses": sending.statuses,
    }


def _is_passing(status: int) -> bool:
    return status >= 500 or status in WORTH_ANOTHER_TRY

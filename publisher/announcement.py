"""The announcement: the publisher tells the receiver itself that a version goes live.

It speaks the receiver's documented webhook contract (docs/webhook.md), with the same secret header as Genesys Cloud,
and adds the provenance, which nobody else knows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from random import Random
from typing import Any

import httpx

from publisher.errors import PublisherError
from publisher.genesys.backoff import RetryPolicy, retry_after_s
from publisher.genesys.model import Flow, FlowVersion
from publisher.provenance import Provenance

SECRET_HEADER = "X-Genesys-Webhook-Secret"  # noqa: S105 - the header's name
TIMEOUT_S = 10.0
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
POLICY = RetryPolicy(retries=3, first_delay_s=0.5, max_delay_s=5.0, longest_wait_s=15.0)

ADVICE: Mapping[int, str] = {
    401: "It knows no such source, or another secret: CI_WEBHOOK_SECRET must be the same on both sides.",
    404: "Is the path missing? The receiver's door is /webhooks/{source}, such as /webhooks/genesys.",
    405: "Is the path missing? The receiver's door is /webhooks/{source}, such as /webhooks/genesys.",
}


class AnnouncementType(StrEnum):
    """What the receiver is told."""

    PUBLISHING = "flow.version.publishing"
    PUBLISHED = "flow.version.published"
    ADOPTED = "flow.version.adopted"
    BLOCKED = "flow.content.blocked"
    UNBLOCKED = "flow.content.unblocked"


class AnnouncementError(PublisherError):
    """The receiver did not take an announcement."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """One thing that the receiver is told."""

    id: str
    type: AnnouncementType
    timestamp: datetime
    flow: Flow
    version: FlowVersion | None
    """None where the platform has yet to make it."""
    client_id: str
    provenance: Provenance

    def body(self) -> dict[str, Any]:
        """The JSON that is sent. What is not known is left out."""
        data = {
            "flowId": self.flow.id,
            "flowName": self.flow.name,
            "flowType": self.flow.type,
            "versionId": self.version.id if self.version else None,
            "versionNumber": self.version.number if self.version else None,
            "status": self.type.rpartition(".")[2],
            "publishedBy": {"id": self.client_id, "type": "client"},
        }
        return {
            "id": self.id,
            "event": self.type,
            "timestamp": self.timestamp.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "data": _known(data),
            "provenance": _known(asdict(self.provenance)),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcer:
    """The way to the receiver."""

    http: httpx.AsyncClient
    url: str
    secret: str = field(repr=False)
    clock: Callable[[], datetime]
    rng: Random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def send(self, announcement: Announcement) -> None:
        """Tell the receiver, again after passing faults: it knows a repetition by the announcement's id."""
        body = announcement.body()
        retry = 0
        while (fault := await self._post(body)) is not None:
            retry += 1
            delay_s = POLICY.delay_s(retry, wished_s=fault.wished_s, rng=self.rng) if fault.is_passing else None
            if delay_s is None:
                raise fault.error
            await self.sleep(delay_s)

    async def _post(self, body: Mapping[str, Any]) -> "_Fault | None":
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await self.http.post(self.url, json=body, headers={SECRET_HEADER: self.secret})
        except TimeoutError:
            return _no_answer(f"it did not answer within {TIMEOUT_S:.0f} s.", code="timeout")
        except httpx.TransportError as exc:
            return _no_answer(f"no connection: {str(exc) or type(exc).__name__}. Check CI_WEBHOOK_URL.", code="network")
        return None if answer.is_success else self._refusal(answer)

    def _refusal(self, answer: httpx.Response) -> "_Fault":
        advice = ADVICE.get(answer.status_code, "Check CI_WEBHOOK_URL and the receiver's log.")
        return _Fault(
            error=AnnouncementError(
                f"The receiver answered {answer.status_code}. {advice}", code=f"http.{answer.status_code}"
            ),
            is_passing=answer.status_code in PASSING,
            wished_s=retry_after_s(answer.headers.get("Retry-After"), now=self.clock()),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fault:
    error: AnnouncementError
    is_passing: bool
    wished_s: float | None = None


def _no_answer(reason: str, *, code: str) -> _Fault:
    return _Fault(error=AnnouncementError(f"The receiver could not be told: {reason}", code=code), is_passing=True)


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}

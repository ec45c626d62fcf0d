"""What a poll has found, as the event that it is: a version of a flow has gone live."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from publisher.genesys.model import Flow, FlowVersion
from receiver.clock import rfc3339
from receiver.config import Source
from receiver.envelopes.reading import read_event
from receiver.model import FLOW_VERSION_PUBLISHED, Event, Json, Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A version of a flow that an organization shows as having gone live."""

    flow: Flow
    version_id: str
    version_number: int | None = None
    published_at: datetime | None = None
    published_by: str | None = None

    @classmethod
    def of_flow(cls, flow: Flow) -> "Finding":
        """The version that is live."""
        return cls(
            flow=flow,
            version_id=flow.published_version_id or "",
            published_at=flow.published_at,
            published_by=flow.published_by,
        )

    @classmethod
    def of_version(cls, flow: Flow, version: FlowVersion) -> "Finding":
        """A version that went live, and may have been followed by another since."""
        return cls(flow=flow, version_id=version.id, version_number=version.number, published_at=version.date_published)

    @property
    def key(self) -> str:
        """What makes it one of a kind: the same version can go live again later."""
        return f"{self.flow.id} {self.version_id} {self._published or '-'}"

    def event(
        self,
        *,
        source: str,
        environment: str,
        organization: str | None,
        received_at: datetime,
        new_id: Callable[[], str],
    ) -> Event:
        """The event that it is; its body is that of a webhook."""
        body = json.dumps(self._body(organization)).encode()
        told_by = Source(name=source, environment=environment)
        event = read_event(body, source=told_by, headers={}, received_at=received_at, new_id=new_id)
        return replace(event, origin=Origin.POLL)

    @property
    def _published(self) -> str | None:
        return None if self.published_at is None else rfc3339(self.published_at)

    def _body(self, organization: str | None) -> Mapping[str, Json]:
        data = {
            "flowId": self.flow.id,
            "flowName": self.flow.name,
            "flowType": self.flow.type,
            "versionId": self.version_id,
            "versionNumber": self.version_number,
            "status": "published",
            "publishedBy": self.published_by,
        }
        envelope = {
            "id": self.key,
            "event": FLOW_VERSION_PUBLISHED,
            "timestamp": self._published,
            "organizationId": organization,
        }
        return {**_known(envelope), "data": _known(data)}


def _known(fields: Mapping[str, Json]) -> Mapping[str, Json]:
    return {name: value for name, value in fields.items() if value is not None}

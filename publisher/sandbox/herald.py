"""Tells every registration what it asked for: that a version is live, each move of an operation, each deed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from publisher.sandbox.envelopes import (
    AUDIT_TOPIC,
    FLOW_TOPIC,
    PUBLISHED,
    EventStyle,
    Sender,
    audit_envelope,
    flow_envelope,
    published_event,
)
from publisher.sandbox.faults import Fault, Faults
from publisher.sandbox.org import Org
from publisher.sandbox.records import Deed, OrgOperation
from publisher.sandbox.settings import SandboxSettings
from publisher.sandbox.webhooks import EVENT_FAULTS, Outbox


class Herald:
    """Says to whom it concerns what became of a flow."""

    def __init__(
        self,
        org: Org,
        outbox: Outbox,
        faults: Faults,
        *,
        settings: SandboxSettings,
        world: tuple[Callable[[], datetime], Callable[[], str]],
    ) -> None:
        self._org = org
        self._outbox = outbox
        self._faults = faults
        self._style = settings.event_style
        self._clock, new_id = world
        self._sender = Sender(organization_id=settings.organization_id, new_id=new_id)

    def moved(self, flow_id: str, operation: OrgOperation) -> None:
        """Tell of an operation that has come further; it went live where it was a publication that succeeded."""
        is_live = (operation.action, operation.status) == ("PUBLISH", "SUCCESS")
        flow, now = self._org.flow(flow_id), self._clock()
        fault = self._fault() if is_live else None
        if is_live and self._style is EventStyle.WEBHOOK:
            version = flow.versions[operation.version_id]
            self._post(
                PUBLISHED, lambda: published_event(self._sender, flow, version, by=operation.by, at=now), fault=fault
            )
        elif self._style is EventStyle.EVENTBRIDGE:
            self._post(PUBLISHED, lambda: flow_envelope(self._sender, flow, operation, at=now), fault=fault)
        self._post(FLOW_TOPIC, lambda: flow_envelope(self._sender, flow, operation, at=now), fault=fault)

    def done(self, deed: Deed) -> None:
        """Tell of a deed, as the audits will show it."""
        is_live = deed.action == "PUBLISH" and deed.has_succeeded and self._style is EventStyle.AUDIT
        fault = self._fault() if is_live else None
        if self._style is EventStyle.AUDIT:
            self._post(PUBLISHED, lambda: audit_envelope(self._sender, deed), fault=fault)
        self._post(AUDIT_TOPIC, lambda: audit_envelope(self._sender, deed), fault=fault)

    def _fault(self) -> Fault | None:
        is_heard = any({PUBLISHED, FLOW_TOPIC, AUDIT_TOPIC} & set(one.events) for one in self._org.registrations())
        return self._faults.due(EVENT_FAULTS) if is_heard else None

    def _post(self, topic: str, event: Callable[[], Mapping[str, Any]], *, fault: Fault | None) -> None:
        listeners = [registration for registration in self._org.registrations() if topic in registration.events]
        if listeners:
            self._outbox.post(event(), listeners, fault=fault)

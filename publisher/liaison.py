"""Sees to it that the receiver hears of publications: from Genesys Cloud, or else from us."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from publisher import registration
from publisher.announcement import Announcement, AnnouncementError, AnnouncementType, Announcer
from publisher.audit import Action, Audit, Status, error_code
from publisher.deadline import Deadline
from publisher.errors import PublisherError, WaitTimeoutError
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import GenesysError, NoWebhookApiError
from publisher.genesys.model import Flow, FlowVersion, RegistrationDraft
from publisher.provenance import Provenance
from publisher.voice import Voice


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """Both ways to the receiver: the registration that Genesys Cloud calls, and our own."""

    draft: RegistrationDraft
    announcer: Announcer
    client_id: str
    new_id: Callable[[], str]
    announce: bool | None = None
    """Whether we tell the receiver ourselves; None: only where the API knows no webhooks."""
    is_required: bool = False
    """Whether nothing is published unless the registration stands."""


class Liaison:
    """Ensures the registration once, and tells the receiver where that is ours to do."""

    def __init__(
        self, client: GenesysClient, webhook: Webhook, *, audit: Audit, deadline: Deadline, voice: Voice
    ) -> None:
        self._client = client
        self._webhook = webhook
        self._audit = audit
        self._deadline = deadline
        self._voice = voice
        self._ensuring = asyncio.Lock()
        self._is_ensured = False
        self._failure: PublisherError | None = None
        self._knows_webhooks = True
        """Whether the organization's API has registrations at all."""

    @property
    def announces(self) -> bool:
        """Whether the receiver is told by us."""
        chosen = self._webhook.announce
        return not self._knows_webhooks if chosen is None else chosen

    async def ensure(self, *, voice: Voice | None = None) -> None:
        """Ensure the registration, the first time that this is asked for; whoever asks meanwhile waits for it."""
        async with self._ensuring:
            if not self._is_ensured:
                (voice or self._voice).stage("Seeing to the webhook registration")
                await self._try_to_register()
                self._is_ensured = True
            if self._failure is not None:
                raise self._failure

    async def intention(self) -> str:
        """What `ensure` would do, as words that complete "would …". Changes nothing."""
        try:
            plan = await registration.preview(self._client, self._webhook.draft)
        except GenesysError as exc:
            return f"try to register the webhook, though it cannot be asked for: {exc}"
        return registration.intention(plan)

    async def tell(
        self,
        kind: AnnouncementType,
        flow: Flow,
        version: FlowVersion | None,
        provenance: Provenance,
        *,
        voice: Voice | None = None,
    ) -> bool:
        """Tell the receiver; whether it took it. A receiver that is away does not stop a publication."""
        voice = voice or self._voice
        announcement = Announcement(
            id=self._webhook.new_id(),
            type=kind,
            timestamp=self._webhook.announcer.clock(),
            flow=flow,
            version=version,
            client_id=self._webhook.client_id,
            provenance=provenance,
        )
        voice.stage("Telling the receiver")
        version_id = version.id if version else None
        try:
            with self._audit.timed(Action.ANNOUNCE, flow_id=flow.id, version_id=version_id) as entry:
                entry.message = kind
                async with self._deadline.limit("telling the receiver"):
                    await self._webhook.announcer.send(announcement)
        except (AnnouncementError, WaitTimeoutError) as exc:
            voice.warn(f"{kind} was not announced: {exc}")
            return False
        return True

    async def _try_to_register(self) -> None:
        try:
            await self._register()
        except (GenesysError, WaitTimeoutError) as exc:
            if self._webhook.is_required:
                self._failure = PublisherError(f"webhook registration failed: {exc}", code=error_code(exc))
                self._failure.__cause__ = exc
            else:
                self._voice.warn(f"webhook registration failed: {exc}")

    async def _register(self) -> None:
        with self._audit.timed(Action.REGISTER_WEBHOOK) as entry:
            try:
                async with self._deadline.limit("registering the webhook"):
                    ensured = await registration.ensure(self._client, self._webhook.draft)
            except NoWebhookApiError:
                if self._webhook.is_required:
                    raise
                self._knows_webhooks = False
                entry.status, entry.message = Status.SKIPPED, "this host knows no webhook registrations"
            else:
                entry.message = ensured.change
                self._voice.say(f"{registration.sentence(ensured)}.")

"""The ledger that a command works with: the file that `--state` names, else the receiver's history, else none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.announcement import Announcement, AnnouncementType, Announcer
from publisher.cli.project import Project
from publisher.cli.surroundings import Surroundings
from publisher.environments import OnDrift
from publisher.errors import UsageError
from publisher.genesys.model import Flow, FlowVersion
from publisher.ledger.history import History
from publisher.ledger.ledger import Ledger
from publisher.ledger.receiver_ledger import ReceiverLedger
from publisher.ledger.state_file import open_state
from publisher.provenance import Provenance, provenance_of

if TYPE_CHECKING:
    import httpx

StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="FILE",
        help="Keep in this file what was published. [default: the receiver's history, with RELAY_TOKEN set]",
    ),
]

OnDriftOption = Annotated[
    OnDrift | None,
    typer.Option("--on-drift", help="What to do where others have put something live. [default: on_drift, else fail]"),
]

HOW_TO_KNOW = "give --state FILE, or receiver.url in config/publisher.yaml and the receiver's token in RELAY_TOKEN"


@asynccontextmanager
async def open_ledger(
    around: Surroundings, project: Project, http: "httpx.AsyncClient", *, state: Path | None, writes: bool
) -> AsyncIterator[Ledger | None]:
    """The ledger for as long as the block runs; a state file is held against other processes by whoever writes."""
    if state is not None:
        with open_state(state, writes=writes) as ledger:
            yield ledger
        return
    history = history_of(around, project, http=http)
    if history is None:
        yield None
        return
    provenance = provenance_of(around.environ)
    provenance = replace(provenance, environment=project.environment.name or provenance.environment)
    messenger = messenger_of(around, project, http=http)
    yield ReceiverLedger(history, tell=messenger.tell if messenger else None, provenance=provenance)


def need_ledger(ledger: Ledger | None, *, doing: str) -> Ledger:
    """The ledger, or a refusal that says how to have one."""
    if ledger is None:
        raise UsageError(f"To {doing}, flow-relay has to know what it has published: {HOW_TO_KNOW} (docs/state.md).")
    return ledger


def history_of(around: Surroundings, project: Project, *, http: "httpx.AsyncClient") -> History | None:
    """The receiver's history, where the project says where it is and holds a token for it."""
    url, settings = project.receiver_url, project.settings
    if url is None or settings.receiver_token is None:
        return None
    return History(
        http=http,
        url=url,
        token=settings.receiver_token,
        token_name=settings.receiver_token_name,
        clock=around.clock,
        rng=around.rng,
        sleep=around.sleep,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Messenger:
    """Tells the receiver what is no publication."""

    announcer: Announcer
    client_id: str
    around: Surroundings

    async def tell(
        self, kind: AnnouncementType, flow: Flow, version: FlowVersion | None, provenance: Provenance
    ) -> None:
        """Tell it; an error where it does not take it."""
        await self.announcer.send(
            Announcement(
                id=self.around.new_id(),
                type=kind,
                timestamp=self.around.clock(),
                flow=flow,
                version=version,
                client_id=self.client_id,
                provenance=provenance,
            )
        )


def messenger_of(around: Surroundings, project: Project, *, http: "httpx.AsyncClient") -> Messenger | None:
    """The way to the receiver's door, where the project has it."""
    url, secret = project.webhook_url, project.settings.webhook_secret
    if url is None or secret is None:
        return None
    announcer = Announcer(http=http, url=url, secret=secret, clock=around.clock, rng=around.rng, sleep=around.sleep)
    return Messenger(announcer=announcer, client_id=project.settings.client_id or "", around=around)

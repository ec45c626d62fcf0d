"""What a person may ask of `publisher publish`, and whether the webhook for it is there."""

from dataclasses import dataclass
from pathlib import Path

import httpx

from publisher import registration
from publisher.announcement import Announcer
from publisher.archy import NO_VALUES, Values
from publisher.cli.project import Project
from publisher.cli.surroundings import Surroundings
from publisher.environments import OnDrift
from publisher.errors import UsageError
from publisher.liaison import Webhook
from publisher.voice import Voice

DEFAULT_TIMEOUT_S = 900.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What the person asked for on the command line."""

    dry_run: bool = False
    publish: bool = True
    timeout_s: float = DEFAULT_TIMEOUT_S
    max_nodes: int | None = None
    announce: bool | None = None
    require_webhook: bool = False
    audit_file: Path | None = None
    metrics_file: Path | None = None
    governance_id: str | None = None
    yes: bool = False
    values: Values = NO_VALUES
    """The values of the command line."""
    value_options: tuple[str, ...] = ()
    """The options that gave values, as the next command needs them."""
    concurrency: int | None = None
    lock_wait_s: float | None = None
    """How long to wait for a lock; None: as the environment says."""
    force_unlock: bool = False
    state: Path | None = None
    """The file in which it is kept what was published."""
    on_drift: OnDrift | None = None
    """What to do about drift; None: as the environment says."""
    force: bool = False
    """Whether unchanged content is published all the same."""
    preflight: bool = True
    """Whether it is looked up first what the files name."""
    rename: bool = False
    """Whether a flow gets the name of its file."""


def check_webhook(project: Project, wishes: Wishes, *, voice: Voice) -> None:
    """Refuse what cannot be without a webhook; half a webhook is worth a warning."""
    has_url, has_secret = bool(project.webhook_url), bool(project.settings.webhook_secret)
    if has_url and has_secret:
        return
    option = "--require-webhook" if wishes.require_webhook else "--announce" if wishes.announce else None
    if option is not None:
        raise UsageError(f"{option} needs CI_WEBHOOK_URL and CI_WEBHOOK_SECRET; they are not both set.")
    if has_url or has_secret:
        present, absent = ("URL", "secret") if has_url else ("secret", "URL")
        voice.warn(f"the webhook's {present} is set but not its {absent}; nothing will be registered")


def options_of_place(project: Project, wishes: Wishes) -> tuple[str, ...]:
    """The options that say where the command was at work, as the next one needs them."""
    config = ("--config", str(project.config_file)) if project.config_file else ()
    environment = ("--env", project.environment.name) if project.environment.name else ()
    state = ("--state", str(wishes.state)) if wishes.state else ()
    return (*config, *environment, *state)


def announces(project: Project, wishes: Wishes) -> bool | None:
    """Whether we tell the receiver ourselves; where its history is our ledger, it has to hear of it."""
    is_ledger = project.settings.receiver_token is not None and wishes.state is None
    return True if wishes.announce is None and is_ledger else wishes.announce


def webhook_of(
    project: Project, wishes: Wishes, around: Surroundings, *, http: httpx.AsyncClient, client_id: str
) -> Webhook | None:
    """Both ways to the receiver, where the project has them."""
    url, secret = project.webhook_url, project.settings.webhook_secret
    if url is None or secret is None:
        return None
    announcer = Announcer(http=http, url=url, secret=secret, clock=around.clock, rng=around.rng, sleep=around.sleep)
    return Webhook(
        draft=registration.wanted(url=url, secret=secret),
        announcer=announcer,
        client_id=client_id,
        new_id=around.new_id,
        announce=announces(project, wishes),
        is_required=wishes.require_webhook,
    )

"""`publisher publish`: checks flow files, pushes them as versions, and puts these live."""

from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.errand import Errand
from publisher.cli.ledgers import OnDriftOption, StateOption
from publisher.cli.options import (
    ConfigOption,
    EnvOption,
    FilesArgument,
    FlowIdOption,
    JsonOption,
    MaxNodesOption,
    TimeoutOption,
    YesOption,
)
from publisher.cli.person import Person
from publisher.cli.project import choose, read_project
from publisher.cli.surroundings import Surroundings
from publisher.cli.values import SetOption, ValuesOption, given_values, said_again
from publisher.cli.wishes import DEFAULT_TIMEOUT_S, Wishes
from publisher.config import MOST_CONCURRENCY
from publisher.durations import read_duration
from publisher.errors import UsageError
from publisher.settings import check_governance_id

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Check the files, say what would be sent, and change nothing.")
]
NoPublishOption = Annotated[
    bool, typer.Option("--no-publish", help="End after a passed validation: the version is there, but not live.")
]
NoPreflightOption = Annotated[
    bool, typer.Option("--no-preflight", help="Do not look up first what the files name in the organization.")
]
RenameOption = Annotated[
    bool, typer.Option("--rename", help="Give a flow the name that its Archy file has now; it keeps its id.")
]
ConcurrencyOption = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_CONCURRENCY, help="How many files to publish at the same time. [default: 8]"),
]
WaitForLockOption = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION",
        help="How long to wait for a flow that somebody is editing, such as 10m; 0 not at all. [default: on_lock]",
    ),
]
ForceUnlockOption = Annotated[
    bool, typer.Option("--force-unlock", help="Take locks away; asks for each, on a terminal only.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Publish content that is live already, too.")]
AnnounceOption = Annotated[
    bool | None,
    typer.Option(
        "--announce/--no-announce",
        help="Tell the receiver ourselves, or do not. [default: only where the API knows no webhooks]",
        show_default=False,
    ),
]
RequireWebhookOption = Annotated[
    bool, typer.Option("--require-webhook", help="Publish nothing unless the webhook registration stands.")
]
AuditFileOption = Annotated[
    Path | None, typer.Option(metavar="PATH", help="Add the audit records to this file too, as JSON lines.")
]
MetricsFileOption = Annotated[
    Path | None, typer.Option(metavar="PATH", help="Write counts and durations here, in Prometheus' text format.")
]
GovernanceIdOption = Annotated[
    str | None,
    typer.Option(metavar="ID", help="The change that all records name. [env: GOVERNANCE_ID; default: a new GOV-…]"),
]


def publish(
    context: typer.Context,
    files: FilesArgument = None,
    *,
    dry_run: DryRunOption = False,
    no_publish: NoPublishOption = False,
    flow_id: FlowIdOption = None,
    max_nodes: MaxNodesOption = None,
    settings: SetOption = None,
    values: ValuesOption = None,
    no_preflight: NoPreflightOption = False,
    rename: RenameOption = False,
    concurrency: ConcurrencyOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    wait_for_lock: WaitForLockOption = None,
    force_unlock: ForceUnlockOption = False,
    state: StateOption = None,
    on_drift: OnDriftOption = None,
    force: ForceOption = False,
    announce: AnnounceOption = None,
    require_webhook: RequireWebhookOption = False,
    audit_file: AuditFileOption = None,
    metrics_file: MetricsFileOption = None,
    governance_id: GovernanceIdOption = None,
    env: EnvOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Check flow files, push versions, and put them live.

    First all files are checked; if one has a problem, nothing is sent. What is live already is skipped, and what others
    have put live is not written over (docs/state.md). Then, some files at a time, each after those
    that it refers to: create a version and wait for the server's validation, or, of an Archy file, hand it to a job;
    see to the webhook registration (with CI_WEBHOOK_URL and CI_WEBHOOK_SECRET set); publish, and check that the version
    is really live. A file that fails keeps back only those that refer to it.

    Ctrl-C ends it at once and says how far it has come. Exit codes: docs/exit-codes.md.
    """
    around: Surroundings = context.obj
    check_governance_id(governance_id, name="--governance-id")
    check_unlocking(around, force_unlock=force_unlock)
    project = read_project(around.environ, config_file=config, env=env)
    errand = Errand(
        around,
        project,
        files=choose(project, files or [], flow_id=flow_id),
        wishes=Wishes(
            dry_run=dry_run,
            publish=not no_publish,
            timeout_s=timeout,
            max_nodes=max_nodes,
            announce=announce,
            require_webhook=require_webhook,
            audit_file=audit_file,
            metrics_file=metrics_file,
            governance_id=governance_id,
            yes=yes,
            values=given_values(settings, values),
            value_options=said_again(settings, values),
            concurrency=concurrency,
            state=state,
            on_drift=on_drift,
            force=force,
            preflight=not no_preflight,
            rename=rename,
            lock_wait_s=None if wait_for_lock is None else lock_wait(wait_for_lock),
            force_unlock=force_unlock,
        ),
        console=around.console(as_json=as_json),
    )
    raise typer.Exit(errand.run())


def lock_wait(text: str) -> float:
    """The seconds of `--wait-for-lock`."""
    try:
        return 0.0 if text == "0" else read_duration(text)
    except ValueError as exc:
        raise UsageError(f"--wait-for-lock is {text!r}; {exc}, or 0.") from exc


def check_unlocking(around: Surroundings, *, force_unlock: bool) -> None:
    """Refuse to take locks away where nobody can be asked."""
    if force_unlock and not Person(around).is_there:
        raise UsageError(
            "--force-unlock publishes the draft of whoever holds the lock, so it asks first, and nobody is there to be"
            " asked. Use it on a terminal; elsewhere, --wait-for-lock waits."
        )

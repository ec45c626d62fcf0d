"""`publisher eventbridge`: the code that leads Genesys Cloud's own flow events to the receiver, by way of AWS."""

from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.options import ConfigOption
from publisher.cli.project import read_webhook_url
from publisher.cli.surroundings import Surroundings
from publisher.eventbridge import Bridge
from publisher.eventbridge import cloudformation as template
from publisher.eventbridge import terraform as module

UrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="Where the receiver listens, path included. [env: CI_WEBHOOK_URL; else the config]"
    ),
]
EventSourceOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The partner event source: aws.partner/genesys.com/cloud/ORGANIZATION/SUFFIX."),
]

eventbridge = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Write the code that leads events through EventBridge.",
)


@eventbridge.command()
def terraform(
    context: typer.Context,
    *,
    url: UrlOption = None,
    event_source: EventSourceOption = None,
    config: ConfigOption = None,
) -> None:
    """Print a Terraform module.

    Rule, API destination with the secret header, dead-letter queue, alarm.

    What is not known becomes a variable without a default. The secret is never printed, and is always asked for.
    """
    around: Surroundings = context.obj
    around.out.write(module(_bridge(around, url=url, event_source=event_source, config=config)))
    around.console(as_json=False).say(
        "Next: save it as flow-relay.tf, set TF_VAR_webhook_secret to the receiver's CI_WEBHOOK_SECRET, then"
        " `terraform init && terraform apply` (docs/eventbridge.md)."
    )


@eventbridge.command()
def cloudformation(
    context: typer.Context,
    *,
    url: UrlOption = None,
    event_source: EventSourceOption = None,
    config: ConfigOption = None,
) -> None:
    """Print a CloudFormation template.

    Rule, API destination with the secret header, dead-letter queue, alarm.

    What is not known becomes a parameter without a default. The secret is never printed, and is always asked for.
    """
    around: Surroundings = context.obj
    around.out.write(template(_bridge(around, url=url, event_source=event_source, config=config)))
    around.console(as_json=False).say(
        "Next: save it as flow-relay.yaml, then `aws cloudformation deploy --stack-name flow-relay --template-file"
        ' flow-relay.yaml --capabilities CAPABILITY_IAM --parameter-overrides "WebhookSecret=$CI_WEBHOOK_SECRET"`'
        " (docs/eventbridge.md)."
    )


def _bridge(around: Surroundings, *, url: str | None, event_source: str | None, config: Path | None) -> Bridge:
    """The bridge to where the receiver listens: as the option says, else the environment, else the config."""
    known = url or read_webhook_url(around.environ, config_file=config)
    return Bridge(url=known, event_source=event_source)

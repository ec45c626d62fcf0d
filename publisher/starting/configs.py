"""The config files that a project begins with, and the example of what has to be set."""

from collections.abc import Iterator

from publisher.settings import RECEIVER_TOKEN, WEBHOOK_SECRET
from publisher.starting.beginning import Beginning

MOST_FLOWS = 20
"""More flows than this are counted, and not listed."""


def environments_yaml(beginning: Beginning) -> str:
    """`config/environments.yaml`, with the one environment that is known."""
    return "\n".join(
        [
            "# The places that flows are pushed to. With several, every command wants to know which: --env NAME",
            "environments:",
            *environment_lines(beginning),
            "",
        ]
    )


def environment_lines(beginning: Beginning) -> Iterator[str]:
    """The entry of the environment, as it stands in the file."""
    name = f"   # {_comment(beginning.organization_name)}" if beginning.organization_name else ""
    yield f"  {beginning.environment}:"
    yield from (f"    {key}: {_quoted(value)}" for key, value in beginning.place.items())
    if beginning.organization:
        yield f"    organization: {beginning.organization}{name}"
    yield f"    client_id: {beginning.client_id}   # the NAME of the variable, here and below; never a secret itself"
    yield f"    client_secret: {beginning.client_secret}"
    yield "    protected: false   # true: a person has to agree to every change, on the terminal or with --yes"


def publisher_yaml(beginning: Beginning) -> str:
    """`config/publisher.yaml`: which files are flows, and where the receiver is."""
    receiver = [
        "receiver:",
        f"  url: {_quoted(beginning.receiver_url or 'https://relay.example.com')}",
        "  source: genesys",
        f"  secret: {WEBHOOK_SECRET}   # the NAME of the variable with the secret",
        f"  token: {RECEIVER_TOKEN}   # likewise, with a token for its API: it tells what was published",
    ]
    return "\n".join(
        [
            "# Which files are flows, and what is particular to this project.",
            "flows:",
            f"  - files: {_files(beginning)}",
            *_known_flows(beginning),
            "",
            "# Where the receiver listens; CI_WEBHOOK_URL comes before it.",
            *(receiver if beginning.receiver_url else (f"# {line}" for line in receiver)),
            "",
        ]
    )


def receiver_yaml(beginning: Beginning) -> str:
    """`config/receiver.yaml`: the one way in, and a pipeline to take the `#` away from."""
    return f"""\
# What the receiver takes in, and what follows. `receiver config check` checks this file.
sources:
  genesys:                                   # POST /webhooks/genesys
    secrets: [{WEBHOOK_SECRET}]
    environment: {beginning.environment}

# What follows an event. To try it, take the `#` away, and set CI_TOKEN.
#
# secrets:
#   CI_TOKEN: {{hosts: [ci.example.com]}}
# pipelines:
#   deploy:
#     on: {{environment: {beginning.environment}}}
#     steps:
#       - id: deploy
#         target: http
#         url: https://ci.example.com/deploy
#         headers: {{Authorization: "Bearer ${{{{ secrets.CI_TOKEN }}}}"}}
#         json: {{flow: "${{{{ event.flow_name }}}}", version: "${{{{ event.version_id }}}}"}}
"""


def example_env(beginning: Beginning) -> str:
    """`example.env`: the names of all that has to be set, without a single value that is secret."""
    return f"""\
# What the commands need to be set. Copy it to .env, which git must not take, and fill it in; then, in a shell:
#   set -a; . ./.env; set +a
# Each can also stand in a file of its own: NAME_FILE=/run/secrets/… instead of NAME.

# The OAuth client of environment {beginning.environment!r}, of the type 'Client Credentials'.
{beginning.client_id}=
{beginning.client_secret}=

# Where the receiver listens, path included, and the secret that it knows the sender by (long and random).
CI_WEBHOOK_URL={beginning.receiver_url.rstrip("/") + "/webhooks/genesys" if beginning.receiver_url else ""}
{WEBHOOK_SECRET}=

# Who has it may look at the receiver's history.
RECEIVER_ADMIN_TOKEN=

# The same, for the publisher: it asks the receiver what was published, skips what is live already, and sees drift.
{RECEIVER_TOKEN}=
"""


def _known_flows(beginning: Beginning) -> Iterator[str]:
    """The organization's flows, for people to take an id from."""
    if not beginning.flows:
        return
    yield f"# In {beginning.environment} there are these flows. A file for one of them, found by its id, not its name:"
    for flow in beginning.flows[:MOST_FLOWS]:
        known = f"{{{beginning.environment}: {flow.id}}}"
        yield f"#   - {{file: flows/….yaml, id: {known}}}   # {_comment(flow.name or '')}"
    if len(beginning.flows) > MOST_FLOWS:
        yield f"#   and {len(beginning.flows) - MOST_FLOWS} more"


def _files(beginning: Beginning) -> str:
    """The platform takes Archy files; what has a URL may take graph files, too."""
    return "flows/**/*.yaml" if "region" in beginning.place else "flows/**   # every .yaml, .yml and .json file"


def _comment(text: str) -> str:
    """A server's words, fit for the end of a comment."""
    return "".join(char if char.isprintable() else " " for char in text)


def _quoted(text: str) -> str:
    """A text as YAML; an address holds a colon, and needs quotes in some places."""
    return f'"{text}"' if ":" in text else text

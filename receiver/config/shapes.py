"""What `config/receiver.yaml` may look like: the models that check it and that its JSON Schema is made from."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from receiver.config.amounts import (
    AGE,
    DURATION,
    RATE,
    SIZE,
    VOLUME,
    Rate,
    read_age,
    read_duration,
    read_networks,
    read_pace,
    read_rate,
    read_size,
    read_volume,
)
from receiver.model import FLOW_VERSION_PUBLISHED

NAME = r"^[a-z][a-z0-9_-]*$"
STEP_ID = r"^[a-z][a-z0-9_]*$"
VARIABLE = r"^[A-Z][A-Z0-9_]*$"
HEADER = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
HOST = r"^([a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$"


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _network(text: str) -> str:
    read_networks(text)
    return text


def _networks(texts: list[str]) -> list[str]:
    return [network for text in texts for network in read_networks(text)]


Name = Annotated[str, StringConstraints(pattern=NAME, max_length=64)]
StepId = Annotated[str, StringConstraints(pattern=STEP_ID, max_length=64)]
Variable = Annotated[str, StringConstraints(pattern=VARIABLE)]
Header = Annotated[str, StringConstraints(pattern=HEADER)]
Host = Annotated[str, StringConstraints(pattern=HOST)]
Filled = Annotated[str, StringConstraints(min_length=1)]
Some = Annotated[list[Filled], Field(min_length=1), BeforeValidator(_listed, json_schema_input_type=str | list[str])]
Duration = Annotated[
    float, BeforeValidator(read_duration, json_schema_input_type=Annotated[str, Field(pattern=DURATION)])
]
Pace = Annotated[float, BeforeValidator(read_pace, json_schema_input_type=Annotated[str, Field(pattern=DURATION)])]
Size = Annotated[int, BeforeValidator(read_size, json_schema_input_type=Annotated[str, Field(pattern=SIZE)])]
Age = Annotated[float | None, BeforeValidator(read_age, json_schema_input_type=Annotated[str, Field(pattern=AGE)])]
Volume = Annotated[
    int | None, BeforeValidator(read_volume, json_schema_input_type=Annotated[str, Field(pattern=VOLUME)])
]
PerTime = Annotated[Rate, BeforeValidator(read_rate, json_schema_input_type=Annotated[str, Field(pattern=RATE)])]
Networks = Annotated[list[Annotated[str, AfterValidator(_network)]], AfterValidator(_networks)]


def duration(text: str) -> Any:  # noqa: ANN401 - a default that pydantic reads
    """A default written as people write it."""
    return Field(default=text, validate_default=True)


class Shape(BaseModel):
    """A mapping in the config; an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)

    later: ClassVar[frozenset[str]] = frozenset()
    """Keys that are known and that this release does not support yet."""

    @classmethod
    def keys(cls) -> Iterable[str]:
        """The keys as they are written."""
        return [field.alias or name for name, field in cls.model_fields.items()]


class SourceShape(Shape):
    """A way in: POST /webhooks/{name}, or a poll of an environment."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["secrets"]}, {"required": ["poll"]}]})

    verify: Literal["header", "hmac-sha256", "standard-webhooks", "bearer"] = "header"
    """How a request proves where it comes from: a secret in a header, a bearer token, or a signature over the body."""
    header: Header | None = None
    """The header with the secret (X-Genesys-Webhook-Secret unless given) or signature (X-Hub-Signature-256)."""
    secrets: Annotated[list[Variable], Field(min_length=1)] | None = None
    """Names of environment variables, each with a secret that lets a request in; a door needs them, a poll has none."""
    poll: Name | None = None
    """The environment, of environments.yaml, that is asked what has gone live; nothing comes in by a door then."""
    every: Pace = duration("60s")
    """How often it is asked."""
    environment: Filled | None = None
    """What `on.environment` calls the events of this source when they do not say so themselves."""
    expect_within: Duration | None = None
    """How long this source may be silent before that is worth a warning."""
    networks: Annotated[Networks, Field(min_length=1)] | None = None
    """Where requests may come from: networks such as 10.0.0.0/8, `private` or `loopback`; anywhere unless given."""
    rate: PerTime | None = None
    """How many events are taken in, such as 60/m; any number unless given."""


class SecretShape(Shape):
    """A secret that templates may name."""

    hosts: Annotated[list[Host], Field(min_length=1)]
    """The hosts that it may be sent to, each with or without a port."""


class TargetShape(Shape):
    """A downstream system."""

    later = frozenset({"concurrency", "rate", "token", "url", "user", "verify"})

    kind: Literal["http"]
    """What it is."""


class OnShape(Shape):
    """Which events set the pipeline off: all that is given must hold."""

    type: Some = [FLOW_VERSION_PUBLISHED]
    """Types of events, or globs of them."""
    flow: Some | None = None
    """Names or ids of flows, or globs of them."""
    environment: Some | None = None
    """Environments."""
    source: Some | None = None
    """Names of sources."""
    when: Filled | None = None
    """A CEL expression over `event` that must be true."""
    own: bool = False
    """Whether publications that this receiver made itself count too."""


class ConcurrencyShape(Shape):
    """What a run does while another of its group is running."""

    group: Filled | None = None
    """What runs have in common, a template over `event`; the pipeline and the flow unless given."""
    policy: Literal["latest", "queue", "parallel"] = "latest"
    """`latest`: only the newest waits; `queue`: all wait in order; `parallel`: none waits."""


class SuccessShape(Shape):
    """Which answer means that the step succeeded."""

    later = frozenset({"body"})

    status: Annotated[list[Annotated[int, Field(ge=200, le=599)]], Field(min_length=1)] = [200, 201, 202, 204]
    """The HTTP statuses that do."""


class RetryShape(Shape):
    """How often, and how long, a passing fault is tried again."""

    attempts: Annotated[int, Field(ge=1, le=50)] = 5
    """How many attempts there are at most, the first included."""
    delay: Duration = duration("1s")
    """The wait before the second attempt; it doubles from one to the next."""
    max_delay: Duration = duration("1h")
    """The longest wait."""
    give_up_after: Duration = duration("24h")
    """How long after the first attempt the last one may be."""


class StepShape(Shape):
    """One downstream call."""

    later = frozenset({"action", "approval", "on_ambiguous", "outputs", "to", "window"})

    id: StepId
    """Its name within the pipeline, as templates name it."""
    target: Name
    """The target that is called: one of `targets`, or a kind that needs no settings, such as `http`."""
    needs: list[StepId] | None = None
    """The steps that must have ended before; the one above unless given, [] is none."""
    if_: Literal["success()", "failure()", "always()"] = Field(default="success()", alias="if")
    """What must have become of the needed steps; otherwise this one is skipped."""
    timeout: Duration = duration("1h")
    """How long the step may take, all attempts included."""
    attempt_timeout: Duration = duration("10s")
    """How long one attempt may take."""
    wait: Literal["none"] = "none"
    """`none`: the step ends with the answer."""
    retry: RetryShape = RetryShape()
    method: Literal["POST", "PUT", "PATCH", "GET", "DELETE"] = "POST"
    """The HTTP method."""
    url: Filled
    """The address; path and query may hold templates, the host may not."""
    headers: dict[Header, str] = {}
    """Request headers; values may hold templates."""
    json_: Any = Field(default=None, alias="json")
    """The body as JSON, with templates; the event, the run and the step unless `json` or `body` is given."""
    body: str | None = None
    """The body as text, with templates."""
    success: SuccessShape = SuccessShape()


class PipelineShape(Shape):
    """A rule and the steps that follow."""

    later = frozenset({"confirm", "max_age", "vars"})

    owner: Filled | None = None
    """Who looks after it."""
    on: OnShape
    concurrency: ConcurrencyShape = ConcurrencyShape()
    steps: Annotated[list[StepShape], Field(min_length=1, max_length=100)]
    """What is called, in order unless `needs` says otherwise."""


class LimitsShape(Shape):
    """Limits of the door."""

    body: Size = Field(default="1MiB", validate_default=True)
    """The largest body that is taken in."""


class RetentionShape(Shape):
    """How long the history is kept. What has not ended, and what is live, stays."""

    events: Age = Field(default="400d", validate_default=True)
    """How old an event becomes, with its runs; or `forever`."""
    bodies: Age = Field(default="30d", validate_default=True)
    """How long bodies are kept: of events, and of what was sent and answered for them; or `forever`."""
    max_size: Volume = Field(default="5GB", validate_default=True)
    """How much an SQLite database may hold before the oldest goes whatever its age; or `unlimited`."""


class OutboundShape(Shape):
    """Where steps may reach."""

    deny: Networks = []
    """`private`, `loopback`, or networks such as 10.0.0.0/8, that no step may call."""


class ConfigShape(Shape):
    """The config of the receiver."""

    later = frozenset({"environments", "windows"})

    sources: dict[Name, SourceShape] | None = None
    """The ways in, by name; one `genesys` unless given."""
    secrets: dict[Variable, SecretShape] | None = None
    """The secrets that templates may name, by environment variable."""
    targets: dict[Name, TargetShape] | None = None
    """Downstream systems, by name."""
    pipelines: dict[Name, PipelineShape] | None = None
    """What follows which event, by name."""
    limits: LimitsShape = LimitsShape()
    retention: RetentionShape = RetentionShape()
    outbound: OutboundShape = OutboundShape()


SHAPES: dict[tuple[str, ...], type[Shape]] = {
    (): ConfigShape,
    ("sources", "*"): SourceShape,
    ("secrets", "*"): SecretShape,
    ("targets", "*"): TargetShape,
    ("limits",): LimitsShape,
    ("retention",): RetentionShape,
    ("outbound",): OutboundShape,
    ("pipelines", "*"): PipelineShape,
    ("pipelines", "*", "on"): OnShape,
    ("pipelines", "*", "concurrency"): ConcurrencyShape,
    ("pipelines", "*", "steps", "*"): StepShape,
    ("pipelines", "*", "steps", "*", "retry"): RetryShape,
    ("pipelines", "*", "steps", "*", "success"): SuccessShape,
}
"""The shape of the mapping at each path."""

"""What a config consists of once it has been read and checked."""

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from receiver.config.amounts import Rate
from receiver.config.environments import Environment
from receiver.expressions import Expression, Template
from receiver.model import GroupPolicy, Json, NewStep

DEFAULT_HEADER = "X-Genesys-Webhook-Secret"
DEFAULT_HEADERS = {"header": DEFAULT_HEADER, "hmac-sha256": "X-Hub-Signature-256"}
"""The header of each scheme that leaves its name to the config."""
SIGNED = frozenset({"hmac-sha256", "standard-webhooks"})
"""The schemes that prove the body, too."""
DEFAULT_SECRETS = ("CI_WEBHOOK_SECRET", "CI_WEBHOOK_SECRET_PREVIOUS")
DEFAULT_MAX_BODY_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A way in: `POST /webhooks/{name}`, and how its requests prove where they come from."""

    name: str
    scheme: str = "header"
    header: str = DEFAULT_HEADER
    secrets: tuple[str, ...] = DEFAULT_SECRETS
    """Names of environment variables, never values; each of them lets a request in."""
    environment: str | None = None
    expect_within_s: float | None = None
    """How long this source may be silent before that is worth a warning."""
    networks: tuple[str, ...] = ()
    """Where its requests may come from, such as `10.0.0.0/8`; empty means anywhere."""
    rate: Rate | None = None
    """How much is taken in from it."""

    @property
    def is_signed(self) -> bool:
        """Whether its requests are proven by a signature over the body."""
        return self.scheme in SIGNED


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll:
    """A way in that asks: what has gone live in an environment, again and again."""

    name: str
    environment: Environment
    every_s: float = 60.0
    expect_within_s: float | None = None
    """How long nothing may have gone live before that is worth a warning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretRule:
    """A secret that templates may name, and the hosts that it may be sent to."""

    name: str
    hosts: tuple[str, ...] = ()
    """Lower case; `host` stands for any port of that host, `host:port` for one."""

    def allows(self, *, host: str, port: int) -> bool:
        """Whether the secret may be sent there."""
        return host in self.hosts or f"{host}:{port}" in self.hosts


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A downstream system that steps name, and what it is."""

    name: str
    kind: str
    settings: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Which events set a pipeline off (`on:`); empty means any."""

    types: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    when: Expression | None = None
    own: bool = False
    """Whether publications that this receiver made itself count too."""

    @cached_property
    def type_pattern(self) -> re.Pattern[str]:
        """The globs of `types` as one pattern."""
        return _pattern(self.types)

    @cached_property
    def flow_pattern(self) -> re.Pattern[str]:
        """The globs of `flows` as one pattern."""
        return _pattern(self.flows)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipeline:
    """A rule and its steps."""

    name: str
    owner: str | None = None
    rule: Rule
    group: Template | None = None
    """What its runs have in common; None is this pipeline and the event's flow."""
    policy: GroupPolicy = GroupPolicy.LATEST
    steps: tuple[NewStep, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How long the history is kept, and how large it may become; None is for ever, and without limit."""

    events_s: float | None = 400 * 86400.0
    """How old an event becomes, with its runs."""
    bodies_s: float | None = 30 * 86400.0
    """How long the bodies of an event, and of what was sent and answered for it, are kept."""
    max_bytes: int | None = 5 * 10**9
    """How much the database may hold before the oldest goes whatever its age."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """All of `config/receiver.yaml`."""

    sources: tuple[Source, ...] = (Source(name="genesys"),)
    """The doors; `polls` are sources, too."""
    polls: tuple[Poll, ...] = ()
    secrets: tuple[SecretRule, ...] = ()
    targets: tuple[Target, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES
    retention: Retention = Retention()
    outbound_deny: tuple[str, ...] = ()
    """`private`, `loopback` or networks such as `10.0.0.0/8`: where steps may not reach."""
    digest: str = ""
    """SHA-256 of the text, in hex."""
    text: str = ""
    file: str = ""

    @property
    def ways_in(self) -> tuple[Source | Poll, ...]:
        """Every source: the doors, then the polls."""
        return (*self.sources, *self.polls)

    @property
    def source_names(self) -> tuple[str, ...]:
        """The names of all of them."""
        return tuple(source.name for source in self.ways_in)

    @cached_property
    def source_by_name(self) -> Mapping[str, Source]:
        """The sources, for the door."""
        return {source.name: source for source in self.sources}

    @cached_property
    def secret_by_name(self) -> Mapping[str, SecretRule]:
        """The secrets that templates may name."""
        return {rule.name: rule for rule in self.secrets}

    @property
    def variables(self) -> tuple[str, ...]:
        """Every environment variable that the config names, each once."""
        named = [name for source in self.sources for name in source.secrets]
        of_polls = [name for poll in self.polls for name in poll.environment.variables]
        return tuple(dict.fromkeys([*named, *of_polls, *(rule.name for rule in self.secrets)]))


def _pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{fnmatch.translate(glob)})" for glob in globs))


DEFAULT_CONFIG = Config()
"""What holds where there is no file: the source `genesys` and no pipelines."""

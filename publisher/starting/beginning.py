"""What is known of a project when it begins, and a file that it begins with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from publisher.genesys.model import Flow


class Ci(StrEnum):
    """A CI system that a pipeline is written for."""

    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, kw_only=True, slots=True)
class Beginning:
    """What is known of a project when it begins."""

    environment: str
    place: Mapping[str, str]
    """Where its organization is: `region`, or `api_url` and perhaps `token_url`."""
    organization: str | None
    organization_name: str | None
    client_id: str
    """The name of the variable with the OAuth client's id."""
    client_secret: str
    """The name of the variable with its secret."""
    flows: Sequence[Flow]
    receiver_url: str | None
    ci: Ci
    version: str
    """The release of flow-relay that CI is to use."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFile:
    """A file that a project begins with."""

    path: str
    text: str

"""What a kind of target is: requests made from a call, and answers judged. No kind does any I/O itself."""

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Protocol

from receiver.config import SecretRule
from receiver.model import Json, Step
from receiver.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Request:
    """One request of an exchange."""

    method: str
    url: str
    _: KW_ONLY
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    effect: bool = True
    """Whether it changes something there: only then does a lost answer leave the step unknown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """One answer, its body as it came."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; what came several times is joined by commas."""
    body: bytes = b""
    cut: bool = False
    """Whether the body was longer than what is read of one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """All that an exchange is made from."""

    step: Step
    settings: Mapping[str, Json] = field(default_factory=dict)
    """The target's, from the present config."""
    facts: Mapping[str, Json] = field(default_factory=dict, repr=False)
    """What templates see, secrets apart: `event`, `run`, `steps`, `vars`."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The values of those secrets that the step names."""
    rules: Mapping[str, SecretRule] = field(default_factory=dict)
    """Where each of them may go."""

    @property
    def names(self) -> Mapping[str, Json]:
        """What templates see."""
        return {**self.facts, "secrets": self.secrets}

    def masked(self) -> "Call":
        """The same call with `[secret NAME]` for each secret: what is built from it may be kept."""
        return replace(self, secrets={name: placeholder(name) for name in self.secrets})

    def withheld_from(self, *, host: str, port: int) -> tuple[str, ...]:
        """The secrets of this call that may not go to an address."""
        return tuple(name for name in self.secrets if not self._may_go(name, host=host, port=port))

    def _may_go(self, name: str, *, host: str, port: int) -> bool:
        return name in self.rules and self.rules[name].allows(host=host, port=port)


Exchange = Generator[Request, Response, Outcome]
"""Yields a request, gets its answer, and returns what became of it all."""

Ask = Callable[[Call], Exchange]
"""One of the three ways to begin an exchange."""


class Kind(Protocol):
    """A kind of target. An exchange is run twice side by side, with secrets and without: it must not keep state."""

    @property
    def resends(self) -> bool:
        """Whether the same call sent twice is done once, so that a lost answer is followed by sending again."""

    def start(self, call: Call) -> Exchange:
        """Have it done."""

    def look(self, call: Call) -> Exchange:
        """Ask how it stands, after `start` said that it has begun."""

    def find(self, call: Call) -> Exchange:
        """Look for a trace of the step, after an answer was lost."""


def placeholder(secret: str) -> str:
    """What stands for a secret in everything that is kept."""
    return f"[secret {secret}]"


def json_body(value: Json) -> bytes:
    """A value as the JSON body of a request."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Half a surrogate pair has no UTF-8; written as \udXXX inside its JSON string it stays what it was.
    return text.encode("utf-8", "backslashreplace")

"""A claimed step as the call that its kind makes requests from."""

from collections.abc import Callable, Mapping

from receiver.config import Config
from receiver.errors import ExpressionError
from receiver.expressions import secret_names
from receiver.expressions.names import call_names
from receiver.model import Claim, Json
from receiver.targets.kind import Call

Secret = Callable[[str], str | None]
"""The present value of a secret, by its name; None where it is not set."""


def call_for(claim: Claim, *, config: Config, secret: Secret) -> Call:
    """The call of a step, with the secrets that it names and the settings of its target as they are now."""
    rules = {name: config.secret_by_name.get(name) for name in secret_names(claim.step.definition)}
    return Call(
        step=claim.step,
        settings=_settings(config, claim.step.target),
        facts=call_names(claim, secrets={}),
        secrets={name: _value(name, config=config, secret=secret) for name in rules},
        rules={name: rule for name, rule in rules.items() if rule is not None},
    )


def _settings(config: Config, target: str) -> Mapping[str, Json]:
    found = (known.settings for known in config.targets if known.name == target)
    return next(found, {})


def _value(name: str, *, config: Config, secret: Secret) -> str:
    if name not in config.secret_by_name:
        raise ExpressionError(f"The step names the secret {name}, which the config does not list any more.")
    value = secret(name)
    if not value:
        raise ExpressionError(f"The secret {name} is not set.")
    return value

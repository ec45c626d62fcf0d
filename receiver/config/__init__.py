"""The config of the receiver, `config/receiver.yaml`: read and checked whole, every fault with its place.

`parts` is what it consists of, `shapes` what the file may look like; `checking` holds a document against the shapes,
`reading`, `sources`, `steps` and `order` turn them into parts. `environments` reads the file of that name beside it.
"""

from receiver.config.environments import Environment, Environments, parse_environments
from receiver.config.faults import ConfigFault
from receiver.config.parts import DEFAULT_CONFIG, Config, Pipeline, Poll, Retention, Rule, SecretRule, Source, Target
from receiver.config.reading import Examined, examine_config, parse_config

__all__ = [
    "DEFAULT_CONFIG",
    "Config",
    "ConfigFault",
    "Environment",
    "Environments",
    "Examined",
    "Pipeline",
    "Poll",
    "Retention",
    "Rule",
    "SecretRule",
    "Source",
    "Target",
    "examine_config",
    "parse_config",
    "parse_environments",
]

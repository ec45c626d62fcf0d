"""The config of the receiver, `config/receiver.yaml`: read and checked whole, every fault with its place.

`parts` is what it consists of, `shapes` what the file may look like; `checking` holds a document against the shapes,
`reading`, `steps` and `order` turn them into parts.
"""

from receiver.config.faults import ConfigFault
from receiver.config.parts import DEFAULT_CONFIG, Config, Pipeline, Retention, Rule, SecretRule, Source, Target
from receiver.config.reading import Examined, examine_config, parse_config

__all__ = [
    "DEFAULT_CONFIG",
    "Config",
    "ConfigFault",
    "Examined",
    "Pipeline",
    "Retention",
    "Rule",
    "SecretRule",
    "Source",
    "Target",
    "examine_config",
    "parse_config",
]

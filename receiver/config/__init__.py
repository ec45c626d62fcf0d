"""The config of the receiver, `config/receiver.yaml`: read and checked whole, every fault with its place.

`parts` is what it consists of, `shapes` what the file may look like, `reading` turns one into the other.
"""

from receiver.config.parts import DEFAULT_CONFIG, Config, Pipeline, Rule, SecretRule, Source, Target

__all__ = ["DEFAULT_CONFIG", "Config", "Pipeline", "Rule", "SecretRule", "Source", "Target"]

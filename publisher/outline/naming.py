"""What a flow is called where it is published."""

from dataclasses import replace

from publisher.environments import Environment
from publisher.outline.model import Outline


def as_named_in(environment: Environment, outline: Outline) -> Outline:
    """The outline of a file, with the name that its flow gets in an environment."""
    name = outline.rest.get("name")
    if not name:
        return outline
    return replace(outline, rest={**outline.rest, "name": environment.flow_name(name)})

"""What a config can mean and hardly does: rules that no event is likely ever to fit."""

from collections.abc import Iterator
from difflib import get_close_matches

from receiver.config import Config, Pipeline
from receiver.envelopes.audits import AUDITED
from receiver.envelopes.eventbridge import PUBLISH_FAILED, SUCCEEDED
from receiver.expressions import suggestion
from receiver.model import FLOW_VERSION_PUBLISHING
from receiver.timeline import NOTES

TYPES = frozenset(
    {
        *SUCCEEDED.values(),
        *(FLOW_VERSION_PUBLISHING, PUBLISH_FAILED, AUDITED),
        *NOTES,
    }
)
"""The types that we give events; senders of their own may have others."""
ALIKE = 0.9
"""From here on, a type that nobody knows is taken for a slip of the pen."""


def doubts(config: Config) -> Iterator[str]:
    """What is doubtful in a config, in sentences."""
    for pipeline in config.pipelines:
        yield from _of_types(pipeline)
        yield from _of_environments(pipeline, config)


def _of_types(pipeline: Pipeline) -> Iterator[str]:
    for name in pipeline.rule.types:
        alike = [] if name in TYPES else get_close_matches(name, TYPES, n=1, cutoff=ALIKE)
        if alike and not pipeline.rule.type_pattern.fullmatch(alike[0]):
            yield f"pipeline {pipeline.name!r} waits for events of the type {name!r}. Did you mean {alike[0]!r}?"


def _of_environments(pipeline: Pipeline, config: Config) -> Iterator[str]:
    known = {source.environment for source in config.sources} | {poll.environment.name for poll in config.polls}
    if None in known:  # its events may come from anywhere
        return
    names = tuple(sorted(name for name in known if name))
    for name in pipeline.rule.environments:
        if name not in names:
            yield (
                f"pipeline {pipeline.name!r} waits for events of environment {name!r}, and no source has it."
                f"{suggestion(name, names)}"
            )

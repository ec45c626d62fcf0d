"""The files that a new project begins with; `publisher init` asks for what they need to say, and writes them."""

from publisher.environments import FILE as ENVIRONMENTS_FILE
from publisher.starting.beginning import Beginning, Ci, NewFile
from publisher.starting.configs import (
    MOST_FLOWS,
    environment_lines,
    environments_yaml,
    example_env,
    publisher_yaml,
    receiver_yaml,
)
from publisher.starting.pipelines import github_workflow, gitlab_pipeline

__all__ = ["MOST_FLOWS", "Beginning", "Ci", "NewFile", "environment_lines", "new_files"]


def new_files(beginning: Beginning) -> tuple[NewFile, ...]:
    """Every file that the project begins with."""
    pipeline = {Ci.GITHUB: github_workflow, Ci.GITLAB: gitlab_pipeline}[beginning.ci]
    return (
        NewFile(path=ENVIRONMENTS_FILE, text=environments_yaml(beginning)),
        NewFile(path="config/publisher.yaml", text=publisher_yaml(beginning)),
        NewFile(path="config/receiver.yaml", text=receiver_yaml(beginning)),
        NewFile(path="example.env", text=example_env(beginning)),
        pipeline(beginning),
    )

"""A stage for each journey, and the organization that most of them are about."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.stage import Server, Stage, a_stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return a_stage(tmp_path)


@pytest.fixture
def org(stage: Stage) -> Iterator[Server]:
    with stage.serving("publisher", "sandbox", "--port", "0") as org:
        stage.environment["GENESYS_API_URL"] = org.url
        yield org

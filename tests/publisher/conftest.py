"""What the publisher's tests meet."""

from pathlib import Path

import pytest

from tests.publisher.organization import Organization, a_flow_file


@pytest.fixture
def organization() -> Organization:
    """A Genesys Cloud organization with a receiver."""
    return Organization()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, in which commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def file(project: Path) -> Path:
    """A flow file without problems, in the project."""
    a_flow_file(project)
    return Path("main.json")

"""A project for every row."""

from pathlib import Path

import pytest

from tests.publisher.organization import Organization, a_flow_file


@pytest.fixture
def organization() -> Organization:
    return Organization()


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a flow file without problems, main.json."""
    monkeypatch.chdir(tmp_path)
    a_flow_file(tmp_path)
    return tmp_path

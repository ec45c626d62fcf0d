"""Which files a command line means."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from publisher.cli.files import matching, named_files
from publisher.errors import UsageError

TREE = ("flows/b.yaml", "flows/a.json", "flows/notes.md", "flows/deep/c.yml", "flows/.hidden/d.yaml", "other.yaml")

pytestmark = pytest.mark.usefixtures("tree")


@pytest.fixture
def tree(project: Path) -> None:
    for name in TREE:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).touch()


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["flows/**"], ["flows/a.json", "flows/b.yaml", "flows/deep/c.yml"]),
        (["flows"], ["flows/a.json", "flows/b.yaml", "flows/deep/c.yml"]),
        (["flows/*"], ["flows/a.json", "flows/b.yaml"]),
        (["flows/**/*.y*ml"], ["flows/b.yaml", "flows/deep/c.yml"]),
        (["flows/*.md"], ["flows/notes.md"]),
        (["other.yaml", "flows/deep"], ["other.yaml", "flows/deep/c.yml"]),
        (["flows/b.yaml", "flows/../flows/b.yaml", "flows/b*"], ["flows/b.yaml"]),
        (["absent.yaml"], ["absent.yaml"]),
        ([], []),
    ],
    ids=["all", "folder", "one level", "ending", "other ending", "several", "each once", "not there", "none"],
)
def test_folders_and_patterns_stand_for_the_flow_files_in_them(names: Sequence[str], found: Sequence[str]) -> None:
    assert [str(path) for path in named_files([Path(name) for name in names])] == found


@pytest.mark.parametrize("name", ["flows/**/*.txt", "flows/.hidden/nothing*"])
def test_a_pattern_that_nothing_fits_is_told(name: str) -> None:
    with pytest.raises(UsageError, match="there are no flow files"):
        named_files([Path(name)])


def test_an_empty_folder_is_told(project: Path) -> None:
    (project / "empty").mkdir()

    with pytest.raises(UsageError, match="empty: there are no flow files"):
        named_files([Path("empty")])


def test_a_file_whose_name_looks_like_a_pattern_is_itself(project: Path) -> None:
    (project / "flow[1].yaml").touch()

    assert named_files([Path("flow[1].yaml")]) == [Path("flow[1].yaml")]


def test_an_absolute_pattern_is_one_too(project: Path) -> None:
    assert matching(f"{project}/flows/*.yaml") == [project / "flows/b.yaml"]

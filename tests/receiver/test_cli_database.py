from io import StringIO
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from receiver.cli import database
from receiver.cli.surroundings import Surroundings
from receiver.errors import ConfigError
from receiver.store import upgrade_database

app = typer.Typer()
app.command()(database.upgrade)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/receiver.db"


def upgraded(url: str, *options: str) -> str:
    """What the command prints."""
    out = StringIO()
    surroundings = Surroundings(environ={"DATABASE_URL": url}, out=out, err=StringIO())
    get_command(app).main(args=list(options), standalone_mode=False, obj=surroundings)
    return out.getvalue()


def test_a_database_is_made(url: str, tmp_path: Path) -> None:
    assert upgraded(url) == "The database has the schema of this release now.\n"
    assert (tmp_path / "receiver.db").exists()


def test_a_database_that_is_up_to_date_is_left_alone(url: str) -> None:
    upgrade_database(url)

    assert upgraded(url) == "The database had the schema of this release already.\n"


def test_programs_get_json(url: str) -> None:
    assert [upgraded(url, "--json"), upgraded(url, "--json")] == ['{"changed": true}\n', '{"changed": false}\n']


def test_a_database_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(ConfigError, match="names no file"):
        upgraded("sqlite://")

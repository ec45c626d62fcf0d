import json
import sqlite3
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from receiver.cli import database
from receiver.cli.database import INSTEAD
from receiver.cli.exits import ExitCode
from receiver.cli.surroundings import Surroundings
from receiver.errors import ConfigError
from receiver.store import upgrade_database
from tests.receiver.cli_stage import Seen, called
from tests.receiver.store.test_opening import (
    broken_head,
    broken_page,
    cut_short,
    damaged_log,
    made_by_somebody_else,
    of_a_newer_release,
)

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


def called_on(url: str, *arguments: str) -> Seen:
    return called(["db", *arguments], environ={"DATABASE_URL": url})


def test_a_database_is_backed_up_checked_restored_and_vacuumed(url: str, tmp_path: Path) -> None:
    upgrade_database(url)
    copy = str(tmp_path / "copy.db")

    seen = [called_on(url, *words) for words in (["backup", copy], ["check"], ["restore", copy], ["vacuum"])]

    assert [each.code for each in seen] == [0, 0, 0, 0]
    assert f"{copy} is a sound copy of the database" in seen[0].out
    assert seen[1].out == f"{tmp_path}/receiver.db is sound.\n"
    assert f"is kept in {tmp_path}/receiver.db.replaced-20261123T120000Z" in seen[2].err
    assert "fewer than before" in seen[3].out


def test_for_programs_each_answer_is_one_object(url: str, tmp_path: Path) -> None:
    upgrade_database(url)
    copy, file = str(tmp_path / "copy.db"), str(tmp_path / "receiver.db")

    seen = [called_on(url, *words, "--json") for words in (["backup", copy], ["check"], ["restore", copy], ["vacuum"])]

    backup, check, restored, vacuumed = [json.loads(each.out) for each in seen]
    assert backup == {"file": copy, "bytes": Path(copy).stat().st_size}
    assert check == {"file": file, "ok": True, "faults": []}
    assert restored == {"file": file, "bytes": backup["bytes"], "replaced": f"{file}.replaced-20261123T120000Z"}
    assert vacuumed.keys() == {"bytes_before", "bytes"}


def test_a_database_that_is_not_sound_ends_with_5(url: str, tmp_path: Path) -> None:
    upgrade_database(url)
    conn = sqlite3.connect(tmp_path / "receiver.db")
    conn.execute("INSERT INTO publications VALUES ('p', 'flow', 2, '1.0', NULL, '', '')")
    conn.commit()
    conn.close()

    people, programs = called_on(url, "check"), called_on(url, "check", "--json")

    assert (people.code, programs.code) == (ExitCode.PROBLEMS, ExitCode.PROBLEMS)
    assert "flows lack a publication: 1, such as 'flow'" in people.out
    assert json.loads(programs.out)["ok"] is False


@pytest.mark.parametrize(
    "damage", [broken_head, broken_page, made_by_somebody_else, of_a_newer_release, damaged_log, cut_short]
)
def test_whatever_is_wrong_is_found_and_left_as_it_is(url: str, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    file = tmp_path / "receiver.db"
    upgrade_database(url)
    damage(file)
    before = file.read_bytes()

    seen = called_on(url, "check")

    assert (seen.code, seen.out != "") == (ExitCode.PROBLEMS, True)
    assert "Traceback" not in seen.err
    assert file.read_bytes() == before


@pytest.mark.parametrize("words", [["check"], ["restore", "nowhere.db"]], ids=["check", "restore"])
def test_a_file_that_is_not_there_ends_with_3(url: str, words: list[str]) -> None:
    assert called_on(url, *words).code == ExitCode.NOT_FOUND


def test_a_long_path_is_told_in_one_line(url: str, tmp_path: Path) -> None:
    upgrade_database(url)
    copy = str(tmp_path / ("x" * 150))

    seen = called_on(url, "backup", copy)

    assert seen.out.startswith(f"{copy} is a sound copy of the database, ")
    assert len(seen.out.splitlines()) == 1


def test_a_backup_over_a_file_is_wrong_use(tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("older")

    seen = called_on(f"sqlite:///{tmp_path / 'receiver.db'}", "backup", str(copy))

    assert (seen.code, copy.read_text()) == (ExitCode.USAGE, "older")
    assert "exists already; name a new file" in seen.err


@pytest.mark.parametrize("words", [["backup", "x"], ["check"], ["restore", __file__], ["vacuum"]], ids=lambda it: it[0])
def test_on_postgresql_its_own_tools_are_named(words: list[str]) -> None:
    seen = called_on("postgresql://user:pa55word@host/relay", *words)

    assert seen.code == ExitCode.USAGE
    assert INSTEAD[words[0]] in seen.err
    assert "pa55word" not in seen.err

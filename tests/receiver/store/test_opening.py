import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from receiver import store
from receiver.errors import ConfigError, StoreError
from receiver.store import place, upgrade_database
from receiver.store.engines import writing_engine
from tests.receiver.store.connecting import SQLITE_ONLY
from tests.receiver.store.makers import NOON, a_plan, a_run, an_event

sqlite_only = pytest.mark.parametrize(*SQLITE_ONLY, indirect=True)
NOBODY = 65534
UPGRADE_AS_NOBODY = f"""
import os, sys
from receiver.errors import StoreError
from receiver.store import upgrade_database

if os.getuid() == 0:
    os.setuid({NOBODY})
try:
    upgrade_database(sys.argv[1])
except StoreError as exc:
    sys.exit(f"StoreError: {{exc}}")
"""


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param("sqlite://", "names no file", id="nothing"),
        pytest.param("sqlite:///:memory:", "names no file", id="memory"),
        pytest.param("mysql://u:pa55word@h/db", "names 'mysql'", id="another engine"),
        pytest.param("postgresql://u:pa55word@h/%zz", "no URL that PostgreSQL can read", id="an odd one of postgresql"),
        pytest.param("var/receiver.db", "no URL", id="a bare path"),
    ],
)
def test_an_odd_url_is_refused_without_quoting_its_password(url: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        upgrade_database(url)

    assert "pa55word" not in str(caught.value)


def fill(path: Path, url: str) -> None:
    """Make a database with something in it."""
    upgrade_database(url)
    with writing_engine(path).begin() as conn:
        store.record(conn, an_event(), a_plan(a_run()), now=NOON)


def broken_head(path: Path) -> None:
    damaged = bytearray(path.read_bytes())
    damaged[:8] = b"\xff" * 8
    path.write_bytes(damaged)


def broken_page(path: Path) -> None:
    damaged = bytearray(path.read_bytes())
    damaged[4096:8192] = b"\xff" * 4096
    path.write_bytes(damaged)


def emptied_beside_its_log(path: Path) -> None:
    leave_a_log(path)
    path.write_bytes(b"")


def gone_from_beside_its_log(path: Path) -> None:
    leave_a_log(path)
    path.unlink()


def broken_off_while_restored(path: Path) -> None:
    path.rename(place.part_of(path))


def damaged_log(path: Path) -> None:
    log = leave_a_log(path)
    damaged = bytearray(log.read_bytes())
    damaged[100] ^= 0xFF
    log.write_bytes(damaged)


def leave_a_log(path: Path) -> Path:
    """Have commits in the log that are not in the file, as after `kill -9`."""
    log = path.with_name(f"{path.name}-wal")
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA wal_autocheckpoint = 0")
    for number in range(3):
        conn.execute("INSERT INTO configs VALUES (?, '', '')", [number])
        conn.commit()
    content, kept = path.read_bytes(), log.read_bytes()
    conn.close()
    path.write_bytes(content)
    log.write_bytes(kept)
    return log


def configs(path: Path) -> int:
    """How many configs a database holds."""
    with closing(sqlite3.connect(path)) as conn:
        return int(conn.execute("SELECT count(*) FROM configs").fetchone()[0])


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:10_000])


def made_by_somebody_else(path: Path) -> None:
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (name)")
    other.close()


def of_a_newer_release(path: Path) -> None:
    newer = sqlite3.connect(path)
    newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.commit()
    newer.close()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(broken_head, "not an SQLite database", id="damaged head"),
        pytest.param(broken_page, "damaged|malformed", id="damaged page"),
        pytest.param(cut_short, "damaged|malformed", id="cut short"),
        pytest.param(made_by_somebody_else, "something else: it holds the table 'songs'", id="another program's"),
        pytest.param(of_a_newer_release, "schema '9999'; this release knows schemas up to", id="newer"),
        pytest.param(emptied_beside_its_log, "gone or empty, and its write-ahead log", id="empty beside its log"),
        pytest.param(gone_from_beside_its_log, "gone or empty, and its write-ahead log", id="gone beside its log"),
        pytest.param(damaged_log, "is damaged in the middle", id="damaged log"),
        pytest.param(broken_off_while_restored, "a restore was broken off", id="half restored"),
    ],
)
def test_a_file_that_is_not_ours_or_damaged_is_refused_and_left_untouched(
    url: str, path: Path, damage: Callable[[Path], None], message: str
) -> None:
    fill(path, url)
    damage(path)
    before = digests(path.parent)

    with pytest.raises(StoreError, match=message) as caught:
        upgrade_database(url)

    assert "\n" not in str(caught.value)
    assert digests(path.parent) == before


def test_a_log_that_its_owner_is_writing_to_is_not_judged(url: str, path: Path) -> None:
    fill(path, url)
    damaged_log(path)

    with place.owned(path):
        place.check_idle_log(path)
    with pytest.raises(StoreError, match="damaged in the middle"):
        place.check_idle_log(path)


def test_what_was_left_in_the_log_is_taken_over(url: str, path: Path) -> None:
    fill(path, url)
    leave_a_log(path)

    upgrade_database(url)

    assert configs(path) == 3


def digests(folder: Path) -> dict[str, bytes]:
    """Every file but the lock, and what is in it."""
    return {path.name: sha256(path.read_bytes()).digest() for path in folder.iterdir() if path.suffix != ".lock"}


def test_a_directory_is_refused(url: str, path: Path) -> None:
    path.mkdir()

    with pytest.raises(StoreError, match="is a directory"):
        upgrade_database(url)

    assert list(path.parent.iterdir()) == [path]


def test_a_pipe_is_refused_and_not_waited_for(url: str, path: Path) -> None:
    os.mkfifo(path)

    with pytest.raises(StoreError, match="is a device or a pipe"):
        upgrade_database(url)


def test_a_lock_file_that_takes_no_number_is_a_lock_all_the_same(url: str, path: Path) -> None:
    path.with_name(f"{path.name}.lock").symlink_to("/dev/full")

    assert upgrade_database(url)


def test_an_empty_file_is_a_new_database(url: str, path: Path) -> None:
    path.touch()

    assert upgrade_database(url)


@sqlite_only
def test_a_database_is_brought_up_to_date_once(url: str) -> None:
    assert [upgrade_database(url), upgrade_database(url)] == [True, False]


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    upgrade_database(f"sqlite:///{tmp_path}/var/deep/receiver.db")

    assert (tmp_path / "var/deep/receiver.db").exists()


def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    upgrade_database(f"sqlite:///{tmp_path}/so what #1 ä%.db")

    assert (tmp_path / "so what #1 ä%.db").exists()


@pytest.fixture
def guest_room() -> Iterator[Path]:
    """A folder that another user can reach: tests often run as root, whom no permission stops."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def as_nobody(url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", UPGRADE_AS_NOBODY, url]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)


def test_a_read_only_folder_is_refused(guest_room: Path) -> None:
    guest_room.chmod(0o555)

    ended = as_nobody(f"sqlite:///{guest_room}/receiver.db")

    assert ended.returncode == 1
    assert ended.stderr == (
        f"StoreError: {guest_room}/receiver.db.lock cannot be made: Permission denied. The folder must be writable.\n"
    )


def test_a_database_in_a_read_only_folder_is_refused_and_left_untouched(guest_room: Path) -> None:
    upgrade_database(f"sqlite:///{guest_room}/receiver.db")
    for name in ("receiver.db", "receiver.db.lock"):
        (guest_room / name).chmod(0o666)
    guest_room.chmod(0o555)
    before = digests(guest_room)

    ended = as_nobody(f"sqlite:///{guest_room}/receiver.db")

    assert ended.returncode == 1
    assert ended.stderr == (
        f"StoreError: The folder {guest_room} cannot be written to; SQLite keeps a log beside the database.\n"
    )
    assert digests(guest_room) == before


def test_a_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be made: No such file"):
        place.make_private(tmp_path / "nowhere/receiver.db")


def test_a_read_only_file_is_refused(guest_room: Path) -> None:
    guest_room.chmod(0o777)
    upgrade_database(f"sqlite:///{guest_room}/receiver.db")
    (guest_room / "receiver.db").chmod(0o444)
    (guest_room / "receiver.db.lock").chmod(0o666)

    ended = as_nobody(f"sqlite:///{guest_room}/receiver.db")

    assert ended.returncode == 1
    assert "receiver.db cannot be written to" in ended.stderr

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from receiver import store
from receiver.clock import utc_now
from receiver.store import place, upgrade_database, vitals_of
from tests.receiver.store.connecting import POSTGRESQL_ONLY
from tests.receiver.store.makers import NOON, a_plan, an_event
from tests.receiver.store.test_copies import add_event
from tests.receiver.store.test_opening import leave_a_log

ASIDE = (
    "INSERT INTO inbox (id, source, dedupe_key, received_at, headers, body, fault) "
    "VALUES ('a', '', '', '', '', '', 'ValueError in reading.py:1')"
)


def test_where_there_is_no_database_there_is_nothing_to_tell(path: Path) -> None:
    assert vitals_of(path) is None


def test_a_database_is_told_of(path: Path) -> None:
    upgrade_database(f"sqlite:///{path}")
    add_event(path)

    vitals = vitals_of(path)

    assert vitals is not None
    assert (vitals.mode, vitals.owner, vitals.is_current) == (0o600, None, True)
    assert (vitals.newest_at, vitals.used, vitals.log_size) == (NOON, vitals.size, 0)


def test_what_is_in_the_log_only_counts(path: Path) -> None:
    upgrade_database(f"sqlite:///{path}")
    leave_a_log(path)

    vitals = vitals_of(path)

    assert vitals is not None
    assert vitals.log_size > 0


def test_what_could_not_be_recorded_is_counted(path: Path) -> None:
    upgrade_database(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(ASIDE)

    vitals = vitals_of(path)

    assert vitals is not None
    assert vitals.aside == 1


def test_an_owner_is_told_by_its_number_and_not_disturbed(path: Path) -> None:
    upgrade_database(f"sqlite:///{path}")

    with place.owned(path):
        during = place.owner_of(path)
    after = place.owner_of(path)

    assert (during is not None, after) == (True, None)


def test_the_library_has_a_version() -> None:
    assert store.sqlite_version() >= (3, 37)


@pytest.mark.parametrize(*POSTGRESQL_ONLY, indirect=True)
def test_a_server_is_told_of(conn: Connection) -> None:
    store.record(conn, an_event(), a_plan(), now=NOON)

    vitals = store.server_vitals_of(conn, utc_now)

    assert int(vitals.version.partition(".")[0]) >= 12
    assert (vitals.used, vitals.newest_at) == (store.size_of(conn), NOON)
    assert vitals.writes_full_pages
    assert abs(vitals.ahead) < timedelta(seconds=1)


@pytest.mark.parametrize("by_s", [-30, 30])
@pytest.mark.parametrize(*POSTGRESQL_ONLY, indirect=True)
def test_how_far_a_clock_is_from_the_servers_is_told(conn: Connection, by_s: int) -> None:
    by = timedelta(seconds=by_s)

    ahead = store.server_vitals_of(conn, lambda: utc_now() + by).ahead

    assert abs(ahead - by) < timedelta(seconds=1)

"""What is kept of secrets: uses and revocations, and nothing that a value could be read from."""

from datetime import timedelta

from sqlalchemy import Connection

from receiver.model import Plan
from receiver.store import last_uses, note_uses, record, restore_secret, revocations_of, revoke
from tests.receiver.store.makers import NOON, an_event

LATER = NOON + timedelta(hours=1)


def test_a_use_is_kept_by_its_name(conn: Connection) -> None:
    note_uses(conn, {"A": NOON, "B": LATER})

    assert last_uses(conn) == {"A": NOON, "B": LATER}


def test_only_a_later_use_takes_the_place_of_one(conn: Connection) -> None:
    note_uses(conn, {"A": NOON, "B": LATER})
    note_uses(conn, {"A": LATER, "B": NOON})

    assert last_uses(conn) == {"A": LATER, "B": LATER}


def test_an_event_tells_of_a_use_that_nobody_has_noted(conn: Connection) -> None:
    note_uses(conn, {"A": NOON})
    record(conn, an_event(secret="A", received_at=LATER), Plan(), now=LATER)
    record(conn, an_event(secret=None, received_at=LATER), Plan(), now=LATER)

    assert last_uses(conn) == {"A": LATER}


def test_a_revocation_is_kept_once_with_its_first_time(conn: Connection) -> None:
    revoke(conn, "0badcafe", name="A", now=NOON)
    revoke(conn, "0badcafe", name="B", now=LATER)

    [kept] = revocations_of(conn).values()
    assert (kept.fingerprint, kept.name, kept.revoked_at) == ("0badcafe", "A", NOON)


def test_what_is_restored_is_revoked_no_more(conn: Connection) -> None:
    revoke(conn, "0badcafe", name="A", now=NOON)
    restore_secret(conn, "0badcafe")
    restore_secret(conn, "deadbeef")

    assert revocations_of(conn) == {}

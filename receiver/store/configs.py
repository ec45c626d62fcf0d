"""Every config that was ever in force: a run names the one it was planned by."""

from datetime import datetime

from sqlalchemy import Connection

from receiver.store.dialect import insert_if_new
from receiver.store.tables import configs

_ADD = insert_if_new(configs, "digest")


def save_config(conn: Connection, digest: str, text: str, *, now: datetime) -> None:
    """Keep a config's text under its digest; one that is known stays as it is."""
    conn.execute(_ADD[conn.dialect.name], {"digest": digest, "text": text, "loaded_at": now})

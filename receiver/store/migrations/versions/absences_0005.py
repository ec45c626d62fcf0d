"""Absences: when each source was heard from, and what should have been heard and was not."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make both tables, with what the events tell, and find announcements without reading through the events."""
    op.create_table(
        "hearings",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("watched_since", TIME, nullable=False),
        sa.Column("last_event_at", TIME),
        sa.Column("last_told_at", TIME),
        sa.PrimaryKeyConstraint("source", name="pk_hearings"),
    )
    op.create_table(
        "absences",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name="pk_absences"),
    )
    op.create_index(
        "ix_events_announced_received_at",
        "events",
        ["received_at"],
        sqlite_where=sa.text("origin = 'announce'"),
        postgresql_where=sa.text("origin = 'announce'"),
    )
    op.execute(
        "INSERT INTO hearings (source, watched_since, last_event_at, last_told_at) "
        "SELECT source, min(received_at), max(received_at), max(CASE WHEN origin <> 'announce' THEN received_at END) "
        "FROM events GROUP BY source"
    )

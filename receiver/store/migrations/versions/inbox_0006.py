"""The inbox: what has come in and is not recorded as events yet."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "inbox",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text()),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("message_id", sa.Text()),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fault", sa.Text()),
        sa.PrimaryKeyConstraint("number", name="pk_inbox"),
    )
    aside = sa.text("fault IS NOT NULL")
    op.create_index("ix_inbox_aside", "inbox", ["number"], sqlite_where=aside, postgresql_where=aside)

"""Polls: how far each has come."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "polls",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("is_under_way", sa.Boolean(), nullable=False),
        sa.Column("has_baseline", sa.Boolean(), nullable=False),
        sa.Column("cursor_at", TIME),
        sa.Column("asked_at", TIME),
        sa.Column("answered_at", TIME),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("fault", sa.Text()),
        sa.PrimaryKeyConstraint("source", name="pk_polls"),
    )

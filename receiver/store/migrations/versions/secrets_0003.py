"""Uses and revocations of the secrets of sources."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "secret_uses",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_used_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secret_uses"),
    )
    op.create_table(
        "revocations",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revoked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_revocations"),
    )

"""Events can be found by their age."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the index that the oldest are found by."""
    op.create_index("ix_events_received_at_id", "events", ["received_at", "id"])

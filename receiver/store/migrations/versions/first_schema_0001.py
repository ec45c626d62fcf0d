"""The first schema: configs, events, publications, runs, steps, attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make all tables."""
    _configs()
    _events()
    _publications()
    _runs()
    _steps()
    _attempts()


def _configs() -> None:
    op.create_table(
        "configs",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("loaded_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_configs"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("org_id", sa.Text()),
        sa.Column("environment", sa.Text()),
        sa.Column("flow_id", sa.Text()),
        sa.Column("flow_name", sa.Text()),
        sa.Column("flow_name_folded", sa.Text()),
        sa.Column("flow_type", sa.Text()),
        sa.Column("version_id", sa.Text()),
        sa.Column("version_number", sa.BigInteger()),
        sa.Column("actor", sa.Text()),
        sa.Column("operation", sa.Text()),
        sa.Column("provenance", sa.Text()),
        sa.Column("occurred_at", TIME),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_digest", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("verdicts", sa.Text(), nullable=False),
        sa.Column("publication_id", sa.Text()),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("conflicts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("source", "dedupe_key", name="uq_events_source_dedupe_key"),
    )
    op.create_index("ix_events_flow_id_id", "events", ["flow_id", "id"])
    op.create_index("ix_events_type_id", "events", ["type", "id"])


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("flow_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text()),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("first_event_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        sa.UniqueConstraint("flow_id", "number", name="uq_publications_flow_id_number"),
    )
    op.create_index(
        "ix_publications_flow_id_version_id_occurred_at", "publications", ["flow_id", "version_id", "occurred_at"]
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("pipeline", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("publication_number", sa.Integer()),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("config_digest", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("ended_at", TIME),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_runs_event_id"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("cause", "pipeline", name="uq_runs_cause_pipeline"),
    )
    op.create_index("ix_runs_event_id", "runs", ["event_id"])
    op.create_index(
        "ix_runs_open_group_key",
        "runs",
        ["group_key"],
        sqlite_where=sa.text("status IN ('waiting', 'running')"),
        postgresql_where=sa.text("status IN ('waiting', 'running')"),
    )
    op.create_index(
        "uq_runs_running_group_key",
        "runs",
        ["group_key"],
        unique=True,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", TIME),
        sa.Column("lease", sa.Text()),
        sa.Column("timeout_s", sa.Float(), nullable=False),
        sa.Column("deadline_at", TIME),
        sa.Column("reference", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("outputs", sa.Text(), nullable=False),
        sa.Column("message", sa.Text()),
        sa.Column("started_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("dismissed_at", TIME),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_steps_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_steps"),
    )
    op.create_index(
        "ix_steps_claimable_due_at",
        "steps",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_steps_dead_ended_at",
        "steps",
        ["ended_at"],
        sqlite_where=sa.text("status IN ('failed', 'timed_out') AND dismissed_at IS NULL"),
        postgresql_where=sa.text("status IN ('failed', 'timed_out') AND dismissed_at IS NULL"),
    )
    op.create_index("ix_steps_run_id", "steps", ["run_id"])


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("message", sa.Text()),
        sa.Column("request", sa.Text()),
        sa.Column("response", sa.Text()),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name="fk_attempts_step_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("step_id", "number", name="uq_attempts_step_id_number"),
    )

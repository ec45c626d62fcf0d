"""The tables: what is kept, and the conditions that the database itself holds.

Every id is a UUIDv7, so a primary key grows at its end. A step can be claimed exactly when it has a `due_at`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from receiver.model import AttemptResult, Condition, GroupPolicy, Origin
from receiver.silence import AbsenceKind
from receiver.states import RunStatus, StepStatus
from receiver.store.types import CleanText, JsonText, OneOf, UtcTime

# Written out, not bound: an engine uses a partial index only for a condition that it sees.
RUNNING = text("status = 'running'")
OPEN = text("status IN ('waiting', 'running')")
DEAD = text("status IN ('failed', 'timed_out') AND dismissed_at IS NULL")
CLAIMABLE = text("due_at IS NOT NULL")
ANNOUNCED = text("origin = 'announce'")
ASIDE = text("fault IS NOT NULL")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("dedupe_key", CleanText, nullable=False),
    Column("type", CleanText, nullable=False),
    Column("origin", OneOf(Origin), nullable=False),
    Column("org_id", CleanText),
    Column("environment", CleanText),
    Column("flow_id", CleanText),
    Column("flow_name", CleanText),
    Column("flow_name_folded", CleanText),  # for searching: SQLite folds ASCII only
    Column("flow_type", CleanText),
    Column("version_id", CleanText),
    Column("version_number", BigInteger),
    Column("actor", JsonText),
    Column("operation", CleanText),
    Column("provenance", JsonText),
    Column("occurred_at", UtcTime),
    Column("received_at", UtcTime, nullable=False),
    Column("faults", JsonText, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("body_digest", Text, nullable=False),
    Column("headers", JsonText, nullable=False),
    Column("secret", Text),
    Column("verdicts", JsonText, nullable=False),
    # No foreign key: the publication that an event makes names that event, and is written after it.
    Column("publication_id", Text),
    Column("duplicates", Integer, nullable=False),
    Column("conflicts", Integer, nullable=False),
    UniqueConstraint("source", "dedupe_key"),
    Index("ix_events_type_id", "type", "id"),
    Index("ix_events_flow_id_id", "flow_id", "id"),
    Index("ix_events_received_at_id", "received_at", "id"),
    Index("ix_events_announced_received_at", "received_at", sqlite_where=ANNOUNCED, postgresql_where=ANNOUNCED),
)

# Appended to and read from its beginning, so it needs no index but of what was set aside, which hardly anything is.
inbox = Table(
    "inbox",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("environment", CleanText),
    Column("dedupe_key", CleanText, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("headers", JsonText, nullable=False),
    Column("secret", Text),
    Column("message_id", CleanText),
    Column("body", LargeBinary, nullable=False),
    Column("fault", CleanText),
    Index("ix_inbox_aside", "number", sqlite_where=ASIDE, postgresql_where=ASIDE),
)

publications = Table(
    "publications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("flow_id", CleanText, nullable=False),
    Column("number", Integer, nullable=False),
    Column("version_id", CleanText, nullable=False),
    Column("operation", CleanText),
    Column("occurred_at", UtcTime, nullable=False),
    Column("first_event_id", Text, nullable=False),
    UniqueConstraint("flow_id", "number"),
    Index("ix_publications_flow_id_version_id_occurred_at", "flow_id", "version_id", "occurred_at"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("event_id", Text, ForeignKey("events.id"), nullable=False, index=True),
    Column("cause", Text, nullable=False),
    Column("publication_number", Integer),
    Column("group_key", CleanText, nullable=False),
    Column("policy", OneOf(GroupPolicy), nullable=False),
    Column("status", OneOf(RunStatus), nullable=False),
    Column("reason", CleanText),
    Column("config_digest", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    UniqueConstraint("cause", "pipeline"),
    Index("uq_runs_running_group_key", "group_key", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
    Index("ix_runs_open_group_key", "group_key", sqlite_where=OPEN, postgresql_where=OPEN),
)

steps = Table(
    "steps",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run_id", Text, ForeignKey("runs.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("needs", JsonText, nullable=False),
    Column("condition", OneOf(Condition), nullable=False),
    Column("definition", JsonText, nullable=False),
    Column("status", OneOf(StepStatus), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcTime),
    Column("lease", Text),
    Column("timeout_s", Float, nullable=False),
    Column("deadline_at", UtcTime),
    Column("reference", CleanText),
    Column("url", CleanText),
    Column("outputs", JsonText, nullable=False),
    Column("message", CleanText),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("dismissed_at", UtcTime),
    Index("ix_steps_claimable_due_at", "due_at", sqlite_where=CLAIMABLE, postgresql_where=CLAIMABLE),
    Index("ix_steps_dead_ended_at", "ended_at", sqlite_where=DEAD, postgresql_where=DEAD),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("step_id", Text, ForeignKey("steps.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("result", OneOf(AttemptResult), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("message", CleanText),
    Column("request", JsonText),
    Column("response", JsonText),
    UniqueConstraint("step_id", "number"),
)

configs = Table(
    "configs",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("loaded_at", UtcTime, nullable=False),
)

secret_uses = Table(
    "secret_uses",
    metadata,
    Column("name", Text, primary_key=True),
    Column("last_used_at", UtcTime, nullable=False),
)

revocations = Table(
    "revocations",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("revoked_at", UtcTime, nullable=False),
)

polls = Table(
    "polls",
    metadata,
    Column("source", Text, primary_key=True),
    Column("due_at", UtcTime, nullable=False),
    Column("is_under_way", Boolean, nullable=False),
    Column("has_baseline", Boolean, nullable=False),
    Column("cursor_at", UtcTime),
    Column("asked_at", UtcTime),
    Column("answered_at", UtcTime),
    Column("failures", Integer, nullable=False),
    Column("fault", CleanText),
)

hearings = Table(
    "hearings",
    metadata,
    Column("source", Text, primary_key=True),
    Column("watched_since", UtcTime, nullable=False),
    Column("last_event_at", UtcTime),
    Column("last_told_at", UtcTime),
)

absences = Table(
    "absences",
    metadata,
    Column("kind", OneOf(AbsenceKind), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("since", UtcTime, nullable=False),
)

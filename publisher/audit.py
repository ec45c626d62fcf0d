"""The record of what a command did: one entry for each action, with how long it took and how it ended.

Who reads the entries decides their form: `as_json` for machines, `as_line` for people. An entry never holds a secret
or a body; its `error_code` is a stable code (docs/publishing.md), its `message` the sentence.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

NO_FLOW = "N/A"
"""What stands for the flow's id where it is not known."""

CANCELLED = "cancelled"
"""The error code of an action that was stopped from outside."""


class Action(StrEnum):
    """What a command does to a flow."""

    VALIDATION = "validation"
    PATH_SIMULATION = "path_simulation"
    AUTHENTICATE = "authenticate"
    RENAME = "rename"
    CREATE_VERSION = "create_version"
    POLL_VALIDATION = "poll_validation"
    PUBLISH = "publish"
    VERIFY = "verify"
    REGISTER_WEBHOOK = "register_webhook"
    ANNOUNCE = "announce"
    ROLLBACK = "rollback"


class Status(StrEnum):
    """How an action ended."""

    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One entry of the audit."""

    timestamp: datetime
    action: Action
    flow_id: str
    version_id: str | None
    status: Status
    latency_ms: int
    error_code: str | None
    governance_id: str
    message: str


@dataclass(kw_only=True, slots=True)
class Entry:
    """What an action under way has found out so far; it becomes a record once the action has ended."""

    action: Action
    flow_id: str = NO_FLOW
    version_id: str | None = None
    status: Status = Status.SUCCESS
    error_code: str | None = None
    message: str = ""


Sink = Callable[[Record], None]


class Audit:
    """Writes the records of one command, all under its one governance id."""

    def __init__(
        self,
        *,
        governance_id: str,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        sinks: Sequence[Sink],
        file: str = "",
    ) -> None:
        self.governance_id = governance_id
        self._clock = clock
        self._monotonic = monotonic
        self._sinks = tuple(sinks)
        self._file = file

    def of_file(self, file: str) -> "Audit":
        """The same audit, whose messages name one of several files."""
        return Audit(
            governance_id=self.governance_id,
            clock=self._clock,
            monotonic=self._monotonic,
            sinks=self._sinks,
            file=file,
        )

    @contextmanager
    def timed(self, action: Action, *, flow_id: str = NO_FLOW, version_id: str | None = None) -> Iterator[Entry]:
        """Record the action when the block ends; an exception that leaves it makes it a failed one."""
        entry = Entry(action=action, flow_id=flow_id, version_id=version_id)
        started = self._monotonic()
        try:
            yield entry
        except BaseException as exc:
            entry.status, entry.error_code, entry.message = Status.FAILED, error_code(exc), _sentence(exc)
            raise
        finally:
            self._write(entry, latency_ms=round((self._monotonic() - started) * 1000))

    def skip(self, action: Action, reason: str, *, flow_id: str = NO_FLOW, version_id: str | None = None) -> None:
        """Record that an action was left out, and why."""
        entry = Entry(action=action, flow_id=flow_id, version_id=version_id, status=Status.SKIPPED, message=reason)
        self._write(entry, latency_ms=0)

    def fail(self, action: Action, error: Exception, *, flow_id: str = NO_FLOW) -> None:
        """Record that an action failed before it could begin."""
        entry = Entry(action=action, flow_id=flow_id, status=Status.FAILED, error_code=error_code(error))
        entry.message = _sentence(error)
        self._write(entry, latency_ms=0)

    def _write(self, entry: Entry, *, latency_ms: int) -> None:
        record = Record(
            timestamp=self._clock(),
            action=entry.action,
            flow_id=entry.flow_id,
            version_id=entry.version_id,
            status=entry.status,
            latency_ms=latency_ms,
            error_code=entry.error_code,
            governance_id=self.governance_id,
            message=self._named(entry.message),
        )
        for sink in self._sinks:
            sink(record)

    def _named(self, message: str) -> str:
        if message.startswith(self._file):
            return message
        return f"{self._file}: {message}" if message else self._file


def error_code(exc: BaseException) -> str:
    """The stable code of what went wrong: the error's own where it has one."""
    if isinstance(exc, asyncio.CancelledError | KeyboardInterrupt):
        return CANCELLED
    code = getattr(exc, "code", None)
    return code if isinstance(code, str) else "failed"


def as_json(record: Record) -> str:
    """The record as one line of JSON, always with all its fields."""
    fields = {
        "timestamp": record.timestamp.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "action": record.action,
        "flow_id": record.flow_id,
        "version_id": record.version_id,
        "status": record.status,
        "latency_ms": record.latency_ms,
        "error_code": record.error_code,
        "governance_id": record.governance_id,
        "message": record.message,
    }
    return json.dumps(fields, ensure_ascii=False)


def as_line(record: Record) -> str:
    """The record as one short line for a terminal."""
    mark = {Status.SUCCESS: "ok", Status.FAILED: "FAILED", Status.SKIPPED: "skipped"}[record.status]
    code = f" [{record.error_code}]" if record.error_code else ""
    line = f"{record.timestamp.astimezone(UTC):%H:%M:%S}  {record.action:<16} {mark:<8}{record.latency_ms:>7} ms"
    return f"{line}  {' '.join(record.message.split())}{code}".rstrip()


def _sentence(exc: BaseException) -> str:
    if isinstance(exc, asyncio.CancelledError | KeyboardInterrupt):
        return "stopped before it had ended"
    lines = str(exc).splitlines()
    return lines[0] if lines else type(exc).__name__

"""What becomes of audit records beside being printed: counted for Prometheus, and kept in a file."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, Summary, generate_latest
from prometheus_client import Counter as MetricCounter

from publisher.audit import Record, Sink, Status, as_json
from publisher.cli.streams import ESCAPE
from publisher.errors import UsageError
from publisher.whole_file import write_whole


class Tally:
    """Counts flow files by how they ended, and sums up how long each action took."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.files: Counter[Status] = Counter()
        self._files = MetricCounter(
            "publisher_files", "Flow files by how they ended.", ["status"], registry=self._registry
        )
        self._actions = MetricCounter(
            "publisher_actions", "Actions by how they ended.", ["action", "status"], registry=self._registry
        )
        self._durations = Summary(
            "publisher_action_duration_seconds", "How long actions took.", ["action"], registry=self._registry
        )
        self._ended = Gauge(
            "publisher_last_run_timestamp_seconds", "When the command last ended.", registry=self._registry
        )
        for status in (Status.SUCCESS, Status.FAILED):
            self._files.labels(status=status)

    def record(self, record: Record) -> None:
        """Count an action."""
        self._actions.labels(action=record.action, status=record.status).inc()
        self._durations.labels(action=record.action).observe(record.latency_ms / 1000)

    def file(self, status: Status) -> None:
        """Count a flow file."""
        self.files[status] += 1
        self._files.labels(status=status).inc()

    def write(self, path: Path, *, at_s: float) -> None:
        """Write the counts in Prometheus' text format, in one go: a collector may be reading the file."""
        self._ended.set(at_s)
        write_whole(path, generate_latest(self._registry).decode())


@contextmanager
def audit_file(path: Path | None, *, warn: Callable[[str], None]) -> Iterator[Sink]:
    """A sink that adds each record to the file at once, as a line of JSON; without a file, it keeps nothing.

    A record that cannot be written is worth a warning: to end there would leave a publication half done.
    """
    if path is None:
        yield lambda _record: None
        return
    try:
        stream = path.open("ab", buffering=0)
    except OSError as exc:
        raise UsageError(f"--audit-file {path}: cannot be written: {exc.strerror}.") from exc

    def keep(record: Record) -> None:
        try:
            stream.write(f"{as_json(record)}\n".encode(errors=ESCAPE))
        except OSError as exc:
            warn(f"--audit-file {path}: a record was not written: {exc.strerror}")

    with stream:
        yield keep

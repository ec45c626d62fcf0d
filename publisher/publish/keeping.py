"""Keeps in the ledger what went live."""

from publisher.errors import ExitCode, PublisherError
from publisher.ledger.model import Deed, LedgerEntry
from publisher.provenance import Provenance
from publisher.publish.order import Result
from publisher.publish.work import Means


class NotKeptError(PublisherError):
    """A version is live, and the ledger could not be told."""

    exit_code = ExitCode.LIVE_BUT
    default_code = "state"


async def keep(means: Means, result: Result, provenance: Provenance, *, deed: Deed = Deed.PUBLISHED) -> None:
    """Keep that a version of ours is live, where a ledger is kept."""
    if means.ledger is None:
        return
    entry = LedgerEntry(
        flow_id=result.flow.id,
        flow_name=result.flow.name,
        version_id=result.version.id,
        at=means.clock(),
        deed=deed,
        content_hash=provenance.content_hash,
        file=provenance.file,
        commit=provenance.commit,
        actor=provenance.actor,
        environment=provenance.environment,
        reason=provenance.reason,
    )
    try:
        await means.ledger.went_live(entry)
    except PublisherError as exc:
        raise NotKeptError(f"{exc} `publisher adopt {result.flow.id}` makes up for it.") from exc

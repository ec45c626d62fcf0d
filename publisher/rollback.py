"""Puts an earlier version live again: which one that is, and that it went live."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from publisher.audit import Action
from publisher.genesys.model import Flow, FlowVersion, version_number
from publisher.ledger.model import Deed, FlowLedger
from publisher.provenance import Provenance
from publisher.publish.going_live import GoingLive
from publisher.publish.keeping import keep
from publisher.publish.order import Result
from publisher.publish.work import Means
from publisher.trail import Trail
from publisher.voice import Voice

PREVIOUS = "previous"
GOOD = "good"


@dataclass(frozen=True, kw_only=True, slots=True)
class Retreat:
    """A version on its way back."""

    flow: Flow
    version: FlowVersion
    provenance: Provenance
    trail: Trail
    voice: Voice

    @property
    def file(self) -> str:
        """The file that the version was made from, where that is known."""
        return self.provenance.file or ""


async def roll_back(means: Means, retreat: Retreat) -> Result:
    """Put the version live, prove it, tell the receiver, and keep it in the ledger."""
    flow, version = retreat.flow, retreat.version
    with means.audit.timed(Action.ROLLBACK, flow_id=flow.id, version_id=version.id) as entry:
        entry.message = f"{flow.published_version_id} -> {version.id}: {retreat.provenance.reason}"
        result = await GoingLive(means=means).put_live(retreat, flow, version)
        await keep(means, result, retreat.provenance, deed=Deed.ROLLED_BACK)
    return result


def previous_version(
    flow: Flow, versions: Sequence[FlowVersion], ledger: FlowLedger | None = None
) -> FlowVersion | None:
    """The version that was live before the one that is: the last one published before it.

    What is blocked, and what somebody has rolled back from already, is passed over.
    """
    live = next((version for version in versions if version.id == flow.published_version_id), None)
    until = flow.published_at or (live.date_published if live else None)
    known = ledger or FlowLedger(flow_id=flow.id)
    passed_over = {flow.published_version_id, *abandoned(known)}
    earlier = {
        version.date_published: version
        for version in versions
        if version.date_published is not None
        and (until is None or version.date_published <= until)
        and version.id not in passed_over
        and not is_blocked(version.id, known)
    }
    return earlier[max(earlier)] if earlier else None


def abandoned(ledger: FlowLedger) -> set[str]:
    """The versions that were rolled back from, and not put live again since."""
    found: set[str] = set()
    again: set[str] = set()
    for at, (newer, older) in enumerate(pairwise(ledger.entries), start=1):
        again.add(newer.version_id)
        before = {entry.version_id for entry in ledger.entries[at:]}
        is_back = newer.deed is Deed.ROLLED_BACK and not _is_onward(newer.version_id, older.version_id, before=before)
        if is_back and older.version_id not in again:
            found.add(older.version_id)
    return found


def _is_onward(version_id: str, from_id: str, *, before: Collection[str]) -> bool:
    """Whether a version is newer than the one that was live, and was never live itself: one steps on to it."""
    number, from_number = version_number(version_id), version_number(from_id)
    return version_id not in before and number is not None and from_number is not None and number > from_number


def is_blocked(version_id: str, ledger: FlowLedger) -> bool:
    """Whether the content of a version must not go live."""
    content_hash = ledger.hash_of(version_id)
    return content_hash is not None and ledger.block_of(content_hash) is not None

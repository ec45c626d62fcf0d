"""Taking events in: what is planned and recorded, and who is woken."""

import asyncio
import json
from pathlib import Path

import pytest

from receiver.config import Config, Pipeline, Rule, Source
from receiver.ingest import Ingest
from receiver.model import NewStep, Recorded, VerdictKind
from receiver.store import get_event, open_database
from tests.receiver.relays import a_body, provisions

pytestmark = pytest.mark.anyio

SAMPLES = Path(__file__).parent.parent / "samples"
CONFIG = Config(
    pipelines=(
        Pipeline(name="deploy", rule=Rule(), steps=(NewStep(name="call", target="http", kind="http"),)),
        Pipeline(name="other", rule=Rule(flows=("Other *",)), steps=()),
    )
)


class Woken:
    """Counts how often the dispatcher was woken."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


async def accepted(
    folder: Path, *bodies: bytes, woken: Woken | None = None
) -> tuple[list[Recorded], list[VerdictKind]]:
    """What was recorded for each body, and the verdicts on the first."""
    given = provisions()
    async with open_database(f"sqlite:///{folder / 'receiver.db'}") as database:
        ingest = Ingest(database, lambda: CONFIG, clock=given.clock, new_id=given.new_id, wake=woken or Woken())
        source = Source(name="genesys")
        recorded = [await ingest.accept(body, source=source, headers={}, secret="S") for body in bodies]
        first = await database.read(lambda conn: get_event(conn, recorded[0].event_id))
    return recorded, [verdict.kind for verdict in first.verdicts]


async def test_an_event_sets_off_the_pipelines_that_match(tmp_path: Path) -> None:
    woken = Woken()

    [recorded], verdicts = await accepted(tmp_path, a_body(), woken=woken)

    assert len(recorded.run_ids) == 1
    assert verdicts == [VerdictKind.MATCHED, VerdictKind.NOT_MATCHED]
    assert woken.times == 1


async def test_a_repetition_wakes_nobody(tmp_path: Path) -> None:
    woken = Woken()

    [_, again], _ = await accepted(tmp_path, a_body(), a_body(), woken=woken)

    assert again.duplicate
    assert woken.times == 1


async def test_an_operation_under_way_sets_off_nothing(tmp_path: Path) -> None:
    body = (SAMPLES / "eventbridge/flow-publish-started.json").read_bytes()

    [recorded], verdicts = await accepted(tmp_path, body)

    assert recorded.run_ids == ()
    assert verdicts == [VerdictKind.NOT_MATCHED, VerdictKind.NOT_MATCHED]


async def test_an_announcement_joins_the_publication_that_genesys_told_of(tmp_path: Path) -> None:
    announced = (SAMPLES / "genesys/flow-version-announced.json").read_bytes()

    [first, second], _ = await accepted(tmp_path, a_body(), announced)

    assert first.publication is not None
    assert second.publication is not None
    assert second.publication.id == first.publication.id
    assert second.run_ids == ()


async def test_events_at_once_are_all_recorded(tmp_path: Path) -> None:
    given = provisions()
    async with open_database(f"sqlite:///{tmp_path / 'receiver.db'}") as database:
        ingest = Ingest(database, Config, clock=given.clock, new_id=given.new_id, wake=Woken())
        bodies = [json.dumps({"id": number}).encode() for number in range(200)]

        recorded = await asyncio.gather(
            *(ingest.accept(body, source=Source(name="genesys"), headers={}, secret="S") for body in bodies)
        )

    assert len({one.event_id for one in recorded}) == 200

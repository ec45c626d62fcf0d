"""However many tell of a going-live, by whatever way and in whatever order, it is one publication that runs once."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from publisher.genesys.model import Flow
from receiver.clock import new_id
from receiver.config import Config, Pipeline, Rule, Source
from receiver.envelopes import read_event
from receiver.envelopes.polled import Finding
from receiver.ingest import plan_for
from receiver.model import FLOW_VERSION_PUBLISHED, Arrival, Event, NewStep, RunFilter
from receiver.store import get_flow, list_runs, record_many, upgrade_database
from tests.receiver.envelopes import NOON, sample
from tests.receiver.store.connecting import writing

STEP = NewStep(name="call", target="http", kind="http")
RULE = Rule(types=(FLOW_VERSION_PUBLISHED,))
CONFIG = Config(pipelines=tuple(Pipeline(name=name, rule=RULE, steps=(STEP,)) for name in ("deploy", "report")))
WAYS = ("webhook", "announce", "eventbridge", "audit", "poll")


@dataclass(frozen=True, kw_only=True)
class WentLive:
    """A version that goes live: what is told of it by every way, seconds earlier or later than it happened."""

    flow_id: str
    version_id: str
    at: datetime
    operation: str

    def event(self, way: str, skew_s: float) -> Event:
        at = self.at + timedelta(seconds=skew_s)
        if way == "poll":
            return self._found(at)
        body = getattr(self, f"_{way}")(at.isoformat())
        return read_event(
            json.dumps(body).encode(), source=Source(name="door"), headers={}, received_at=NOON, new_id=new_id
        )

    def _found(self, at: datetime) -> Event:
        finding = Finding(flow=Flow(id=self.flow_id), version_id=self.version_id, published_at=at)
        return finding.event(source="poll", environment="prod", organization=None, received_at=NOON, new_id=new_id)

    def _webhook(self, at: str) -> dict[str, object]:
        body = sample("genesys/flow-version-published.json")
        return body | {"id": new_id(), "timestamp": at, "data": self._version()}

    def _announce(self, at: str) -> dict[str, object]:
        body = sample("genesys/flow-version-announced.json")
        return body | {"id": new_id(), "timestamp": at, "data": self._version()}

    def _version(self) -> dict[str, str]:
        return {"flowId": self.flow_id, "versionId": self.version_id}

    def _eventbridge(self, at: str) -> dict[str, object]:
        body = sample("eventbridge/flow-publish-success.json") | {"id": new_id()}
        told = body["detail"]["eventBody"] | {"id": self.flow_id, "publishedVersion": {"id": self.version_id}}
        told["currentOperation"] |= {"id": self.operation}
        body["detail"] |= {"eventBody": told, "timestamp": at}
        return body

    def _audit(self, at: str) -> dict[str, object]:
        body = sample("eventbridge/flow-audit-publish-version.json") | {"id": new_id()}
        change = {"property": "publishedVersion", "oldValues": [], "newValues": [self.version_id]}
        body["detail"]["eventBody"] |= {
            "entity": {"id": self.flow_id, "name": "Main IVR"},
            "eventTime": at,
            "propertyChanges": [change],
        }
        return body


@st.composite
def what_is_told(draw: st.DrawFn) -> tuple[list[WentLive], list[Event]]:
    """Up to three goings-live of a flow, hours apart, and the events that tell of them, in any order, some repeated."""
    flow_id = new_id()
    happened = [
        WentLive(flow_id=flow_id, version_id=version, at=NOON + timedelta(hours=number), operation=new_id())
        for number, version in enumerate(draw(st.sampled_from([["16.0"], ["16.0", "17.0"], ["16.0", "17.0", "16.0"]])))
    ]
    told = [
        event
        for one in happened
        for way in draw(st.lists(st.sampled_from(WAYS), min_size=1, unique=True))
        for event in _repeated(one.event(way, draw(st.integers(-240, 240))), draw(st.integers(1, 3)))
    ]
    return happened, draw(st.permutations(told))


def _repeated(event: Event, times: int) -> list[Event]:
    return [replace(event, id=new_id()) for _ in range(times)]


def take(engine: Engine, event: Event) -> None:
    arrival = Arrival(event=event, plan=plan_for(event, CONFIG, new_id=new_id), at=NOON)
    with engine.begin() as conn:
        record_many(conn, [arrival], new_id=new_id)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path_factory.mktemp('joining') / 'receiver.db'}"
    upgrade_database(url)
    with writing(url) as opened:
        yield opened


@settings(max_examples=60)
@given(what_is_told())
def test_every_going_live_is_one_publication_and_runs_each_pipeline_once(
    store: Engine, told: tuple[list[WentLive], list[Event]]
) -> None:
    happened, events = told

    for event in events:
        take(store, event)

    with store.connect() as conn:
        timeline = get_flow(conn, happened[0].flow_id, cursor=None, limit=100).timeline.items
        runs = list_runs(conn, RunFilter(flow=happened[0].flow_id), cursor=None, limit=100).items
    assert Counter(one.publication.version_id for one in timeline) == Counter(one.version_id for one in happened)
    assert Counter(record.run.pipeline for record in runs) == {"deploy": len(happened), "report": len(happened)}
    assert len({(record.run.pipeline, record.run.cause) for record in runs}) == len(runs)

"""Makers for bodies and the events that they are."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from receiver.config import Source
from receiver.envelopes import read_event
from receiver.model import Event

SAMPLES = Path(__file__).parent.parent.parent / "samples"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FLOW_ID = "46a10c81-ca63-4bfe-bc9d-3fbf41ee06b5"
ORG_ID = "23faea37-1117-4c0a-88a2-572c46780b03"


def sample(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((SAMPLES / name).read_bytes())
    return body


def a_body(**fields: object) -> dict[str, Any]:
    """A body of the contract; `data__flowId=…` stands for a field under `data`."""
    body = sample("genesys/flow-version-published.json")
    body["data"] |= {key.removeprefix("data__"): value for key, value in fields.items() if key.startswith("data__")}
    return body | {key: value for key, value in fields.items() if not key.startswith("data__")}


def read(body: dict[str, Any] | bytes, *, environment: str | None = None, content_type: str | None = None) -> Event:
    """The event that a body is."""
    return read_event(
        body if isinstance(body, bytes) else json.dumps(body).encode(),
        source=Source(name="genesys", environment=environment),
        headers={"content-type": content_type} if content_type else {},
        received_at=NOON,
        new_id=lambda: "the-id",
        secret="CI_WEBHOOK_SECRET",
    )

"""What a receiver's API tells of flows (docs/api.md), made up."""

from collections.abc import Callable
from typing import Any

import httpx

OURS = {"content_hash": "sha256:0a11", "commit": "c0ffee", "actor": "kim", "environment": "prod", "file": "main.json"}


def a_publication(version_id: str = "16.0", *, at: str = "2026-05-04T12:00:00.000Z", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as JSON holds it
    """One going-live, of ours unless told otherwise."""
    return {"version_id": version_id, "occurred_at": at, "provenance": OURS} | more


def a_note(at: str = "2026-05-04T12:00:00.000Z", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as JSON holds it
    """An adoption or a block."""
    return {"event_id": "e-1", "version_id": None, "content_hash": "sha256:0a11", "provenance": OURS, "at": at} | more


def a_told_flow(*publications: dict[str, Any], flow_id: str = "f-1", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A flow as the API shows it, the newest publication first."""
    return {
        "flow_id": flow_id,
        "flow_name": "Main IVR",
        "good": None,
        "timeline": {"items": list(publications), "next_cursor": None},
        "adopted": [],
        "blocked": [],
    } | more


def telling(*flows: dict[str, Any]) -> Callable[[httpx.Request], httpx.Response]:
    """A receiver's API that tells of these flows."""
    by_path = {f"/api/v1/flows/{flow['flow_id']}": flow for flow in flows}
    listed = {"items": [{"flow_id": flow["flow_id"]} for flow in flows], "next_cursor": None}

    def answer(request: httpx.Request) -> httpx.Response:
        found = by_path.get(request.url.path, listed if request.url.path == "/api/v1/flows" else None)
        return httpx.Response(200, json=found) if found else httpx.Response(404, json={"status": 404})

    return answer

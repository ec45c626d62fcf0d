"""An event to try things out with, in the shape that the webhook documents (docs/webhook.md)."""

import re
from datetime import datetime

from receiver.clock import rfc3339
from receiver.model import FLOW_VERSION_PUBLISHED
from receiver.web.views import JsonObject

SAMPLE_FLOW_ID = "2f6f1c1e-0d5b-4f6e-9d0a-3c1b5a7e8f90"
SAMPLE_FLOW_NAME = "Automated IVR Flow v2"
SAMPLE_VERSION = "1.0"


def sample_event(
    *,
    event_id: str,
    now: datetime,
    flow_id: str,
    flow_name: str,
    version: str,
    event_type: str = FLOW_VERSION_PUBLISHED,
) -> JsonObject:
    """A flow version that went live a moment ago."""
    number = re.match(r"[0-9]{1,9}", version)
    return {
        "id": event_id,
        "event": event_type,
        "timestamp": rfc3339(now),
        "organizationId": "4a6b1c52-7e0f-4c8e-9d3b-2f1a0c5e7d98",
        "data": {
            "flowId": flow_id,
            "flowName": flow_name,
            "flowType": "INBOUNDCALL",
            "versionId": version,
            "versionNumber": int(number[0]) if number else None,
            "status": "published",
            "publishedBy": {
                "id": "0d9c8b7a-6f5e-4d3c-2b1a-0f9e8d7c6b5a",
                "name": "receiver events send",
                "type": "USER",
            },
        },
    }

"""Reads what came in: whatever the envelope, one canonical event, with faults where a field could not be read.

`json_object` reads the body, `fields` its fields, `contract`, `eventbridge` (with `audits`) and `cloudevents` know the
envelopes.
"""

from receiver.envelopes.headers import is_json, kept_headers
from receiver.envelopes.reading import dedupe_key_of, is_note, read_event

__all__ = ["dedupe_key_of", "is_json", "is_note", "kept_headers", "read_event"]

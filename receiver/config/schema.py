"""The JSON Schema of `config/receiver.yaml`, for editors."""

import json

from receiver.config.shapes import ConfigShape

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def config_schema() -> str:
    """The schema as text, the same on every machine."""
    schema = {"$schema": DIALECT} | ConfigShape.model_json_schema() | {"title": "config/receiver.yaml of flow-relay"}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"

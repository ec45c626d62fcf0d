"""The JSON Schemas of the publisher's config files, which editors complete and check by."""

import json
from collections.abc import Mapping
from typing import Any

from publisher.config import DEFAULT_CONCURRENCY, DEFAULT_MAX_NODES, MOST_CONCURRENCY, MOST_NODES
from publisher.config_document import VARIABLE
from publisher.durations import PATTERN as DURATION
from publisher.environments import NAME, UUID, OnDrift
from publisher.genesys.hosts import REGIONS
from publisher.settings import CLIENT_ID, CLIENT_SECRET, WEBHOOK_SECRET

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = Mapping[str, Any]


def _text(description: str, **more: Any) -> Schema:  # noqa: ANN401 - passed on
    return {"type": "string", "minLength": 1, "description": description, **more}


def _variable(description: str, default: str | None = None) -> Schema:
    known = {} if default is None else {"default": default}
    return {"type": "string", "pattern": f"^{VARIABLE.pattern}$", "description": description, **known}


def _url(description: str) -> Schema:
    return {"type": "string", "pattern": "^https?://[^@ ]+$", "description": description}


def _mapping(properties: Mapping[str, Schema], **more: Any) -> Schema:  # noqa: ANN401 - passed on
    return {"type": "object", "additionalProperties": False, "properties": properties, **more}


def _texts(description: str) -> Schema:
    return {"type": ["array", "null"], "items": {"type": "string", "minLength": 1}, "description": description}


ORGANIZATION: Mapping[str, Schema] = {
    "region": _text("The region of the organization: its AWS name, or its domain.", examples=sorted(REGIONS)),
    "api_url": _url("The API's URL where there is no region: a sandbox, a proxy."),
    "token_url": _url("Where tokens are asked for, if that does not follow from `api_url`."),
    "organization": {
        "type": "string",
        "pattern": f"^{UUID}$",
        "description": "The id of the organization. Credentials of any other one send nothing.",
    },
}
ENVIRONMENT: Mapping[str, Schema] = {
    **ORGANIZATION,
    "client_id": _variable("The NAME of the variable with the OAuth client's id.", CLIENT_ID[0]),
    "client_secret": _variable("The NAME of the variable with its secret, never the secret.", CLIENT_SECRET[0]),
    "same_org_as": _text("Another environment in whose organization this one is."),
    "name_prefix": _text("What the names of its flows begin with."),
    "division": _text("The division that its flows are in."),
    "protected": {
        "type": "boolean",
        "default": False,
        "description": "Whether a person has to agree to every change: on the terminal, or with --yes.",
    },
    "on_drift": {
        "enum": list(OnDrift),
        "default": OnDrift.FAIL,
        "description": "What to do when the version that is live was not published by flow-relay.",
    },
    "on_lock": {
        "description": "What to do when somebody is editing the flow.",
        "default": "fail",
        "oneOf": [
            {"const": "fail"},
            _mapping({"wait": {"type": "string", "pattern": f"^{DURATION}$"}}, required=["wait"]),
        ],
    },
}
PLACES = [
    {
        "required": ["region"],
        "not": {"anyOf": [{"required": [key]} for key in ("api_url", "token_url", "same_org_as")]},
    },
    {"required": ["api_url"], "not": {"anyOf": [{"required": [key]} for key in ("region", "same_org_as")]}},
    {"required": ["same_org_as"], "not": {"anyOf": [{"required": [key]} for key in ORGANIZATION]}},
]
ENVIRONMENTS: Schema = {
    "$schema": DIALECT,
    "title": "config/environments.yaml of flow-relay",
    **_mapping(
        {
            "environments": {
                "type": ["object", "null"],
                "description": "The places that flows are pushed to, by their names.",
                "propertyNames": {"pattern": f"^{NAME}$"},
                "additionalProperties": _mapping(ENVIRONMENT, oneOf=PLACES),
            }
        }
    ),
}

FLOW: Mapping[str, Schema] = {
    "file": _text("The path of one flow file."),
    "files": _text("A glob of flow files; ** goes into folders."),
    "id": {
        "description": "The id of the flow that the file is for: one, or one for each environment.",
        "oneOf": [
            {"type": "string", "minLength": 1},
            {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
        ],
    },
    "values": _texts("Files of values for placeholders; {environment} stands for its name. Of two, the later counts."),
}
RECEIVER: Mapping[str, Schema] = {
    "url": _url("Where the receiver listens, such as https://relay.example.com."),
    "source": _text("The receiver's source that the events go to.", default="genesys"),
    "secret": _variable("The NAME of the variable with the webhook's secret, never the secret.", WEBHOOK_SECRET),
    "token": _variable("The NAME of the variable with the token for the receiver's API, never the token."),
}
PUBLISHER: Schema = {
    "$schema": DIALECT,
    "title": "config/publisher.yaml of flow-relay",
    **_mapping(
        {
            "flows": {
                "type": ["array", "null"],
                "description": "The files that `publisher publish` and `publisher validate` take when none are named.",
                "items": _mapping(
                    FLOW,
                    oneOf=[
                        {"required": ["file"], "not": {"required": ["files"]}},
                        {"required": ["files"], "not": {"anyOf": [{"required": [key]} for key in ("file", "id")]}},
                    ],
                ),
            },
            "max_nodes": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST_NODES,
                "default": DEFAULT_MAX_NODES,
                "description": "More nodes than this are an error.",
            },
            "concurrency": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST_CONCURRENCY,
                "default": DEFAULT_CONCURRENCY,
                "description": "How many files are published at the same time.",
            },
            "known_types": _texts("Node types that are known to you, beside the built-in ones."),
            "receiver": {
                "description": "Where the receiver listens, if CI_WEBHOOK_URL is not set.",
                "oneOf": [{"type": "null"}, _mapping(RECEIVER, required=["url"])],
            },
        }
    ),
}

SCHEMAS: Mapping[str, Schema] = {"environments": ENVIRONMENTS, "publisher": PUBLISHER}
"""The schema of each config file, by the file's name."""


def schema_text(name: str) -> str:
    """A schema as its file has it, the same on every machine."""
    return json.dumps(SCHEMAS[name], indent=2, ensure_ascii=False) + "\n"

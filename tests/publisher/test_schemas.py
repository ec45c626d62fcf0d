"""The JSON Schemas of `config/environments.yaml` and `config/publisher.yaml`."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from publisher import config, environments, schemas
from publisher.config import parse_config
from publisher.environments import parse_environments
from publisher.errors import UsageError
from publisher.genesys.documents import read_document
from tests.publisher.test_config import WHOLE as WHOLE_CONFIG
from tests.publisher.test_environments import WHOLE as WHOLE_ENVIRONMENTS

jsonschema = pytest.importorskip("jsonschema")

FOLDER = Path(__file__).parents[2] / "config"
PARSE: Mapping[str, Callable[..., object]] = {"environments": parse_environments, "publisher": parse_config}


def dev(keys: str) -> str:
    return f"environments:\n  dev: {{{keys}}}\n"


def accepts(name: str, text: str) -> bool:
    validator = jsonschema.Draft202012Validator(schemas.SCHEMAS[name])
    return bool(validator.is_valid(read_document(text).data))


@pytest.mark.parametrize("name", schemas.SCHEMAS)
def test_the_file_holds_the_schema(name: str) -> None:
    assert (FOLDER / f"{name}.schema.json").read_text() == schemas.schema_text(name)


@pytest.mark.parametrize("name", schemas.SCHEMAS)
def test_it_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schemas.SCHEMAS[name])


@pytest.mark.parametrize("name", schemas.SCHEMAS)
def test_the_config_that_comes_with_the_project_names_its_schema_and_keeps_to_it(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text()

    assert text.startswith(f"# yaml-language-server: $schema={name}.schema.json\n")
    assert accepts(name, text)


@pytest.mark.parametrize(
    ("keys", "known"),
    [
        (environments.KEYS, schemas.ENVIRONMENT),
        (environments.OF_THE_ORGANIZATION, schemas.ORGANIZATION),
        (config.KEYS, schemas.PUBLISHER["properties"]),
        (config.FLOW_KEYS, schemas.FLOW),
        (config.RECEIVER_KEYS, schemas.RECEIVER),
    ],
    ids=["environment", "organization", "config", "flow", "receiver"],
)
def test_it_has_the_keys_that_are_read(keys: tuple[str, ...], known: dict[str, object]) -> None:
    assert set(known) == set(keys)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("environments", WHOLE_ENVIRONMENTS),
        ("environments", "environments:"),
        ("environments", dev("region: us-east-1, on_lock: fail, protected: false, on_drift: overwrite")),
        ("environments", dev("api_url: 'http://127.0.0.1:1', token_url: 'http://127.0.0.1:2'")),
        ("publisher", WHOLE_CONFIG),
        ("publisher", "{flows: null, known_types: null, receiver: null}"),
    ],
)
def test_what_is_read_keeps_to_the_schema(name: str, text: str) -> None:
    PARSE[name](text, file=f"{name}.yaml")

    assert accepts(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("environments", dev("")),
        ("environments", dev("region: us-east-1, api_url: 'http://127.0.0.1:1'")),
        ("environments", dev("region: us-east-1, token_url: 'http://127.0.0.1:1'")),
        ("environments", dev("region: us-east-1, client_secret: hunter2")),
        ("environments", dev("region: us-east-1, organization: Acme")),
        ("environments", dev("region: us-east-1, protected: yes")),
        ("environments", dev("region: us-east-1, on_drift: ignore")),
        ("environments", dev("region: us-east-1, on_lock: {wait: long}")),
        ("environments", dev("region: us-east-1, on_lock: {}")),
        ("environments", "environments: {Dev: {region: us-east-1}}"),
        ("environments", "environments: {a: {region: us-east-1}, b: {same_org_as: a, region: us-east-1}}"),
        ("publisher", "flows: [{id: a}]"),
        ("publisher", "flows: [{file: a, files: b}]"),
        ("publisher", "flows: [{files: a, id: b}]"),
        ("publisher", "flows: [{file: a, id: {dev: 7}}]"),
        ("publisher", "max_nodes: 0"),
        ("publisher", "receiver: {source: a}"),
        ("publisher", "receiver: {url: 'https://relay.example.com', token: a token}"),
        ("publisher", "flow: []"),
    ],
)
def test_what_is_refused_does_not(name: str, text: str) -> None:
    with pytest.raises(UsageError):
        PARSE[name](text, file=f"{name}.yaml")

    assert not accepts(name, text)

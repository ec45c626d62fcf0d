"""The files in `config/`: the schema is the present one, the example is fine, also with its comments taken away."""

import json
import re
from pathlib import Path

import pytest

from receiver.config import parse_config, parse_environments
from receiver.config.schema import config_schema
from receiver.config.shapes import SHAPES

CONFIG = Path(__file__).parents[3] / "config"
EXAMPLE = (CONFIG / "receiver.yaml").read_text(encoding="utf-8")
DOCS = (CONFIG.parent / "docs" / "config.md").read_text(encoding="utf-8")
KEYS = {key for shape in SHAPES.values() for key in tuple(shape.keys())}


def test_the_schema_in_the_repository_is_the_present_one() -> None:
    stored = (CONFIG / "receiver.schema.json").read_text(encoding="utf-8")

    assert stored == config_schema(), "write it again: receiver config schema config/receiver.schema.json"


def test_the_schema_knows_the_words_of_the_file() -> None:
    schema = json.loads(config_schema())

    assert set(schema["$defs"]["StepShape"]["required"]) == {"id", "target", "url"}
    assert {"if", "json"} < set(schema["$defs"]["StepShape"]["properties"])


def test_the_example_is_fine() -> None:
    config = parse_config(EXAMPLE, file="config/receiver.yaml")

    assert config.pipelines == ()
    assert config.variables == ("CI_WEBHOOK_SECRET", "CI_WEBHOOK_SECRET_PREVIOUS")


def test_the_example_is_fine_with_its_comments_taken_away() -> None:
    active, mark, commented = EXAMPLE.partition("# secrets:")

    config = parse_config(active + re.sub(r"(?m)^# ?", "", mark + commented), file="config/receiver.yaml")

    assert [pipeline.name for pipeline in config.pipelines] == ["deploy-ivr"]


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_is_documented(key: str) -> None:
    assert f"`{key}`" in DOCS


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL))
def test_the_examples_of_the_docs_are_fine(example: str) -> None:
    environments = parse_environments("environments: {prod: {region: eu-west-1}}", file="environments.yaml")

    assert parse_config(example, file="docs/config.md", environments=environments).text == example

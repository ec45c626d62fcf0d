"""What a config can mean and hardly does."""

import pytest

from receiver.config import parse_config
from receiver.doubts import doubts

DOORS = "sources: {genesys: {secrets: [A], environment: prod}, test: {secrets: [A], environment: test}}"
STEPS = 'steps: [{id: go, target: http, url: "https://ci.example.com"}]'


def doubted(on: str, *, sources: str = DOORS) -> list[str]:
    return list(
        doubts(parse_config(f"{sources}\npipelines: {{deploy: {{on: {on}, {STEPS}}}}}\n", file="receiver.yaml"))
    )


def test_a_type_that_is_nearly_a_known_one_is_doubted() -> None:
    assert doubted("{type: flow.version.publishd}") == [
        "pipeline 'deploy' waits for events of the type 'flow.version.publishd'. Did you mean 'flow.version.published'?"
    ]


def test_an_environment_that_no_source_has_is_doubted() -> None:
    assert doubted("{environment: prd}") == [
        "pipeline 'deploy' waits for events of environment 'prd', and no source has it. Did you mean 'prod'?"
    ]


@pytest.mark.parametrize(
    "on",
    ["{}", "{type: flow.deleted}", "{type: 'flow.version.*'}", "{type: com.acme.done}", "{environment: [prod, test]}"],
)
def test_what_can_be_meant_is_not_doubted(on: str) -> None:
    assert doubted(on) == []


def test_a_source_of_no_environment_may_bring_events_of_any() -> None:
    assert doubted("{environment: prd}", sources="sources: {genesys: {secrets: [A]}}") == []

"""The config as a whole: what a text becomes."""

import hashlib
from textwrap import dedent

import pytest

from receiver.config import DEFAULT_CONFIG, Config, Retention, SecretRule, Source, Target, parse_config
from receiver.config.amounts import Rate
from receiver.errors import ConfigError
from receiver.model import FLOW_VERSION_PUBLISHED, Condition, GroupPolicy, NewStep

WHOLE = dedent(
    """\
    sources:
      genesys: {verify: header, header: X-Secret, secrets: [A, B], environment: prod, expect_within: 7d}
    secrets:
      CI_TOKEN: {hosts: [ci.example.com, "127.0.0.1:9000"]}
    targets:
      ci: {kind: http}
    limits: {body: 64KiB}
    outbound: {deny: [loopback, 10.1.2.3/8]}
    pipelines:
      deploy-ivr:
        owner: ivr-team
        on: {type: [flow.*, unknown], flow: "Main *", environment: prod, source: genesys, when: event.flow_id != ""}
        concurrency: {group: "${{ event.flow_id }}", policy: queue}
        steps:
          - id: smoke
            target: ci
            url: https://ci.example.com/smoke
            json: null
          - id: deploy
            target: http
            method: PUT
            url: https://ci.example.com/deploy?flow=${{ event.flow_id }}
            headers: {Authorization: "Bearer ${{ secrets.CI_TOKEN }}"}
            body: "${{ steps.smoke.status }}"
            success: {status: [200]}
            retry: {attempts: 2, delay: 500ms, max_delay: 2m, give_up_after: 1h}
            attempt_timeout: 5s
            timeout: 1d
          - {id: undo, if: failure(), needs: [smoke, deploy], target: http, url: "https://ci.example.com"}
    """
)


def parsed(text: str) -> Config:
    return parse_config(dedent(text), file="receiver.yaml")


def steps_of(text: str) -> tuple[NewStep, ...]:
    (pipeline,) = parsed(text).pipelines
    return pipeline.steps


def test_every_part_is_read() -> None:
    config = parsed(WHOLE)

    assert config.sources == (
        Source(name="genesys", header="X-Secret", secrets=("A", "B"), environment="prod", expect_within_s=7 * 86400.0),
    )
    assert config.secrets == (SecretRule(name="CI_TOKEN", hosts=("ci.example.com", "127.0.0.1:9000")),)
    assert config.targets == (Target(name="ci", kind="http"),)
    assert config.max_body_bytes == 64 * 1024
    assert config.outbound_deny == ("127.0.0.0/8", "::1/128", "10.0.0.0/8")
    assert config.digest == hashlib.sha256(WHOLE.encode()).hexdigest()
    assert config.text == WHOLE
    assert config.variables == ("A", "B", "CI_TOKEN")


def test_sources_and_secrets_are_found_by_name() -> None:
    config = parsed(WHOLE)

    assert config.source_by_name == {"genesys": config.sources[0]}
    assert config.secret_by_name == {"CI_TOKEN": config.secrets[0]}


@pytest.mark.parametrize(
    ("keys", "scheme", "header"),
    [
        ("", "header", "X-Genesys-Webhook-Secret"),
        ("verify: hmac-sha256", "hmac-sha256", "X-Hub-Signature-256"),
        ("verify: hmac-sha256, header: X-Sig", "hmac-sha256", "X-Sig"),
        ("verify: standard-webhooks", "standard-webhooks", ""),
        ("verify: bearer", "bearer", ""),
    ],
)
def test_each_scheme_has_its_own_header(keys: str, scheme: str, header: str) -> None:
    [source] = parsed(f"sources: {{s: {{secrets: [A], {keys}}}}}").sources

    assert (source.scheme, source.header) == (scheme, header)


def test_a_source_can_be_held_to_networks_and_a_rate() -> None:
    [source] = parsed("sources: {s: {secrets: [A], networks: [10.1.2.3/8, loopback], rate: 60/m}}").sources

    assert source.networks == ("10.0.0.0/8", "127.0.0.0/8", "::1/128")
    assert source.rate == Rate(number=60, seconds=60)


def test_a_pipeline_is_read() -> None:
    (pipeline,) = parsed(WHOLE).pipelines

    assert (pipeline.name, pipeline.owner, pipeline.policy) == ("deploy-ivr", "ivr-team", GroupPolicy.QUEUE)
    assert pipeline.rule.types == ("flow.*", "unknown")
    assert pipeline.rule.flows == ("Main *",)
    assert pipeline.rule.environments == ("prod",)
    assert pipeline.rule.sources == ("genesys",)
    assert [step.name for step in pipeline.steps] == ["smoke", "deploy", "undo"]


def test_a_step_keeps_its_part_of_the_config_with_templates_unevaluated() -> None:
    deploy = steps_of(WHOLE)[1]

    assert (deploy.target, deploy.kind, deploy.timeout_s) == ("http", "http", 86400.0)
    assert deploy.definition == {
        "method": "PUT",
        "url": "https://ci.example.com/deploy?flow=${{ event.flow_id }}",
        "headers": {"Authorization": "Bearer ${{ secrets.CI_TOKEN }}"},
        "body": "${{ steps.smoke.status }}",
        "success": {"status": [200]},
        "retry": {"attempts": 2, "delay_s": 0.5, "max_delay_s": 120.0, "give_up_after_s": 3600.0},
        "timeout_s": 5.0,
    }


def test_a_step_that_says_little_has_defaults() -> None:
    (step,) = steps_of("pipelines: {p: {on: {}, steps: [{id: go, target: http, url: 'http://ci'}]}}")

    assert step == NewStep(
        name="go",
        target="http",
        kind="http",
        needs=(),
        condition=Condition.SUCCESS,
        timeout_s=3600.0,
        definition={
            "method": "POST",
            "url": "http://ci",
            "headers": {},
            "success": {"status": [200, 201, 202, 204]},
            "retry": {"attempts": 5, "delay_s": 1.0, "max_delay_s": 3600.0, "give_up_after_s": 86400.0},
            "timeout_s": 10.0,
        },
    )


def test_a_rule_without_a_type_is_about_publications() -> None:
    (pipeline,) = parsed("pipelines: {p: {on: {}, steps: [{id: go, target: http, url: 'http://ci'}]}}").pipelines

    assert pipeline.rule.types == (FLOW_VERSION_PUBLISHED,)


def test_on_is_a_key_like_any_other() -> None:
    (pipeline,) = parsed(
        """\
        pipelines:
          p:
            on:
              own: true
            steps: [{id: go, target: http, url: http://ci}]
        """
    ).pipelines

    assert pipeline.rule.own


def test_a_json_body_of_null_is_not_the_default_body() -> None:
    smoke = steps_of(WHOLE)[0]

    assert smoke.definition["json"] is None


def test_steps_run_in_order_unless_they_say_what_they_need() -> None:
    steps = steps_of(
        """\
        pipelines:
          p:
            on: {}
            steps:
              - {id: a, target: http, url: http://ci}
              - {id: b, target: http, url: http://ci}
              - {id: c, target: http, url: http://ci, needs: []}
              - {id: d, target: http, url: http://ci, needs: [a, c, a], if: always()}
        """
    )

    assert [step.needs for step in steps] == [(), ("a",), (), ("a", "c")]
    assert steps[3].condition is Condition.ALWAYS


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}", "pipelines:\n", "sources:\nsecrets:\n"])
def test_a_config_that_says_nothing_is_the_default(text: str) -> None:
    config = parsed(text)

    assert config.sources == DEFAULT_CONFIG.sources
    assert config.pipelines == ()
    assert config.max_body_bytes == 1024 * 1024


def test_json_is_read_as_well() -> None:
    assert parsed('{"limits": {"body": "2MiB"}}').max_body_bytes == 2 * 1024 * 1024


def test_a_secret_goes_to_its_hosts_only() -> None:
    rule = SecretRule(name="CI_TOKEN", hosts=("ci.example.com", "127.0.0.1:9000"))

    assert rule.allows(host="ci.example.com", port=8443)
    assert rule.allows(host="127.0.0.1", port=9000)
    assert not rule.allows(host="127.0.0.1", port=9001)
    assert not rule.allows(host="evil.example.com", port=443)


def test_a_text_that_is_no_document_is_refused_with_its_place() -> None:
    with pytest.raises(ConfigError) as raised:
        parsed("pipelines:\n  a: [1\n")

    assert raised.value.faults[0].startswith("receiver.yaml:")


def test_how_long_the_history_is_kept_is_read() -> None:
    config = parse_config("retention: {events: 90d, bodies: forever, max_size: 2GB}", file="receiver.yaml")

    assert config.retention == Retention(events_s=90 * 86400.0, bodies_s=None, max_bytes=2_000_000_000)
    assert parse_config("", file="receiver.yaml").retention == Retention()

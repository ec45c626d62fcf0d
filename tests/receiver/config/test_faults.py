"""What is wrong with a config is told in one go, each fault with its place."""

from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.config import examine_config
from receiver.config.shapes import SHAPES

STEP = "id: go, target: http, url: 'http://ci'"
KEYS = sorted({key for shape in SHAPES.values() for key in (*shape.keys(), *shape.later)})


def faults_of(text: str) -> list[str]:
    return [fault.line("f") for fault in examine_config(dedent(text), file="f").faults]


def in_step(keys: str) -> str:
    """A config whose one step has these keys too."""
    return f"pipelines: {{p: {{on: {{}}, steps: [{{{STEP}, {keys}}}]}}}}"


def in_rule(keys: str) -> str:
    return f"pipelines: {{p: {{on: {{{keys}}}, steps: [{{{STEP}}}]}}}}"


def test_every_fault_is_told_at_once_in_the_order_of_the_file() -> None:
    faults = faults_of(
        """\
        sources:
          genesys: {secrets: [CI_WEBHOOK_SECRET], heder: X-Secret}
        secrets:
          CI_TOKEN: {hosts: [ci.example.com]}
        pipelines:
          deploy-ivr:
            on: {flow: ["Main *"], when: event.version_nmber > 1}
            steps:
              - id: deploy
                target: htpp
                url: https://evil.example.com/deploy
                headers: {Authorization: "Bearer ${{ secrets.CI_TOKEN }}"}
                timeout: ten
              - {id: deploy, target: http, needs: [smoke]}
        """
    )

    assert faults == [
        "f:2:43: sources.genesys has the unknown key 'heder'. Did you mean 'header'?",
        "f:7:34: There is no 'event.version_nmber' here. Did you mean 'version_number'?",
        "f:10:17: step 'deploy' names target 'htpp', which does not exist. Did you mean 'http'?",
        "f:12:34: step 'deploy' would send secret CI_TOKEN to evil.example.com:443; its hosts are ci.example.com.",
        "f:13:18: pipelines.deploy-ivr.steps[0].timeout is 'ten'; "
        "give a number with ms, s, m, h or d, such as '30s' or '1h', of at most 366d.",
        "f:14:9: pipelines.deploy-ivr.steps[1] lacks 'url'.",
        "f:14:14: the id 'deploy' is given twice; each step needs its own.",
        "f:14:44: step 'deploy' needs 'smoke', which does not exist.",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("[1]", "f:1:1: the config is a list; give a mapping.", id="no mapping"),
        pytest.param("sorces: {}", "f:1:1: There is no key 'sorces'. Did you mean 'sources'?", id="unknown key"),
        pytest.param("sources: 5", "f:1:10: sources is 5; give a mapping.", id="a number"),
        pytest.param("limits:", "f:1:8: limits is empty; give a mapping.", id="nothing"),
        pytest.param("limits: {body: 1}", "f:1:16: limits.body is 1; give a number with B, KiB or MiB", id="size"),
        pytest.param("outbound: {deny: [lan]}", "outbound.deny[0] is 'lan'; give 'private', 'loopback'", id="network"),
        pytest.param("windows: {}", "f:1:1: windows is not supported by this release.", id="later"),
        pytest.param("targets: {a: {kind: github}}", "targets.a.kind is 'github'; this release takes", id="kind"),
        pytest.param("sources: {A: {secrets: [B]}}", "f:1:11: sources.A is 'A'; give lower-case", id="name"),
        pytest.param("sources: {a: {secrets: []}}", "sources.a.secrets is an empty list; give at least 1", id="empty"),
        pytest.param("secrets: {A: {hosts: [HTTP://x]}}", "secrets.A.hosts[0] is 'HTTP://x'; give a host", id="host"),
        pytest.param("a: 1\na: 2", "f:2:1: 'a' is given twice", id="a key given twice"),
    ],
)
def test_the_outer_parts_are_checked(text: str, fault: str) -> None:
    assert [line for line in faults_of(text) if fault in line]


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        pytest.param("wait: outcome", "steps[0].wait is 'outcome'; this release takes 'none'.", id="wait"),
        pytest.param("approval: {}", "steps[0].approval is not supported by this release.", id="approval"),
        pytest.param("retry: {attempts: '5'}", "retry.attempts is '5'; give a whole number.", id="type"),
        pytest.param("retry: {attempts: 51}", "retry.attempts is 51; give at most 50.", id="too much"),
        pytest.param("retry: {delay: 2h}", "retry.delay is longer than retry.max_delay.", id="delays"),
        pytest.param("timeout: 5", "timeout is 5; give a number with ms, s, m, h or d", id="no unit"),
        pytest.param("timeout: 0s", "timeout is '0s'; give a number", id="no time at all"),
        pytest.param("method: post", "method is 'post'; this release takes 'POST',", id="method"),
        pytest.param("if: failure()", "runs when a step that it needs has failed, and it needs none.", id="failure"),
        pytest.param("if: false", "steps[0].if is false; this release takes 'success()'", id="if"),
        pytest.param("success: {status: [100]}", "success.status[0] is 100; give at least 200.", id="status"),
        pytest.param("json: 1, body: a", "has both a 'json' and a 'body'; give one.", id="two bodies"),
        pytest.param("headers: {host: a}", "the header 'host' is set by the receiver itself", id="our header"),
        pytest.param("headers: {'a b': c}", "headers.a b is 'a b'; give the name of a header.", id="header name"),
        pytest.param('headers: {a: "b\\r\\nc: d"}', "the header 'a' holds a control character.", id="header value"),
        pytest.param("json: {a: ['${{ evnt }}']}", "There is no 'evnt' here. Did you mean 'event'?", id="template"),
        pytest.param("json: {'${{ 1 }}': 1}", "holds a template; only values may.", id="template in a key"),
        pytest.param("body: '${{ secrets.CI }}'", "There is no 'secrets.CI' here. None is known.", id="undeclared"),
        pytest.param("body: '${{ callback.url }}'", "'callback' is not supported by this release.", id="callback"),
        pytest.param("body: '${{ vars.x }}'", "There is no 'vars.x' here. None is known.", id="vars"),
        pytest.param("body: '${{ steps.go.url }}'", "reads steps.go without waiting for it", id="itself"),
        pytest.param("needs: [go]", "steps wait for each other for ever: go needs go.", id="needs itself"),
    ],
)
def test_steps_are_checked(keys: str, fault: str) -> None:
    (line,) = faults_of(in_step(keys))

    assert line.startswith("f:1:")
    assert fault in line


def test_an_id_given_twice_is_no_circle() -> None:
    faults = faults_of(
        """\
        pipelines:
          p:
            on: {}
            steps:
              - {id: go, target: http, url: "https://ci"}
              - {id: go, target: http, url: "https://ci"}
        """
    )

    assert faults == ["f:6:14: the id 'go' is given twice; each step needs its own."]


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        pytest.param("https://${{ event.flow_id }}", "has no literal http(s) host", id="host"),
        pytest.param("https://ci/${{ event.flow }}", "There is no 'event.flow' here.", id="name"),
        pytest.param("https://ci:0/", "has the port 0; ports go from 1 to 65535.", id="port"),
    ],
)
def test_urls_are_checked(url: str, fault: str) -> None:
    (line,) = faults_of(f"pipelines: {{p: {{on: {{}}, steps: [{{id: go, target: http, url: '{url}'}}]}}}}")

    assert fault in line


def test_a_group_is_checked() -> None:
    keys = "on: {}, concurrency: {group: '${{ run.id }}'}"

    (line,) = faults_of(f"pipelines: {{p: {{{keys}, steps: [{{{STEP}}}]}}}}")

    assert "There is no 'run' here." in line


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        pytest.param("type: []", "pipelines.p.on.type is an empty list; give at least 1.", id="empty"),
        pytest.param("flow: [1]", "pipelines.p.on.flow[0] is 1; give text.", id="type"),
        pytest.param("source: genesis", "there is no source 'genesis'. Did you mean 'genesys'?", id="source"),
        pytest.param("when: event.type ==", "is not CEL", id="when"),
        pytest.param("when: secrets.A == ''", "There is no 'secrets' here.", id="a secret in when"),
        pytest.param("own: yes", "pipelines.p.on.own is 'yes'; give true or false.", id="own"),
    ],
)
def test_rules_are_checked(keys: str, fault: str) -> None:
    (line,) = faults_of(in_rule(keys))

    assert fault in line


def test_a_circle_of_needs_is_told_with_its_path() -> None:
    steps = f"[{{{STEP}, needs: [b]}}, {{id: b, target: http, url: 'http://ci', needs: [go]}}]"

    (fault,) = faults_of(f"pipelines: {{p: {{on: {{}}, steps: {steps}}}}}")

    assert fault.endswith(("ever: go needs b needs go.", "ever: b needs go needs b."))


def test_two_circles_of_needs_are_both_told() -> None:
    steps = [{"id": name, "target": "http", "url": "http://ci", "needs": [name]} for name in ("a", "b")]

    faults = faults_of(yaml.safe_dump({"pipelines": {"p": {"on": {}, "steps": steps}}}))

    assert len(faults) == 2


def test_a_pasted_secret_is_refused_and_not_quoted() -> None:
    faults = faults_of("sources: {a: {secrets: [hunter2-hunter2]}}\nsecrets: {hunter2: {hosts: [a.b]}}")

    assert [fault.partition(": ")[0] for fault in faults] == ["f:1:25", "f:2:11"]
    assert "hunter2" not in "".join(faults)


def test_a_fault_in_one_place_makes_none_in_another() -> None:
    faults = faults_of(
        """\
        secrets: {A: {hosts: [-]}}
        targets: {ci: {}}
        pipelines:
          p:
            on: 5
            steps:
              - 5
              - {id: go, target: ci, url: "https://a.b", body: "${{ secrets.A }}"}
        """
    )

    assert [fault.partition(": ")[2] for fault in faults] == [
        "secrets.A.hosts[0] is '-'; give a host in lower case, such as 'ci.example.com' or 'ci.example.com:8443'.",
        "targets.ci lacks 'kind'.",
        "pipelines.p.on is 5; give a mapping.",
        "pipelines.p.steps[0] is 5; give a mapping.",
    ]


LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["${{ event.x }}", "5s", "a"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "a", "A"]), inner, max_size=4),
    max_leaves=30,
)


@given(
    st.dictionaries(
        st.sampled_from(["sources", "secrets", "targets", "limits", "outbound"]),
        st.dictionaries(st.sampled_from(["a", "A", "body", "deny"]), VALUES),
    ),
    st.fixed_dictionaries({}, optional=dict.fromkeys(("on", "steps", "concurrency"), VALUES)),
    st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, VALUES)), max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_any_document_is_a_config_or_has_faults(
    outer: dict[str, Any], pipeline: dict[str, Any], steps: list[Any]
) -> None:
    text = yaml.safe_dump(outer | {"pipelines": {"p": {"on": {}, "steps": steps} | pipeline}})

    examined = examine_config(text, file="f")

    assert (examined.config is None) == bool(examined.faults)


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        (
            "verify: bearer, header: X-Key",
            "f:1:45: source 's' is verified by bearer, which has headers of its own; leave 'header' out.",
        ),
        ("verify: hmac", "f:1:37: sources.s.verify is 'hmac'; this release takes 'header', 'hmac-sha256', "),
        ("networks: []", "f:1:39: sources.s.networks is an empty list; give at least 1."),
        (
            "networks: [10.0.0.0/99]",
            "f:1:40: sources.s.networks[0] is '10.0.0.0/99'; give 'private', 'loopback' or a network ",
        ),
        ("rate: 60", "f:1:35: sources.s.rate is 60; give a number a second, minute or hour, such as '10/s' or '60/m'."),
    ],
)
def test_a_source_has_its_faults(keys: str, fault: str) -> None:
    [found] = faults_of(f"sources: {{s: {{secrets: [A], {keys}}}}}")

    assert found.startswith(fault)

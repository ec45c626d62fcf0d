"""The contract that the project grew from, row by row: each test names its row.

Row 6, watching a flow's figures after it went live, has no test: it belongs to a later release.
"""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
import yaml

from publisher import registration
from publisher.audit import Audit
from publisher.checks import check
from publisher.cli.connection import hosts_of
from publisher.deadline import Deadline
from publisher.errors import ExitCode
from publisher.genesys import calls
from publisher.genesys.auth import Credentials, Token, TokenCache, token_request
from publisher.genesys.backoff import RetryPolicy
from publisher.genesys.client import GenesysClient
from publisher.genesys.hosts import hosts_of_region, hosts_of_url
from publisher.genesys.wire import Timeouts, Wire
from publisher.loader import parse_flow, read_flow
from publisher.paths import FaultKind, simulate
from publisher.problems import Severity
from publisher.provenance import Provenance
from publisher.publish import Order, Publisher, poll_delays_s
from publisher.sandbox import FLOW_ID
from publisher.settings import Settings, read_settings
from publisher.trail import Trail
from publisher.voice import Voice
from receiver.config import DEFAULT_CONFIG
from receiver.errors import VerificationError
from tests.publisher.organization import (
    API_URL,
    BOTH,
    CREDENTIALS,
    PUBLISH,
    VERSIONS,
    WEBHOOK_SECRET,
    WEBHOOK_URL,
    Organization,
    Time,
    a_definition,
    a_flow_file,
)
from tests.receiver.verify import HEADER, gates_of, knock

ROWS = {*range(1, 42)} - {6}
EXAMPLE = Path(__file__).parents[1] / "config" / "flows" / "automated-ivr.json"
CLIENT = Credentials(client_id="client-1", client_secret="client-s3cret")

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def organization() -> Organization:
    return Organization()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a flow file without problems, main.json."""
    monkeypatch.chdir(tmp_path)
    a_flow_file(tmp_path)
    return tmp_path


def a_client(answers: Callable[[httpx.Request], httpx.Response], *, time: Time | None = None) -> GenesysClient:
    """A client that gets a token first, and these answers then."""

    def answer(request: httpx.Request) -> httpx.Response:
        is_token = request.url.path.endswith("/oauth/token")
        return httpx.Response(200, json={"access_token": "t", "expires_in": 3600}) if is_token else answers(request)

    time = time or Time()
    wire = Wire(
        httpx.AsyncClient(transport=httpx.MockTransport(answer)),
        hosts=hosts_of_url(API_URL),
        credentials=CLIENT,
        monotonic=time.monotonic,
        rng=Random(1),  # noqa: S311 - jitter, not a secret
        sleep=time.sleep,
    )
    return GenesysClient(wire)


def unheard(_: str) -> None:
    """Say it to nobody."""


def a_publisher(http: httpx.AsyncClient, organization: Organization) -> Publisher:
    """A publisher that keeps its words and records to itself."""
    time = organization.time
    wire = Wire(
        http,
        hosts=hosts_of_url(API_URL),
        credentials=CLIENT,
        monotonic=time.monotonic,
        rng=Random(1),  # noqa: S311 - jitter, not a secret
    )
    return Publisher(
        GenesysClient(wire),
        audit=Audit(governance_id="GOV-1", clock=time.clock, monotonic=time.monotonic, sinks=[]),
        deadline=Deadline(60),
        voice=Voice(stage=unheard, detail=unheard, say=unheard, warn=unheard),
        sleep=time.sleep,
    )


def codes(definition: dict[str, Any], **options: Any) -> list[str]:  # noqa: ANN401 - passed on
    """The codes of all problems of a flow."""
    return [problem.code for problem in check(parse_flow(json.dumps(definition), file="main.json"), **options)]


def messages(definition: dict[str, Any]) -> str:
    return "\n".join(problem.message for problem in check(parse_flow(json.dumps(definition), file="main.json")))


def with_connection(definition: dict[str, Any], source: str, target: str, condition: str = "always") -> dict[str, Any]:
    more = {"id": f"{source}-{target}", "sourceNodeId": source, "targetNodeId": target, "condition": condition}
    return {**definition, "connections": [*definition["connections"], more]}


def with_node(definition: dict[str, Any], id_: str, type_: str) -> dict[str, Any]:
    return {**definition, "nodes": [*definition["nodes"], {"id": id_, "type": type_, "name": id_}]}


def test_every_row_has_a_test() -> None:
    named = re.findall(r"^(?:async )?def test_contract_row_(\d+)_", Path(__file__).read_text(), re.MULTILINE)

    assert {int(row) for row in named} == ROWS


def test_contract_row_1_a_token_is_asked_for_with_id_and_secret_in_the_form() -> None:
    """Contract row 1: with an API URL as there; a region uses the real login host and HTTP Basic."""
    there = token_request(hosts_of_url(API_URL), CLIENT)
    region = token_request(hosts_of_region("eu-central-1"), CLIENT)

    assert there.url == f"{API_URL}/api/v2/oauth/token"
    assert there.form["client_id"] == "client-1"
    assert region.url == "https://login.mypurecloud.de/oauth/token"
    assert region.headers["Authorization"].startswith("Basic ")


def test_contract_row_2_the_default_base_url() -> None:
    """Contract row 2: `https://api.mypurecloud.com` when nothing is set."""
    assert hosts_of(Settings()).api_url == "https://api.mypurecloud.com"


@pytest.mark.anyio
@pytest.mark.parametrize(("life_s", "good_for_s"), [(3600, 3540), (100, 90)], ids=["an hour", "short-lived"])
async def test_contract_row_3_a_token_is_kept_until_shortly_before_its_end(life_s: float, good_for_s: float) -> None:
    """Contract row 3: 60 s before its end, or a tenth of its life; one refresh at a time."""
    now, fetched = [0.0], []

    async def fetch() -> Token:
        fetched.append(now[0])
        await asyncio.sleep(0)
        return Token(value=f"token-{len(fetched)}", life_s=life_s)

    cache = TokenCache(fetch, monotonic=lambda: now[0])
    at_once = await asyncio.gather(*(cache.token() for _ in range(10)))
    now[0] = good_for_s - 1
    kept = await cache.token()
    now[0] = good_for_s + 1
    renewed = await cache.token()

    assert ({*at_once}, kept, renewed, len(fetched)) == ({"token-1"}, "token-1", "token-2", 2)


@pytest.mark.anyio
async def test_contract_row_4_10_seconds_for_the_token_and_30_for_a_call() -> None:
    """Contract row 4: per request."""
    limits: dict[str, float] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        limits[request.url.path] = request.extensions["timeout"]["read"]
        return httpx.Response(200, json={"access_token": "t", "expires_in": 60, "id": "f"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        wire = Wire(
            http,
            hosts=hosts_of_url(API_URL),
            credentials=CLIENT,
            monotonic=Time().monotonic,
            rng=Random(1),  # noqa: S311 - jitter, not a secret
        )
        await GenesysClient(wire).flow("f")

    assert limits == {"/api/v2/oauth/token": 10.0, "/api/v2/flows/f": 30.0}
    assert Timeouts() == Timeouts(token_s=10.0, call_s=30.0)


@pytest.mark.parametrize(
    ("scope", "needed"),
    [
        ("flow:write", "architect:flow:edit"),
        ("flow:view", "architect:flow:view"),
        ("webhook:write", "webhook:write"),
    ],
)
def test_contract_row_5_a_refusal_by_scope_names_scope_and_permission(
    scope: str, needed: str, organization: Organization
) -> None:
    """Contract row 5: named in the 403 message beside the real permissions; the sandbox can refuse by scope."""
    organization.forbid(scope)

    ended = organization.run("publish", "main.json", "--require-webhook", environ=BOTH)

    assert ended.code in {ExitCode.NOT_ALLOWED, ExitCode.FAILED}
    assert f"the scope {scope}" in ended.err
    assert needed in ended.err


@pytest.mark.parametrize("absent", ["ID", "SECRET"])
def test_contract_row_7_missing_credentials_stop_it_with_a_message(absent: str, organization: Organization) -> None:
    """Contract row 7: both accepted variables and `_FILE` are named; exit 2."""
    environ = {name: value for name, value in CREDENTIALS.items() if name != f"GENESYS_CLIENT_{absent}"}

    ended = organization.run("publish", "main.json", environ=environ)

    assert ended.code == ExitCode.USAGE
    assert f"GENESYS_CLIENT_{absent} is not set" in ended.err
    assert f"GENESYS_CLIENT_{absent}_FILE" in ended.err
    assert f"GENESYSCLOUD_OAUTHCLIENT_{absent} works too" in ended.err


def test_contract_row_8_the_credentials_variables() -> None:
    """Contract row 8: `GENESYS_CLIENT_ID`, `GENESYS_CLIENT_SECRET`."""
    settings = read_settings({"GENESYS_CLIENT_ID": "id", "GENESYS_CLIENT_SECRET": "secret"})

    assert settings.credentials() == ("id", "secret")


def test_contract_row_9_the_flow_is_given_by_variable_option_config_or_name(organization: Organization) -> None:
    """Contract row 9: `GENESYS_FLOW_ID` for one graph file; `--flow-id`; the config; else by name."""
    a_flow_file(Path(), name="Called otherwise")
    Path("flows.yaml").write_text(f"flows:\n  - {{file: main.json, id: {FLOW_ID}}}\n")
    by_name = a_flow_file(Path(), file="named.json")

    ended = [
        organization.run("publish", "main.json", environ={**CREDENTIALS, "GENESYS_FLOW_ID": FLOW_ID}),
        organization.run("publish", "main.json", "--flow-id", FLOW_ID),
        organization.run("publish", "main.json", "--config", "flows.yaml"),
        organization.run("publish", by_name),
    ]

    assert [each.results()[0]["flow_id"] for each in ended] == [FLOW_ID] * 4


def test_contract_row_10_url_and_secret_set_registers_within_the_run(organization: Organization) -> None:
    """Contract row 10: ensured before the publish action."""
    organization.run("publish", "main.json", environ=BOTH)

    calls_made = organization.calls()
    assert calls_made.index("POST /api/v2/platform/webhooks 201") < calls_made.index(f"{PUBLISH} 200")


@pytest.mark.parametrize(
    ("options", "code"), [([], ExitCode.OK), (["--require-webhook"], ExitCode.FAILED)], ids=["usual", "required"]
)
def test_contract_row_11_a_failed_registration_is_a_warning(
    options: list[str], code: ExitCode, organization: Organization
) -> None:
    """Contract row 11: exit 0; `--require-webhook` makes it 1."""
    organization.forbid("webhook:write")

    ended = organization.run("publish", "main.json", *options, environ=BOTH)

    assert ended.code == code
    assert "webhook registration failed: " in ended.err


def test_contract_row_12_the_body_of_a_registration() -> None:
    """Contract row 12: name, description, type, endpointUrl, events, secret; found again by name."""
    draft = registration.wanted(url=WEBHOOK_URL, secret=WEBHOOK_SECRET)

    assert calls.create_registration(draft).json == {
        "name": "CI/CD Flow Deployment Sync",
        "description": "Triggers pipeline on flow version publish",
        "type": "web",
        "endpointUrl": WEBHOOK_URL,
        "events": ["flow.version.published"],
        "secret": WEBHOOK_SECRET,
    }


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 201])
async def test_contract_row_13_200_and_201_are_both_taken(status: int) -> None:
    """Contract row 13: 200 or 201 accepted."""
    client = a_client(lambda _: httpx.Response(status, json={"id": "r1"}))

    created = await client.create_registration(registration.wanted(url=WEBHOOK_URL, secret=WEBHOOK_SECRET))

    assert created.id == "r1"


def test_contract_row_14_it_says_that_the_webhook_is_synchronized(organization: Organization) -> None:
    """Contract row 14: one line on stderr."""
    ended = organization.run("publish", "main.json", environ=BOTH)

    assert len([line for line in ended.err.splitlines() if "is synchronized" in line]) == 1


def test_contract_row_15_the_fields_of_a_flow_in_json_or_yaml(organization: Organization) -> None:
    """Contract row 15: name, description, language, nodes, connections, variables, settings."""
    definition = json.loads(EXAMPLE.read_text())
    Path("main.yaml").write_text(yaml.safe_dump(definition, sort_keys=False))

    ended = organization.run("publish", "main.yaml")

    sent = organization.sandbox.org.flow(FLOW_ID).versions[ended.results()[0]["version_id"]].definition
    assert sent == definition
    assert [*sent] == ["name", "description", "language", "nodes", "connections", "variables", "settings"]


def test_contract_row_16_at_most_50_nodes() -> None:
    """Contract row 16: `--max-nodes`."""
    fifty_one = a_definition(types=["trigger", *["say"] * 49, "disconnect"])

    assert "flow.too-many-nodes" in codes(fifty_one)
    assert codes(fifty_one, max_nodes=51) == []


def test_contract_row_17_circles_are_found_where_no_path_leads_too() -> None:
    """Contract row 17: over all nodes, with the circle printed."""
    island = with_node(with_node(a_definition(), "a", "say"), "b", "say")
    circular = with_connection(with_connection(island, "a", "b"), "b", "a")

    assert "flow.cycle" in codes(circular)
    assert "a → b → a" in messages(circular)


@pytest.mark.parametrize(("id_", "type_"), [("start", "trigger"), ("trigger", "say")], ids=["by its type", "by its id"])
def test_contract_row_18_the_simulation_begins_at_the_trigger(id_: str, type_: str) -> None:
    """Contract row 18: the one node of type `trigger`, else the node with that id."""
    bare = {**a_definition(types=["say", "disconnect"])}
    flow = parse_flow(json.dumps(with_connection(with_node(bare, id_, type_), id_, "n0")), file="main.json")

    assert flow.graph is not None
    assert simulate(flow.graph).longest == (id_, "n0", "n1")


@pytest.mark.parametrize("type_", ["disconnect", "queue", "transfer", "hangup"])
def test_contract_row_19_what_ends_a_call(type_: str) -> None:
    """Contract row 19: the four types of terminals."""
    assert codes(a_definition(types=["trigger", type_])) == []


@pytest.mark.parametrize(
    ("definition", "kind", "path"),
    [
        (a_definition(types=["trigger", "say"]), FaultKind.DEAD_END, ("n0", "n1")),
        (a_definition(types=["trigger", "say", "menu"], is_circular=True), FaultKind.LOOP, ("n0", "n1", "n2", "n1")),
    ],
    ids=["dead end", "infinite loop"],
)
def test_contract_row_20_dead_ends_and_loops_are_found_with_a_path(
    definition: dict[str, Any], kind: FaultKind, path: tuple[str, ...]
) -> None:
    """Contract row 20: each with one concrete path."""
    graph = parse_flow(json.dumps(definition), file="main.json").graph

    assert graph is not None
    [fault] = simulate(graph).faults
    assert (fault.kind, fault.path) == (kind, path)


@pytest.mark.parametrize(("source", "target"), [("n1", "nowhere"), ("nowhere", "n1")])
def test_contract_row_21_connections_name_existing_nodes(source: str, target: str) -> None:
    """Contract row 21: every connection names existing nodes."""
    assert "flow.unknown-node" in codes(with_connection(a_definition(), source, target))


def test_contract_row_22_an_unknown_type_is_a_warning() -> None:
    """Contract row 22: the known list can be configured."""
    flow = parse_flow(json.dumps(a_definition(types=["trigger", "hologram", "disconnect"])), file="main.json")

    [problem] = check(flow)
    assert (problem.code, problem.severity) == ("flow.unknown-type", Severity.WARNING)
    assert check(flow, known_types={"trigger", "hologram", "disconnect"}) == ()


@pytest.mark.parametrize("second", ["always", "if digit == 1"], ids=["the same twice", "always beside another"])
def test_contract_row_23_conditions_out_of_a_node_are_unambiguous(second: str) -> None:
    """Contract row 23: the same condition twice, or `always` beside another, is an error."""
    definition = with_node(a_definition(), "other_end", "queue")

    assert "flow.ambiguous-condition" in codes(with_connection(definition, "n1", "other_end", second))


def test_contract_row_24_a_version_is_created_with_201(organization: Organization) -> None:
    """Contract row 24: create version: 201."""
    organization.run("publish", "main.json")

    assert f"POST {VERSIONS} 201" in organization.calls()


def test_contract_row_25_the_server_is_polled_every_2_then_5_seconds_at_most_60_times() -> None:
    """Contract row 25: cancellable too, which row 41 shows."""
    delays = [*poll_delays_s()]

    assert (min(delays), max(delays), len(delays)) == (2.0, 5.0, 60)


def test_contract_row_26_a_failed_validation_prints_its_errors(organization: Organization) -> None:
    """Contract row 26: each as a problem that the server reported."""
    organization.misbehave("invalid", messages=["no prompt", "no skill"])

    ended = organization.run("publish", "main.json")

    assert ended.code == ExitCode.PROBLEMS
    assert "main.json: error: no prompt [server]\nmain.json: error: no skill [server]\n" in ended.err


def test_contract_row_27_too_many_requests_are_waited_out() -> None:
    """Contract row 27: `Retry-After`, jitter upwards, limits configurable."""
    rng = Random(1)  # noqa: S311 - jitter, not a secret
    policy = RetryPolicy()

    grown = [policy.delay_s(retry, wished_s=None, rng=rng) or 0.0 for retry in (1, 2, 3)]
    wished = policy.delay_s(1, wished_s=42.0, rng=rng) or 0.0

    assert all(delay_s >= least_s for delay_s, least_s in zip(grown, (1, 2, 4), strict=True))
    assert wished >= 42
    assert RetryPolicy(retries=1).delay_s(2, wished_s=None, rng=rng) is None


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        ("credentials", "Check its id and secret"),
        ("forbidden", "Give the OAuth client a role"),
        ("missing", "Check the id"),
        ("locked", "have them check it in or unlock it"),
        ("refused", "no trigger node"),
        ("limited", "Try again in 1 s"),
        ("error", "Try again later"),
        ("html", "check the API URL or region"),
    ],
)
def test_contract_row_28_every_refusal_comes_with_advice(fault: str, advice: str, organization: Organization) -> None:
    """Contract row 28: 401, 403, 422, 429, and 404, 409, 5xx, HTML, no network."""
    organization.misbehave(fault, times="always")

    ended = organization.run("publish", "main.json", "--flow-id", FLOW_ID)

    assert ended.code != ExitCode.OK
    assert advice.lower() in ended.err.lower()


def test_contract_row_29_a_stuck_validation_says_where_to_look(organization: Organization) -> None:
    """Contract row 29: after the last poll."""
    organization.misbehave("stuck")

    ended = organization.run("publish", "main.json")

    assert "deeply nested conditions" in ended.err
    assert "references to variables" in ended.err


@pytest.mark.parametrize(("fault", "counts"), [("event-lost", (1, 0)), ("invalid", (0, 1))], ids=["success", "failure"])
def test_contract_row_30_successes_and_failures_are_counted(
    fault: str, counts: tuple[int, int], organization: Organization
) -> None:
    """Contract row 30: printed at the end, and `--metrics-file`."""
    organization.misbehave(fault)

    ended = organization.run("publish", "main.json", "--metrics-file", "publisher.prom")

    assert f"{counts[0]} succeeded, {counts[1]} failed" in ended.err
    assert f'publisher_files_total{{status="success"}} {counts[0]}.0' in Path("publisher.prom").read_text()


def test_contract_row_31_the_time_of_each_action_and_the_whole(organization: Organization) -> None:
    """Contract row 31: latency in ms."""
    ended = organization.run("publish", "main.json")

    latencies = {record["action"]: record["latency_ms"] for record in ended.records()}
    assert (latencies["poll_validation"], ended.results()[0]["latency_ms"]) == (4500, 4500)


def test_contract_row_32_the_fields_of_a_record(organization: Organization) -> None:
    """Contract row 32: the same, plus message."""
    record = organization.run("publish", "main.json").records()[3]

    fields = "timestamp action flow_id version_id status latency_ms error_code governance_id message"
    assert [*record] == fields.split()


def test_contract_row_33_records_are_json_lines_on_stdout(organization: Organization) -> None:
    """Contract row 33: when it is no terminal or with `--json`; short lines on a terminal."""
    piped = organization.run("publish", "main.json")
    asked = organization.run("publish", "main.json", "--json", is_terminal=True)
    terminal = organization.run("publish", "main.json", is_terminal=True)

    assert len(piped.records()) == len(asked.records()) == 7
    assert not any(line.startswith("{") for line in terminal.out.splitlines())


def test_contract_row_34_refused_files_are_recorded(organization: Organization) -> None:
    """Contract row 34: actions validation and path_simulation, flow_id "N/A"."""
    a_flow_file(Path(), types=["trigger", "say"])

    ended = organization.run("publish", "main.json")

    told = [(record["action"], record["flow_id"], record["status"]) for record in ended.records()]
    assert told == [("validation", "N/A", "failed"), ("path_simulation", "N/A", "failed")]


@pytest.mark.parametrize(("fault", "status"), [("event-lost", "success"), ("locked", "failed")])
def test_contract_row_35_creating_a_version_is_recorded(fault: str, status: str, organization: Organization) -> None:
    """Contract row 35: action create_version, status success or failed."""
    organization.misbehave(fault)

    ended = organization.run("publish", "main.json")

    assert ("create_version", status) in [told[:2] for told in ended.statuses()]


def test_contract_row_36_the_error_code_is_a_code_and_the_text_is_the_message(organization: Organization) -> None:
    """Contract row 36: a code; the text is in message."""
    organization.misbehave("locked")

    record = organization.run("publish", "main.json").records()[-1]

    assert record["error_code"] == "http.409"
    assert "Someone else is editing it" in record["message"]


def test_contract_row_37_one_governance_id_a_command(organization: Organization) -> None:
    """Contract row 37: GOV-<UUIDv7>; can be given."""
    own = {record["governance_id"] for record in organization.run("publish", "main.json").records()}
    given = organization.run("publish", "main.json", "--governance-id", "CHG-7").records()

    assert own == {"GOV-id-1"}
    assert {record["governance_id"] for record in given} == {"CHG-7"}


def test_contract_row_38_it_says_version_number_and_id(organization: Organization) -> None:
    """Contract row 38: the same."""
    ended = organization.run("publish", "main.json")

    assert "Version 2 (id 2.0) of flow 'Automated IVR Flow v2' is live." in ended.err
    assert (ended.results()[0]["version_number"], ended.results()[0]["version_id"]) == (2, "2.0")


def test_contract_row_39_it_can_stop_after_a_passed_validation(organization: Organization) -> None:
    """Contract row 39: `--no-publish`."""
    ended = organization.run("publish", "main.json", "--no-publish")

    assert (ended.code, ended.results()[0]["result"]) == (ExitCode.OK, "validated")
    assert not any(call.startswith(PUBLISH) for call in organization.calls())


def test_contract_row_40_the_event_comes_with_the_secret_header_which_the_receiver_verifies(
    organization: Organization,
) -> None:
    """Contract row 40: event flow.version.published; the endpoint verifies X-Genesys-Webhook-Secret."""
    organization.run("publish", "main.json", environ=BOTH)
    secrets = {"CI_WEBHOOK_SECRET": WEBHOOK_SECRET}
    gates = gates_of(*DEFAULT_CONFIG.sources, secrets=secrets)

    [told] = organization.told
    assert told["event"] == "flow.version.published"
    assert knock([(HEADER, told["secret"].encode())], gates=gates).secret == "CI_WEBHOOK_SECRET"
    with pytest.raises(VerificationError):
        knock([(HEADER, b"guessed")], gates=gates)


@pytest.mark.anyio
async def test_contract_row_41_cancelling_leaves_no_task_running(organization: Organization) -> None:
    """Contract row 41: Ctrl-C ends at once and says what state the version is in (see test_cli_stopping.py too)."""
    organization.time.stands_still = True
    order = Order(flow=read_flow(Path("main.json")), provenance=Provenance())
    trail = Trail(file="main.json")
    others = asyncio.all_tasks()

    async with httpx.AsyncClient(transport=organization) as http:
        publishing = asyncio.create_task(a_publisher(http, organization).publish(order, trail=trail))
        await organization.time.asleep.wait()
        publishing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await publishing

    assert asyncio.all_tasks() == others
    assert "is still being validated by the server; it is not live." in trail.state()

"""Jobs: a file goes to a signed address and goes live; a version is exported from one."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import MissingError, RefusedError
from publisher.genesys.jobs import Job
from publisher.sandbox import FLOW_ID, FLOW_NAME, SandboxSettings
from tests.publisher.genesys.wires import handed_in
from tests.publisher.sandbox.orgs import Running, a_sandbox

pytestmark = pytest.mark.anyio

AT_ONCE = SandboxSettings(job_polls=0)


def an_archy_file(*, name: str = "Main", queue: str = "", flow: str = "", root: str = "inboundCall") -> bytes:
    """A small Archy file that transfers to a queue or to another flow."""
    actions = ["{disconnect: {name: Bye}}"]
    actions += [f"{{transferToAcd: {{targetQueue: {{lit: {{name: {queue}}}}}}}}}"] if queue else []
    actions += [f"{{transferToFlow: {{targetFlow: {{lit: {{name: {flow}}}}}}}}}"] if flow else []
    tasks = f"[{{task: {{refId: start, actions: [{', '.join(actions)}]}}}}]"
    return f"{root}:\n  name: {name}\n  startUpRef: /{root}/tasks/task[start]\n  tasks: {tasks}\n".encode()


async def published(client: GenesysClient, content: bytes, *, create_stubs: bool = False) -> Job:
    """What becomes of a file."""
    return await client.job(await handed_in(client, content, create_stubs=create_stubs))


def texts(job: Job) -> list[str]:
    return [message.text for message in job.messages]


async def test_a_job_goes_from_registered_over_started_to_success() -> None:
    async with a_sandbox(SandboxSettings(job_polls=2)) as running:
        registered = (await running.http.post("/api/v2/flows/jobs")).json()
        before = (await running.http.get(registered["selfUri"])).json()
        await httpx_put(running, registered, an_archy_file())

        looks = [(await running.http.get(registered["selfUri"])).json()["status"] for _ in range(4)]

    assert before["status"] == "Registered"
    assert looks == ["Started", "Started", "Success", "Success"]


async def httpx_put(running: Running, registered: dict[str, Any], content: bytes, **headers: str) -> httpx.Response:
    """Bring a file as the job's answer says, with more headers than it says where they are given."""
    async with httpx.AsyncClient(transport=running.transport) as http:
        return await http.put(registered["presignedUrl"], content=content, headers=registered["headers"] | headers)


@pytest.mark.parametrize("body", [b"", b"null", b"{}"], ids=["empty", "null", "object"])
async def test_a_job_is_registered_with_or_without_a_body(body: bytes) -> None:
    async with a_sandbox() as running:
        assert (await running.http.post("/api/v2/flows/jobs", content=body)).status_code == 200


async def test_a_new_name_makes_a_flow_that_is_live() -> None:
    async with a_sandbox(AT_ONCE) as running:
        job = await published(running.client, an_archy_file(name="Brand New"))

        flow = await running.client.flow(job.flow_id or "")

    assert (flow.name, flow.type, flow.published_version_id) == ("Brand New", "INBOUNDCALL", "1.0")
    assert flow.operation is not None
    assert (flow.operation.action, flow.operation.status) == ("PUBLISH", "SUCCESS")


async def test_a_known_name_gets_a_version_more() -> None:
    async with a_sandbox(AT_ONCE) as running:
        job = await published(running.client, an_archy_file(name=FLOW_NAME))

        versions = await running.client.versions(FLOW_ID)

    assert job.flow_id == FLOW_ID
    assert [version.id for version in versions] == ["2.0", "1.0"]
    assert versions[0].created_by == "ci"
    assert versions[0].date_published is not None


async def test_the_same_name_of_another_type_is_another_flow() -> None:
    async with a_sandbox(AT_ONCE) as running:
        job = await published(running.client, an_archy_file(name=FLOW_NAME, root="workflow"))

    assert job.flow_id not in {FLOW_ID, None}


async def test_going_live_is_told_to_webhooks() -> None:
    async with a_sandbox(AT_ONCE) as running:
        await running.register()

        await published(running.client, an_archy_file())
        (event,) = await running.listener.heard(1)

    assert (event["data"]["flowName"], event["data"]["versionId"]) == ("Main", "1.0")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff", "The file is no YAML"),
        (b"a: [", "The file is no YAML"),
        (b"nodes: []", "exactly one root key"),
        (b"inboundCall: {}\nworkflow: {}", "exactly one root key"),
        (b"inboundCall: {tasks: []}", "'inboundCall' has no name."),
        (b"inboundCall: {name: {{flow name}}}", "no YAML"),
        (b"inboundCall: {name: {{flow_name}}}", "The placeholder '{{flow_name}}' was not replaced by a value."),
        (an_archy_file(queue="Sales EU"), "The queue 'Sales EU' does not exist in the organization."),
        (an_archy_file(flow="Nowhere"), "The flow 'Nowhere' does not exist in the organization."),
    ],
    ids=["not utf-8", "broken", "no root", "two roots", "no name", "odd braces", "placeholder", "queue", "flow"],
)
async def test_a_file_that_cannot_be_published_fails_with_messages(content: bytes, words: str) -> None:
    async with a_sandbox(AT_ONCE) as running:
        job = await published(running.client, content)

    assert (job.status, job.flow_id) == ("Failure", None)
    assert any(words in text for text in texts(job))


async def test_what_exists_may_be_named() -> None:
    async with a_sandbox(AT_ONCE) as running:
        job = await published(running.client, an_archy_file(queue="Sales", flow=FLOW_NAME))

    assert job.has_succeeded


async def test_data_actions_are_named_by_keys() -> None:
    call = "{callData: {category: {CRM: {dataAction: {Get Customer: {}, Get Order: {}}}}}}"
    content = f"workflow: {{name: W, states: [{{state: {{actions: [{call}]}}}}]}}".encode()

    async with a_sandbox(AT_ONCE) as running:
        job = await published(running.client, content)

    assert texts(job) == ["The data action 'Get Order' does not exist in the organization."]


async def test_stubs_let_flows_name_each_other() -> None:
    async with a_sandbox(AT_ONCE) as running:
        first = await published(running.client, an_archy_file(name="A", flow="B"), create_stubs=True)
        second = await published(running.client, an_archy_file(name="B", flow="A"))

        stub = await running.client.flows_named("B")

    assert first.has_succeeded
    assert second.flow_id == stub[0].id


async def test_a_flow_that_somebody_edits_is_not_published() -> None:
    async with a_sandbox(AT_ONCE) as running:
        await running.http.post(f"/sandbox/flows/{FLOW_ID}/lock", json={"by": "J. Weber"})

        job = await published(running.client, an_archy_file(name=FLOW_NAME))

    assert texts(job) == [f"The flow '{FLOW_NAME}' is locked by another entity: J. Weber."]


@pytest.mark.parametrize(
    ("messages", "told"), [((), []), (("No.",), ["No."])], ids=["without a message", "with messages"]
)
async def test_a_job_may_fail(messages: Sequence[str], told: list[str]) -> None:
    async with a_sandbox(AT_ONCE) as running:
        running.add("job-failed", messages=list(messages))

        job = await published(running.client, an_archy_file())

    assert (job.status, texts(job)) == ("Failure", told)


async def test_messages_come_only_where_they_are_asked_for() -> None:
    async with a_sandbox(AT_ONCE) as running:
        job_id = await handed_in(running.client, b"x")

        plain = (await running.http.get(f"/api/v2/flows/jobs/{job_id}")).json()

    assert plain["status"] == "Failure"
    assert "messages" not in plain


async def test_a_job_may_be_stuck() -> None:
    async with a_sandbox(AT_ONCE) as running:
        running.add("stuck")

        job_id = await handed_in(running.client, an_archy_file())

        looks = {(await running.client.job(job_id)).status for _ in range(50)}
    assert looks == {"Started"}


async def test_a_job_may_take_its_time() -> None:
    async with a_sandbox(SandboxSettings(job_polls=0, job_s=20)) as running:
        await running.register()
        job_id = await handed_in(running.client, an_archy_file())

        before = await running.client.job(job_id)
        await running.listener.heard(1)
        after = await running.client.job(job_id)

    assert (before.status, after.status) == ("Started", "Success")
    assert running.clock.naps == [20]


async def test_what_was_just_made_may_not_be_seen_at_once() -> None:
    async with a_sandbox(AT_ONCE) as running:
        running.add("unseen", times=2)

        job = await published(running.client, an_archy_file())

    assert job.has_succeeded
    assert running.client_time.naps == [1, 2]


async def test_a_new_flow_may_not_be_seen_at_once() -> None:
    async with a_sandbox(AT_ONCE) as running:
        job = await published(running.client, an_archy_file())
        running.add("unseen")

        with pytest.raises(MissingError):
            await running.client.flow(job.flow_id or "")
        assert (await running.client.flow(job.flow_id or "", is_new=True)).name == "Main"


async def test_the_same_upload_twice_publishes_once() -> None:
    async with a_sandbox(AT_ONCE) as running:
        registered = (await running.http.post("/api/v2/flows/jobs")).json()

        answers = [await httpx_put(running, registered, an_archy_file(name=FLOW_NAME)) for _ in range(2)]

        versions = await running.client.versions(FLOW_ID)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(versions) == 2


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"headers": {"Authorization": "Bearer x"}}, 403, "SignatureDoesNotMatch"),
        ({"headers": {"x-amz-acl": "public"}}, 403, "SignatureDoesNotMatch"),
        ({"url": ("Signature=", "Signature=x")}, 403, "SignatureDoesNotMatch"),
        ({"url": ("/uploads/", "/uploads/x")}, 404, "NoSuchKey"),
    ],
    ids=["a token", "another header", "another signature", "another job"],
)
async def test_an_upload_must_be_just_as_it_was_signed(changes: dict[str, Any], status: int, code: str) -> None:
    async with a_sandbox() as running:
        registered = (await running.http.post("/api/v2/flows/jobs")).json()
        registered["presignedUrl"] = registered["presignedUrl"].replace(*changes.get("url", ("", "")))

        answer = await httpx_put(running, registered, b"x", **changes.get("headers", {}))

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/xml")
    assert f"<Code>{code}</Code>" in answer.text


async def test_an_address_is_good_for_a_quarter_of_an_hour() -> None:
    async with a_sandbox() as running:
        registered = (await running.http.post("/api/v2/flows/jobs")).json()
        await running.clock.sleep(901)

        answer = await httpx_put(running, registered, b"x")

    assert (answer.status_code, "AccessDenied" in answer.text) == (403, True)


async def test_a_version_is_exported_as_it_was_handed_in() -> None:
    content = an_archy_file(name=FLOW_NAME)
    async with a_sandbox() as running:
        await handed_in(running.client, content)
        await handed_in(running.client, an_archy_file(name=FLOW_NAME, queue="Sales"))

        exported = await running.client.export(FLOW_ID, "2.0")

    assert exported == content


async def test_what_was_never_an_archy_file_is_exported_as_one() -> None:
    async with a_sandbox(AT_ONCE) as running:
        exported = await running.client.export(FLOW_ID, "1.0")

        job = await published(running.client, exported)

    assert job.flow_id == FLOW_ID


async def test_an_export_without_a_version_gives_the_latest_live_or_not() -> None:
    async with a_sandbox(AT_ONCE) as running:
        await handed_in(running.client, an_archy_file(name=FLOW_NAME, queue="Sales"))
        await running.publish("1.0")

        body = {"flows": [{"flow": {"id": FLOW_ID}}]}
        asked = (await running.http.post("/api/v2/flows/export/jobs", json=body)).json()
        done = (await running.http.get(f"/api/v2/flows/export/jobs/{asked['id']}")).json()
        async with httpx.AsyncClient(transport=running.transport) as http:
            exported = await http.get(done["downloadUrl"])

    assert b"name: Sales" in exported.content


async def test_a_download_takes_its_signature() -> None:
    async with a_sandbox() as running:
        answer = await running.http.get("/downloads/nope", params={"X-Amz-Signature": "x"})

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/xml")


async def test_an_unknown_version_is_not_exported() -> None:
    async with a_sandbox() as running:
        with pytest.raises(RefusedError, match="was not found"):
            await running.client.export(FLOW_ID, "99.0")


async def test_an_export_may_fail_in_passing() -> None:
    async with a_sandbox(AT_ONCE) as running:
        running.add("export-failed", times=2)

        await running.client.export(FLOW_ID, "1.0")

    assert running.client_time.naps == [15, 30]


@pytest.mark.parametrize("path", ["flows/jobs/nope", "flows/export/jobs/nope"], ids=["job", "export"])
async def test_an_unknown_job_is_404(path: str) -> None:
    async with a_sandbox() as running:
        assert (await running.http.get(f"/api/v2/{path}")).status_code == 404


@pytest.mark.parametrize("body", [{}, {"flows": []}, {"flows": [{"flow": {"name": "x"}}]}, {"flows": [1]}], ids=str)
async def test_an_odd_export_is_refused(body: dict[str, Any]) -> None:
    async with a_sandbox() as running:
        answer = await running.http.post("/api/v2/flows/export/jobs", json=body)

    assert answer.status_code == 400


async def test_storage_fails_as_it_is_told_to() -> None:
    async with a_sandbox(AT_ONCE) as running:
        running.add("error", on="PUT /uploads/*", status=500)

        job = await published(running.client, an_archy_file())

    assert job.has_succeeded
    assert running.client_time.naps == [1]


async def test_whoever_edits_a_flow_by_hand_changes_what_is_exported() -> None:
    async with a_sandbox(AT_ONCE) as running:
        job = await published(running.client, an_archy_file())
        await running.http.post(f"/sandbox/flows/{job.flow_id}/publish", json={"by": "J. Weber"})

        exported = await running.client.export(job.flow_id or "", "2.0")

    assert b"description: Edited by J. Weber\n" in exported
    assert b"refId: start" in exported


async def test_an_archy_file_has_no_configuration_that_anybody_could_read() -> None:
    async with a_sandbox(AT_ONCE) as running:
        job = await published(running.client, an_archy_file())

        definitions = [await running.client.definition(job.flow_id or "", each) for each in ("1.0", "9.0")]
        graph = await running.client.definition(FLOW_ID, "1.0")

    assert definitions == [None, None]
    assert graph is not None
    assert graph["name"] == FLOW_NAME

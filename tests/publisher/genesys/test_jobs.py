"""The platform's jobs: a file goes to a signed address, a version comes from one."""

import json
from typing import Any

import pytest

from publisher.genesys import jobs
from publisher.genesys.errors import RefusedError, UnavailableError, UnreadableError
from publisher.genesys.exchange import Response
from publisher.genesys.jobs import ExportJob, Job, JobMessage
from tests.publisher.genesys.wires import API, Host, Time, a_client, an_answer, handed_in

SIGNED = "https://storage.test/in/1?X-Amz-Signature=s1gnature"
XML = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><StringToSign>s1gnature</StringToSign></Error>'

REGISTERED = an_answer(json={"id": "j1", "presignedUrl": SIGNED, "headers": {"x-amz-meta-job": "j1"}})
EXPORTED = an_answer(json={"id": "e1", "status": "Success", "downloadUrl": SIGNED})
LIMITED_INSIDE = "Archy failed, exit code: 107: could not find the flow with id f1"


def a_response(data: Any) -> Response:  # noqa: ANN401
    return Response(status=200, body=json.dumps(data).encode())


def test_a_job_is_registered_without_a_body_unless_stubs_are_wanted() -> None:
    assert jobs.register_job().json is None
    assert jobs.register_job(create_stubs=True).json == {"createStubs": True}


def test_an_export_always_names_the_version() -> None:
    flow = {"flow": {"id": "f1", "version": "16.0"}, "exportType": "Yaml"}

    assert jobs.register_export("f1", "16.0").json == {"flows": [flow]}


@pytest.mark.parametrize(
    ("data", "job"),
    [
        ({"id": "j", "status": "Started"}, Job(id="j", status="Started")),
        ({"id": "j", "status": "Success", "flow": {"id": "f1"}}, Job(id="j", status="Success", flow_id="f1")),
        ({"id": "j", "status": "Failure"}, Job(id="j", status="Failure")),
        (
            {"id": "j", "status": "Failure", "messages": [{"type": "Error", "text": "no\n queue"}, {}, 1]},
            Job(id="j", status="Failure", messages=(JobMessage(severity="error", text="no queue"),)),
        ),
    ],
    ids=["under way", "succeeded", "failed without a word", "failed with messages"],
)
def test_a_job_is_read_tolerantly(data: dict[str, Any], job: Job) -> None:
    assert jobs.read_job(a_response(data)) == job


def test_a_messages_details_are_left_out_and_its_text_holds_no_keys() -> None:
    text = f"PUT {SIGNED} failed with Authorization: Bearer abcdefgh12345678"
    message = {"type": "Error", "text": text, "details": [{"requestBody": "client_secret=pa55word"}]}

    told = repr(jobs.read_job(a_response({"id": "j", "status": "Failure", "messages": [message]})))

    assert "https://storage.test/in/1?[query] failed with Authorization: Bearer [secret]" in told
    assert "s1gnature" not in told
    assert "pa55word" not in told


@pytest.mark.parametrize(
    "url",
    [None, "", "ftp://storage.test/x", "http://storage.test/x", "https://", "https://s.test:x/", "https://s.test/ä"],
    ids=["none", "empty", "no web", "plain", "no host", "odd port", "not ascii"],
)
def test_an_address_that_cannot_be_used_is_unreadable(url: str | None) -> None:
    with pytest.raises(UnreadableError, match="presignedUrl") as caught:
        jobs.read_upload(a_response({"id": "j", "presignedUrl": url}), api_url=API)

    assert "storage.test" not in str(caught.value)


def test_a_plain_api_may_give_plain_addresses() -> None:
    upload = jobs.read_upload(
        a_response({"id": "j", "presignedUrl": "http://localhost:1/u"}), api_url="http://localhost"
    )

    assert upload.url == "http://localhost:1/u"


def test_signed_addresses_are_not_shown() -> None:
    upload = jobs.read_upload(
        a_response({"id": "j", "presignedUrl": SIGNED, "headers": {"x": "s1gnature"}}), api_url=API
    )
    export = ExportJob(id="e", status="Success", url=SIGNED)

    assert "s1gnature" not in repr(upload) + repr(export)


@pytest.mark.anyio
async def test_a_file_is_put_to_the_address_with_exactly_its_headers_and_no_token() -> None:
    host = Host(answers=[REGISTERED, an_answer(200)])

    job_id = await handed_in(a_client(host), b"inboundCall: {}")

    put = host.calls[1]
    assert (put.method, str(put.url), put.content) == ("PUT", SIGNED, b"inboundCall: {}")
    assert put.headers["x-amz-meta-job"] == "j1"
    assert "authorization" not in put.headers
    assert "content-type" not in put.headers
    assert job_id == "j1"


@pytest.mark.anyio
async def test_storage_that_fails_is_asked_again() -> None:
    host, time = Host(answers=[REGISTERED, an_answer(503), an_answer(200)]), Time()

    await handed_in(a_client(host, time=time), b"x")

    assert [call.method for call in host.calls] == ["POST", "PUT", "PUT"]
    assert time.naps == [1]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (403, RefusedError, r"the storage answered 403 \(AccessDenied\)\. .*run the command again"),
        (503, UnavailableError, r"the storage answered 503 \(AccessDenied\)\. Try again later"),
    ],
    ids=["refused", "failing"],
)
async def test_what_storage_says_is_told_without_its_signature(status: int, kind: type[Exception], words: str) -> None:
    host = Host(answers=[REGISTERED, an_answer(status, content=XML)])

    with pytest.raises(kind, match=words) as caught:
        await handed_in(a_client(host), b"x")

    assert "s1gnature" not in str(caught.value)


@pytest.mark.anyio
async def test_a_job_that_cannot_be_seen_yet_is_looked_for_again() -> None:
    host, time = (
        Host(answers=[an_answer(404), an_answer(404), an_answer(json={"id": "j1", "status": "Started"})]),
        Time(),
    )

    job = await a_client(host, time=time).job("j1")

    assert (job.status, time.naps) == ("Started", [1, 2])


@pytest.mark.anyio
async def test_an_export_is_waited_for_and_fetched_without_a_token() -> None:
    under_way = an_answer(json={"id": "e1", "status": "Started"})
    file = an_answer(content=b"inboundCall: {}")
    host, time = Host(answers=[an_answer(json={"id": "e1"}), under_way, EXPORTED, file]), Time()

    content = await a_client(host, time=time).export("f1", "16.0")

    assert content == b"inboundCall: {}"
    assert "authorization" not in host.calls[-1].headers
    assert time.naps == [2]


@pytest.mark.anyio
async def test_an_export_that_was_limited_inside_is_begun_anew() -> None:
    message = {"type": "Error", "text": LIMITED_INSIDE}
    failed = an_answer(json={"id": "e1", "status": "Failure", "messages": [message]})
    registered = an_answer(json={"id": "e1"})
    answers = [registered, failed, registered, failed, registered, EXPORTED, an_answer(content=b"x")]
    host, time = Host(answers=answers), Time()

    await a_client(host, time=time).export("f1", "16.0")

    assert time.naps == [15, 30]


@pytest.mark.anyio
async def test_an_export_that_fails_says_why() -> None:
    failed = an_answer(json={"id": "e1", "status": "Failure", "messages": [{"text": "No."}]})
    host = Host(answers=[an_answer(json={"id": "e1"}), failed])

    with pytest.raises(RefusedError, match=r"could not export version '16\.0' of flow 'f1': No\.") as caught:
        await a_client(host).export("f1", "16.0")

    assert caught.value.code == "export.failed"
    assert len(host.calls) == 2


@pytest.mark.anyio
async def test_an_export_that_never_ends_is_given_up() -> None:
    host, time = Host(answers=[an_answer(json={"id": "e1", "status": "Started"})]), Time()

    with pytest.raises(UnavailableError, match="not ready within 90 s"):
        await a_client(host, time=time).export("f1", "16.0")

    assert sum(time.naps) == 90

"""`publisher sandbox`: a Genesys Cloud organization in memory, on a port of this machine."""

import signal
import socket

import httpx
import pytest

from publisher.cli.serving import serve
from publisher.errors import PublisherError
from publisher.sandbox import create_sandbox
from tests.publisher.organization import Organization
from tests.publisher.sandbox.processes import LIMIT_S, a_sandbox_process


def test_it_serves_where_it_says_with_the_options_given() -> None:
    options = ("--fault", "limited:retry_after_s=7", "--client-id", "ci", "--client-secret", "pa55word")
    form = {"grant_type": "client_credentials", "client_id": "ci"}
    with a_sandbox_process(*options) as running, httpx.Client(base_url=running.url) as http:
        refused = http.post("/api/v2/oauth/token", data=form | {"client_secret": "wrong"})
        given = http.post("/api/v2/oauth/token", data=form | {"client_secret": "pa55word"})
        limited = http.get("/api/v2/flows", headers={"Authorization": f"Bearer {given.json()['access_token']}"})

    assert running.url.startswith("http://127.0.0.1:")
    assert (refused.status_code, given.status_code) == (401, 200)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_ends_in_time_and_without_complaint_though_somebody_is_connected(number: signal.Signals) -> None:
    with a_sandbox_process() as running:
        host, _, port = running.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as half_sent:
            half_sent.sendall(b"POST /api/v2/oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
            httpx.get(f"{running.url}/sandbox").raise_for_status()

            running.process.send_signal(number)
            _, complaint = running.process.communicate(timeout=LIMIT_S)

    assert running.process.returncode == 0
    assert complaint == ""


def test_a_taken_port_is_told_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PublisherError, match=f"Cannot listen on 127.0.0.1 port {port}: .* 0 takes any free one"):
            serve(create_sandbox(), host="127.0.0.1", port=port)


@pytest.mark.parametrize("host", ["no such host", "a" * 300 + ".test"], ids=["spaces", "too long"])
def test_a_host_that_is_none_is_told(host: str) -> None:
    with pytest.raises(PublisherError, match="Cannot listen on"):
        serve(create_sandbox(), host=host, port=0)


def test_an_odd_fault_is_a_wrong_use(organization: Organization) -> None:
    ended = organization.run("sandbox", "--fault", "limitd")

    assert ended.code == 2
    assert "--fault: there is no fault 'limitd'. Did you mean 'limited'?" in ended.err

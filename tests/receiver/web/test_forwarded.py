"""What the header `Forwarded` tells, and whom it is believed."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from receiver.web.forwarded import Hop, behind, read_hops

PROXY = "10.0.0.1"
CLIENT = "192.0.2.7"


@pytest.mark.parametrize(
    ("header", "hops"),
    [
        pytest.param("for=192.0.2.7", [Hop(address=(CLIENT, 0))], id="an address"),
        pytest.param('For="192.0.2.7:4711"', [Hop(address=(CLIENT, 4711))], id="with a port"),
        pytest.param("for=192.0.2.7:4711", [Hop(address=(CLIENT, 4711))], id="with a port, unquoted"),
        pytest.param('for="[2001:DB8::1]:_edge"', [Hop(address=("2001:db8::1", 0))], id="IPv6, with a made-up port"),
        pytest.param(
            "for=192.0.2.7 ; Proto=HTTPS;by=10.0.0.1, for=10.0.0.9",
            [Hop(address=(CLIENT, 0), scheme="https"), Hop(address=("10.0.0.9", 0))],
            id="two proxies",
        ),
        pytest.param('by=",;for=6.6.6.6";for=192.0.2.7', [Hop(address=(CLIENT, 0))], id="marks within quotes"),
        pytest.param(r'for="192\.0.2.7"', [Hop(address=(CLIENT, 0))], id="an escaped character"),
        pytest.param("for=unknown, for=_hidden", [Hop(), Hop()], id="nobody is named"),
        pytest.param("proto=https", [Hop(scheme="https")], id="a scheme alone"),
        pytest.param("for=192.0.2.7;for=6.6.6.6", [Hop()], id="two addresses"),
        pytest.param("for=999.0.2.7;proto=gopher", [Hop()], id="no address, no scheme of ours"),
        pytest.param("for=2001:db8::1", [Hop()], id="IPv6 without brackets"),
        pytest.param("for=192.0.2.7,", [], id="ends too early"),
        pytest.param('for="192.0.2.7', [], id="an open quote"),
        pytest.param("192.0.2.7", [], id="no pair"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_each_proxy_tells_who_asked_it(header: str, hops: list[Hop]) -> None:
    assert list(read_hops(header)) == hops


@given(st.text(st.characters(max_codepoint=255)))
def test_whatever_the_header_holds_it_is_read_or_passed_over(header: str) -> None:
    assert all(isinstance(hop, Hop) for hop in read_hops(header))


@pytest.mark.parametrize(
    ("header", "seen"),
    [
        pytest.param("for=192.0.2.7;proto=https", [CLIENT, "https"], id="one proxy"),
        pytest.param("for=192.0.2.7;proto=https, for=10.0.0.9;proto=http", [CLIENT, "https"], id="two of ours"),
        pytest.param("for=6.6.6.6;proto=https, for=192.0.2.7", [CLIENT, "http"], id="what a stranger says counts not"),
        pytest.param("for=6.6.6.6, for=unknown;proto=https, for=10.0.0.9", ["10.0.0.9", "https"], id="unknown"),
        pytest.param("for=10.0.0.7, for=10.0.0.9", ["10.0.0.7", "http"], id="a client of our own network"),
        pytest.param("for", [PROXY, "http"], id="cannot be read"),
    ],
)
@pytest.mark.anyio
async def test_the_application_sees_who_asked_the_first_trusted_proxy(header: str, seen: list[str]) -> None:
    assert await asked(PROXY, header) == seen


@pytest.mark.anyio
async def test_nobody_but_a_proxy_that_was_named_is_believed() -> None:
    assert await asked("192.0.2.9", "for=192.0.2.7;proto=https") == ["192.0.2.9", "http"]


@pytest.mark.anyio
async def test_a_proxy_is_known_by_its_address_at_a_socket_of_ipv6_too() -> None:
    assert await asked(f"::ffff:{PROXY}", "for=192.0.2.7, for=10.0.0.9") == [CLIENT, "http"]


async def asked(peer: str, header: str) -> list[str]:
    """Whom the application saw when this peer asked, and by what scheme."""
    transport = httpx.ASGITransport(behind(["10.0.0.0/8"], tell), client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://relay.test") as client:
        answer = await client.get("/", headers={"Forwarded": header})
    told: list[str] = answer.json()
    return told


async def tell(scope: Scope, receive: Receive, send: Send) -> None:
    client = Request(scope).client
    await JSONResponse([client.host if client else "", scope["scheme"]])(scope, receive, send)

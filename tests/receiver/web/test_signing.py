from pathlib import Path
from types import SimpleNamespace

import pytest

from receiver.web.access import sign_in_link
from tests.receiver.web.face import FROM_OUR_PAGE, HOST, PEER, TOKEN, Face, a_client, a_face, an_app

pytestmark = pytest.mark.anyio

MINUTES_5 = 300


async def sign_out(face: Face, csrf: str, headers: dict[str, str] | None = None) -> int:
    answer = await face.client.post("/sign-out", data={"csrf": csrf}, headers=headers or FROM_OUR_PAGE)
    return answer.status_code


def csrf_of(face: Face) -> str:
    session = face.access.sessions.open(face.client.cookies["flow-relay"], face.clock())
    assert session is not None
    return session.csrf


async def test_whoever_is_not_signed_in_is_led_to_the_door_and_back(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        asked = await face.client.get("/runs?status=failed")
        door = await face.client.get(asked.headers["location"])
        signed = await face.client.post("/sign-in", data={"token": TOKEN, "next": "/runs?status=failed"})

    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/runs%3Fstatus%3Dfailed")
    assert 'value="/runs?status=failed"' in door.text
    assert (signed.status_code, signed.headers["location"]) == (303, "/runs?status=failed")


async def test_the_admin_token_signs_in(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        signed = await face.sign_in(f" {TOKEN}\n")
        page = await face.client.get("/")

    cookie = signed.headers["set-cookie"]
    assert page.status_code == 200
    assert all(part in cookie for part in ("flow-relay=", "HttpOnly", "SameSite=lax", "Path=/"))
    assert TOKEN not in cookie


async def test_over_https_the_cookie_is_bound_to_the_host(tmp_path: Path) -> None:
    async with a_face(tmp_path, base_url=f"https://{HOST}") as face:
        signed = await face.sign_in()
        page = await face.client.get("/")

    assert signed.headers["set-cookie"].startswith("__Host-flow-relay=")
    assert "; Secure" in signed.headers["set-cookie"]
    assert "strict-transport-security" in page.headers


async def test_a_wrong_token_is_refused_without_repeating_it(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        answer = await face.sign_in("guess-8731")

    assert answer.status_code == 403
    assert "This is not the admin token." in answer.text
    assert "guess-8731" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("token", ["", "\x00", "tökén", "x" * 9_000, TOKEN * 2])
async def test_odd_tokens_are_refused(tmp_path: Path, token: str) -> None:
    async with a_face(tmp_path) as face:
        answer = await face.sign_in(token)

    assert answer.status_code == 403


async def test_after_five_wrong_tokens_even_the_right_one_waits(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        wrong = [(await face.sign_in("wrong")).status_code for _ in range(5)]
        right = await face.sign_in()
        face.clock.turn(seconds=MINUTES_5)
        later = await face.sign_in()

    assert wrong == [403] * 5
    assert (right.status_code, right.headers["retry-after"]) == (429, "300")
    assert later.status_code == 303


async def test_the_brake_goes_by_the_socket_and_not_by_what_the_peer_says(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        for number in range(5):
            await face.sign_in("wrong", headers={"X-Forwarded-For": f"198.51.100.{number}"})
        same_socket = await face.sign_in(headers={"X-Forwarded-For": "198.51.100.77"})
        async with a_client(face.app, peer="192.0.2.8") as neighbour:
            other = await neighbour.post("/sign-in", data={"token": TOKEN})

    assert (same_socket.status_code, other.status_code) == (429, 303)


async def test_an_ipv6_peer_is_its_network(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        for number in range(5):
            async with a_client(face.app, peer=f"2001:db8::{number}") as guesser:
                await guesser.post("/sign-in", data={"token": "wrong"})
        async with a_client(face.app, peer="2001:db8::99") as again:
            answer = await again.post("/sign-in", data={"token": TOKEN})

    assert answer.status_code == 429


async def test_another_site_cannot_sign_a_reader_in(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        answers = [
            await face.sign_in(headers={"Sec-Fetch-Site": "cross-site"}),
            await face.sign_in(headers={"Origin": "https://evil.test"}),
            await face.sign_in(headers={"Origin": "null"}),
        ]

    assert [answer.status_code for answer in answers] == [403] * 3


async def test_a_form_of_another_type_is_not_read(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        answer = await face.client.post("/sign-in", json={"token": TOKEN})

    assert answer.status_code == 403


async def test_the_link_that_serve_prints_signs_in_once(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        link = sign_in_link(face.access, f"http://{HOST}")

        looked_ahead = await face.client.head(link)
        first = await face.client.get(link)
        face.client.cookies.clear()
        second = await face.client.get(link)

    assert looked_ahead.status_code == 200
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert second.status_code == 403
    assert "has been used, or is too old" in second.text


async def test_guessing_links_is_stopped_as_well(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        guesses = [(await face.client.get(f"/sign-in?token={number}")).status_code for number in range(6)]

    assert guesses == [403] * 5 + [429]


async def test_the_admin_token_itself_does_not_sign_in_by_address(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        answer = await face.client.get("/sign-in", params={"token": TOKEN})

    assert answer.status_code == 403


async def test_signing_out_ends_every_copy_of_the_cookie(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.sign_in()
        copy = face.client.cookies["flow-relay"]

        status = await sign_out(face, csrf_of(face))
        face.client.cookies.set("flow-relay", copy, domain=HOST)
        page = await face.client.get("/")

    assert status == 303
    assert page.headers["location"] == "/sign-in"


async def test_signing_out_wants_the_form_token_of_this_session(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.sign_in()
        others = csrf_of(face)
        await face.sign_in()

        statuses = [
            await sign_out(face, ""),
            await sign_out(face, others),
            await sign_out(face, csrf_of(face), {"Sec-Fetch-Site": "cross-site"}),
        ]
        page = await face.client.get("/")

    assert statuses == [403, 403, 403]
    assert page.status_code == 200


async def test_a_session_lasts_while_it_is_used(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.sign_in()
        face.clock.turn(minutes=25)
        used = await face.client.get("/")
        face.clock.turn(minutes=25)
        again = await face.client.get("/")
        face.clock.turn(minutes=31)
        late = await face.client.get("/")

    assert "set-cookie" in used.headers
    assert [used.status_code, again.status_code, late.status_code] == [200, 200, 303]


@pytest.mark.parametrize("cookie", ["x", "a.b.c", '"\\"', "é".encode().decode("latin-1")])
async def test_a_made_up_cookie_opens_nothing(tmp_path: Path, cookie: str) -> None:
    async with a_face(tmp_path) as face:
        answer = await face.client.get("/", headers=[(b"cookie", b"flow-relay=" + cookie.encode("latin-1"))])

    assert answer.status_code == 303


async def test_whoever_is_signed_in_needs_no_door(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.sign_in()

        answer = await face.client.get("/sign-in?next=/runs")

    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")


async def test_without_an_admin_token_the_pages_say_how_to_set_one(tmp_path: Path) -> None:
    async with a_client(an_app(SimpleNamespace(), None)) as client:
        answers = [await client.get("/"), await client.get("/sign-in"), await client.post("/sign-in")]

    assert [answer.status_code for answer in answers] == [503] * 3
    assert "RECEIVER_ADMIN_TOKEN" in answers[0].text
    assert PEER not in answers[0].text

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.web.session import Session, Sessions, SignInLinks, Throttle, is_same_secret
from tests.receiver.web.makers import NOON, after

MINUTE = 60.0
HOUR = 3600.0


def numbered() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"secret-{next(numbers)}"


TOKEN = "the admin token"


def sessions(*keys: str, admin_token: str = TOKEN) -> Sessions:
    return Sessions(keys or ("key",), admin_token=admin_token, new_secret=numbered())


def sealed(keeper: Sessions, now: datetime = NOON) -> str:
    return keeper.seal(keeper.begin(now), now)


def test_a_sealed_session_opens_again() -> None:
    keeper = sessions()
    begun = keeper.begin(NOON)

    opened = keeper.open(keeper.seal(begun, NOON), after(1))

    assert isinstance(opened, Session)
    assert (opened.id, opened.csrf) == (begun.id, begun.csrf)


def test_every_sign_in_gets_an_id_of_its_own() -> None:
    keeper = sessions()

    assert keeper.begin(NOON).id != keeper.begin(NOON).id


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "a.b", "é", "\ud800", "W10.sig", "eyJhIjoxfQ" * 400],
    ids=["empty", "word", "dots", "latin", "surrogate", "list", "long"],
)
def test_a_made_up_cookie_opens_nothing(cookie: str) -> None:
    assert sessions().open(cookie, NOON) is None


@given(place=st.integers(min_value=0), letter=st.sampled_from("AZaz09-_."))
def test_a_changed_cookie_opens_nothing(place: int, letter: str) -> None:
    keeper = sessions()
    cookie = sealed(keeper)
    at = place % (len(cookie) - 1)  # the last letter carries bits that base64 ignores
    changed = cookie[:at] + letter + cookie[at + 1 :]

    assert (keeper.open(changed, NOON) is not None) == (changed == cookie)


def test_a_session_is_over_half_an_hour_after_its_last_use() -> None:
    keeper = sessions()
    cookie = sealed(keeper)

    assert keeper.open(cookie, after(30 * MINUTE - 2)) is not None
    assert keeper.open(cookie, after(30 * MINUTE)) is None


def test_a_session_is_over_after_twelve_hours_however_much_it_is_used() -> None:
    keeper = sessions()
    begun = keeper.begin(NOON)

    assert keeper.open(keeper.seal(begun, after(12 * HOUR - 2)), after(12 * HOUR - 1)) is not None
    assert keeper.open(keeper.seal(begun, after(12 * HOUR - 2)), after(12 * HOUR)) is None


def test_a_session_from_the_future_is_not_trusted() -> None:
    keeper = sessions()

    assert keeper.open(sealed(keeper, after(HOUR)), NOON) is None


def test_an_ended_session_stays_ended_in_every_copy_of_its_cookie() -> None:
    keeper = sessions()
    begun = keeper.begin(NOON)
    cookie = keeper.seal(begun, NOON)

    keeper.end(begun, after(1))

    assert keeper.open(cookie, after(2)) is None


def test_cookies_signed_with_the_previous_key_still_open() -> None:
    cookie = sealed(sessions("old"))

    assert sessions("old", "new").open(cookie, after(1)) is not None
    assert sessions("new").open(cookie, after(1)) is None


def test_the_current_key_signs() -> None:
    cookie = sealed(sessions("old", "new"))

    assert sessions("new").open(cookie, after(1)) is not None
    assert sessions("old").open(cookie, after(1)) is None


def test_with_a_new_admin_token_everybody_signs_in_again() -> None:
    cookie = sealed(sessions(admin_token="first"))

    assert sessions(admin_token="second").open(cookie, after(1)) is None


def test_a_link_opens_once() -> None:
    links = SignInLinks(numbered())
    token = links.issue(NOON)

    assert links.redeem(token, after(1)) is True
    assert links.redeem(token, after(2)) is False


def test_a_link_is_too_old_after_a_quarter_of_an_hour() -> None:
    links = SignInLinks(numbered())

    assert links.redeem(links.issue(NOON), after(15 * MINUTE)) is False


def test_a_link_of_another_process_opens_nothing() -> None:
    assert SignInLinks(lambda: "theirs").redeem("ours", NOON) is False


def a_throttle(*, most_peers: int = 10) -> Throttle:
    return Throttle(limit=5, window=timedelta(minutes=5), most_peers=most_peers)


def fail(throttle: Throttle, times: int, peer: str = "192.0.2.1") -> None:
    for _ in range(times):
        throttle.failed(peer, NOON)


def test_five_failures_make_a_peer_wait() -> None:
    throttle = a_throttle()

    fail(throttle, 5)

    assert throttle.wait_s("192.0.2.1", after(0.5)) == 300
    assert throttle.wait_s("192.0.2.2", after(0.5)) == 0


def test_four_failures_do_not() -> None:
    throttle = a_throttle()

    fail(throttle, 4)

    assert throttle.wait_s("192.0.2.1", NOON) == 0


def test_the_wait_ends_with_the_window() -> None:
    throttle = a_throttle()
    fail(throttle, 6)

    throttle.failed("192.0.2.1", after(301))

    assert throttle.wait_s("192.0.2.1", after(302)) == 0


def test_a_success_forgets_the_failures() -> None:
    throttle = a_throttle()
    fail(throttle, 4)

    throttle.succeeded("192.0.2.1")
    fail(throttle, 4)

    assert throttle.wait_s("192.0.2.1", NOON) == 0


def test_a_throttle_forgets_the_oldest_peers_rather_than_grow() -> None:
    throttle = a_throttle(most_peers=2)

    fail(throttle, 5, "a")
    fail(throttle, 5, "b")
    fail(throttle, 5, "c")

    assert [throttle.wait_s(peer, NOON) for peer in "abc"] == [0, 300, 300]


@pytest.mark.parametrize("given_bytes", [b"", b"toke", b"token ", "tökén".encode("latin-1"), b"\x00"])
def test_no_other_secret_is_the_same(given_bytes: bytes) -> None:
    assert is_same_secret(given_bytes, "token") is False
    assert is_same_secret(b"token", "token") is True

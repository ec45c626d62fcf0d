"""The token: asked for, kept, and renewed by one caller at a time."""

import asyncio
import base64

import pytest

from publisher.genesys.auth import Credentials, Token, TokenCache, read_token, token_request
from publisher.genesys.errors import CredentialsError, UnreadableError
from publisher.genesys.exchange import Response
from publisher.genesys.hosts import hosts_of_region, hosts_of_url
from tests.publisher.genesys.wires import Time

CREDENTIALS = Credentials(client_id="ci", client_secret="pa55:wörd")


class Office:
    """Gives out numbered tokens once its door is open; or refuses."""

    def __init__(self, *, life_s: float = 3600, refuses: bool = False, is_open: bool = True) -> None:
        self.given = 0
        self.life_s = life_s
        self.refuses = refuses
        self.door = asyncio.Event()
        if is_open:
            self.door.set()

    async def fetch(self) -> Token:
        self.given += 1
        await self.door.wait()
        if self.refuses:
            raise CredentialsError("refused", code="http.401")
        return Token(value=f"token-{self.given}", life_s=self.life_s)


def a_cache(office: Office, *, time: Time | None = None) -> TokenCache:
    return TokenCache(office.fetch, monotonic=(time or Time()).monotonic)


def test_a_region_gets_http_basic_and_a_bare_form() -> None:
    asked = token_request(hosts_of_region("us-east-1"), CREDENTIALS)

    assert asked.url == "https://login.mypurecloud.com/oauth/token"
    assert asked.form == {"grant_type": "client_credentials"}
    assert base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")).decode() == "ci:pa55:wörd"


def test_an_api_url_gets_id_and_secret_in_the_form() -> None:
    asked = token_request(hosts_of_url("http://sandbox.test"), CREDENTIALS)

    assert asked.url == "http://sandbox.test/api/v2/oauth/token"
    assert asked.form == {"grant_type": "client_credentials", "client_id": "ci", "client_secret": "pa55:wörd"}
    assert asked.headers == {}


def test_secrets_are_not_shown() -> None:
    asked = token_request(hosts_of_url("http://sandbox.test"), CREDENTIALS)

    assert "pa55" not in repr(CREDENTIALS) + repr(asked)
    assert "abc" not in repr(Token(value="abc", life_s=1))


def test_a_token_is_read_with_its_life() -> None:
    token = read_token(Response(status=200, body=b'{"access_token": "abc", "expires_in": 86400}'))

    assert token == Token(value="abc", life_s=86400)


@pytest.mark.parametrize("life", ['"soon"', "null", "true", "NaN"])
def test_a_life_that_is_no_number_counts_as_an_hour(life: str) -> None:
    token = read_token(Response(status=200, body=f'{{"access_token": "abc", "expires_in": {life}}}'.encode()))

    assert token.life_s == 3600


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"access_token": ""}',
        b'{"access_token": 7}',
        b'{"access_token": "a\\nb"}',
        b'{"access_token": "\xc3\xa9"}',
    ],
    ids=["none", "empty", "number", "line break", "not ascii"],
)
def test_an_answer_without_a_usable_token_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableError, match="holds no usable access_token"):
        read_token(Response(status=200, body=body))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("life_s", "age_s", "fetches"),
    [(3600, 3539, 1), (3600, 3540, 2), (100, 89, 1), (100, 90, 2)],
    ids=[
        "kept until a minute before its end",
        "then not",
        "a short one for nine tenths of its life",
        "then not either",
    ],
)
async def test_a_token_is_kept_until_shortly_before_its_end(life_s: float, age_s: float, fetches: int) -> None:
    office, time = Office(life_s=life_s), Time()
    cache = a_cache(office, time=time)

    await cache.token()
    time.now_s += age_s
    await cache.token()

    assert office.given == fetches


@pytest.mark.anyio
async def test_many_callers_at_once_cause_one_request() -> None:
    office = Office(is_open=False)
    cache = a_cache(office)

    async with asyncio.TaskGroup() as group:
        callers = [group.create_task(cache.token()) for _ in range(50)]
        await asyncio.sleep(0)
        office.door.set()

    assert {caller.result() for caller in callers} == {"token-1"}
    assert office.given == 1


@pytest.mark.anyio
async def test_many_callers_with_the_same_stale_token_cause_one_renewal() -> None:
    office = Office()
    cache = a_cache(office)
    stale = await cache.token()

    renewed = await asyncio.gather(*(cache.renew(stale) for _ in range(50)))

    assert set(renewed) == {"token-2"}
    assert office.given == 2


@pytest.mark.anyio
async def test_whoever_waited_shares_a_refusal() -> None:
    office = Office(refuses=True, is_open=False)
    cache = a_cache(office)

    waiting = asyncio.gather(*(cache.token() for _ in range(50)), return_exceptions=True)
    await asyncio.sleep(0)
    office.door.set()
    results = await waiting

    assert {type(result) for result in results} == {CredentialsError}
    assert office.given == 1


@pytest.mark.anyio
async def test_a_refusal_is_not_kept_for_later_callers() -> None:
    office = Office(refuses=True)
    cache = a_cache(office)
    await asyncio.gather(cache.token(), return_exceptions=True)
    office.refuses = False

    token = await cache.token()

    assert token == "token-2"


@pytest.mark.anyio
async def test_a_caller_that_gives_up_does_not_block_the_others() -> None:
    office = Office(is_open=False)
    cache = a_cache(office)
    first = asyncio.create_task(cache.token())
    second = asyncio.create_task(cache.token())
    await asyncio.sleep(0)

    first.cancel()
    office.door.set()

    assert await second == "token-2"
    assert first.cancelled() or first.done()

"""Sends one request once, within its time, and tells a lost answer from a request that never left."""

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from publisher.genesys.errors import GenesysError, UnavailableError, UnreachableError, UnreadableError
from publisher.genesys.exchange import Request, Response

MAX_BODY_BYTES = 16 * 1024 * 1024

BEFORE_THE_FIRST_BYTE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """No answer: the error that this is, what caused it, and whether sending again can help and do no harm."""

    error: GenesysError
    cause: Exception
    is_repeatable: bool


async def send_once(
    client: httpx.AsyncClient, built: httpx.Request, *, request: Request, timeout_s: float
) -> Response | Lost:
    """The answer to one request, read to its end, or why there is none."""
    built.extensions["timeout"] = httpx.Timeout(timeout_s, connect=timeout_s / 2).as_dict()
    try:
        async with asyncio.timeout(timeout_s):
            return await _answer(client, built)
    except TimeoutError as exc:
        return _silence(request, exc, timeout_s=timeout_s)
    except BEFORE_THE_FIRST_BYTE as exc:
        return _no_connection(request, built, exc)
    except (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError) as exc:
        return _cut_off(request, exc)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        return Lost(error=_unusable(request, exc), cause=exc, is_repeatable=False)


async def _answer(client: httpx.AsyncClient, built: httpx.Request) -> Response:
    response = await client.send(built, stream=True)
    try:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise httpx.DecodingError(f"the answer is larger than {MAX_BODY_BYTES} bytes")
    finally:
        await response.aclose()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(status=response.status_code, headers=headers, body=bytes(body))


def _silence(request: Request, exc: Exception, *, timeout_s: float) -> Lost:
    error = UnavailableError(
        f"Could not {request.doing}: no answer within {timeout_s:g} s{_doubt(request)}. Try again later.",
        code="timeout",
        may_have_happened=request.effect,
    )
    return Lost(error=error, cause=exc, is_repeatable=not request.effect)


def _cut_off(request: Request, exc: Exception) -> Lost:
    error = UnreachableError(
        f"Could not {request.doing}: the connection broke before the answer came ({_named(exc)}){_doubt(request)}."
        " Try again.",
        code="network",
        may_have_happened=request.effect,
    )
    return Lost(error=error, cause=exc, is_repeatable=not request.effect)


def _no_connection(request: Request, built: httpx.Request, exc: Exception) -> Lost:
    untrusted = next((cause for cause in _causes(exc) if isinstance(cause, ssl.SSLCertVerificationError)), None)
    where = f"{built.url.scheme}://{built.url.netloc.decode()}"
    advice = (
        f"its certificate is not trusted ({_named(untrusted)}). Behind a company's proxy, set SSL_CERT_FILE to"
        " its certificates"
        if untrusted
        else f"{_named(exc)}. Check the network, the region or API URL, and the proxy settings"
    )
    error = UnreachableError(f"Could not {request.doing}: cannot reach {where}: {advice}.", code="network")
    return Lost(error=error, cause=exc, is_repeatable=untrusted is None)


def _unusable(request: Request, exc: Exception) -> GenesysError:
    kind = UnreadableError if isinstance(exc, httpx.DecodingError) else UnreachableError
    code = "not-json" if kind is UnreadableError else "network"
    return kind(f"Could not {request.doing}: {_named(exc)}.", code=code, may_have_happened=request.effect)


def _doubt(request: Request) -> str:
    return "; whether the request took effect is not known, so look before you repeat it" if request.effect else ""


def _named(exc: Exception) -> str:
    return str(exc).rstrip(".") or type(exc).__name__


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    while exc is not None:
        yield exc
        exc = exc.__cause__ or exc.__context__

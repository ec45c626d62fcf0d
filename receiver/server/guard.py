"""A guard before the parser: what it lets through is one whole, plain HTTP/1.1 request after another.

uvicorn's httptools protocol takes headers without end and without a time limit, adds the trailers of a chunked body to
the headers of the request (a secret there would let it in), and waits for half-sent requests when it should end.
"""

import asyncio
import json
import re
from collections.abc import Callable
from math import inf
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from receiver.server.limits import Limits
from receiver.server.room import Seat, least_missed
from receiver.web.problems import MEDIA_TYPE, PROBLEMS, TYPE_PREFIX

_UNREADABLE: Final = "This is no request that can be read."
_MADE_ROOM: Final = "All {} connections were taken: {} that waited were given up, those of this address first."
OnRefused = Callable[[str, int, str], None]
"""Is told of what no route saw: the address, the status, and why."""
_HOST: Final = re.compile(rb"[A-Za-z0-9._~:\[\]%-]*")


class _RefusedError(Exception):
    """A head that is not let through."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class _SoftTransport:
    """A transport that closes by way of the guard, which may still have to let the client finish."""

    def __init__(self, transport: asyncio.Transport, guard: "GuardedProtocol") -> None:
        self._transport = transport
        self._guard = guard

    def write(self, data: bytes) -> None:
        if not self.is_closing():  # a pipelined request may still be at work; nobody reads its answer
            self._transport.write(data)

    def close(self) -> None:
        self._guard.close_softly()

    def is_closing(self) -> bool:
        return self._guard.is_lingering or self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a transport has
        return getattr(self._transport, name)


class GuardedProtocol(HttpToolsProtocol):
    """One connection, held to the limits."""

    limits = Limits()
    on_refused: OnRefused | None = None

    @classmethod
    def held_to(cls, limits: Limits, *, on_refused: OnRefused | None = None) -> "type[GuardedProtocol]":
        """The protocol with these limits; uvicorn makes its protocols itself, with no more than its own config."""
        told = None if on_refused is None else staticmethod(on_refused)
        return type("LimitedProtocol", (cls,), {"limits": limits, "on_refused": told})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in its base
        """Begin to wait for the first head."""
        has_room = len(self.connections) < self.limits.max_connections or self._make_room()
        super().connection_made(transport)
        self.client = _unmapped(self.client)
        self._wire = transport
        self.transport = cast("asyncio.Transport", _SoftTransport(transport, self))
        self.is_lingering = False
        self._is_deaf = False
        self._in_head = self._in_body = False
        self._head_bytes = self._header_bytes = self._header_count = self._lingered_bytes = 0
        self._heads = self._chunks = self._chunk_line_bytes = 0
        self._in_chunk = False
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._await_head()
        if not has_room:
            self.give_way()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        self._stop_timer()
        self._stop_unread()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, unless what comes is not wanted any more."""
        if self.is_lingering or self._is_deaf:
            self._throw_away(len(data))
            return
        self._unset_keepalive_if_required()
        heads, chunks, was_in_body = self._heads, self._chunks, self._in_body
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._be_deaf()  # no other protocol is spoken here: answer this request, and hang up
        except httptools.HttpParserError as exc:
            cause = exc.__context__
            self._refuse(cause if isinstance(cause, _RefusedError) else _RefusedError(400, _UNREADABLE))
        else:
            if self._in_body:
                self._body_goes_on(len(data) if (heads, chunks) == (self._heads, self._chunks) else 0)
            elif self._in_head or (heads == self._heads and not was_in_body):  # what ends a body is no head
                self._head_goes_on(0 if was_in_body else len(data))

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head = True
        self._in_chunk = False
        self._header_bytes = self._header_count = self._chunk_line_bytes = 0

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        super().on_url(url)
        if len(self.url) > self.limits.max_url_bytes:
            raise _RefusedError(431, f"An address has at most {self.limits.max_url_bytes} bytes here.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; those that come after the body are counted and dropped."""
        self._header_count += 1
        self._header_bytes += len(name) + len(value) + 4
        if self._header_count > self.limits.max_headers:
            raise _RefusedError(431, f"At most {self.limits.max_headers} headers are read.")
        if self._header_bytes > self.limits.max_head_bytes:
            raise self._head_too_large()
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole: judge it, then let the request begin."""
        self._check_head()
        self._in_head, self._in_body = False, True
        self._head_bytes = self._header_bytes = self._header_count = 0
        self._heads += 1
        self._stop_timer()
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """A chunk begins."""
        self._chunks += 1
        self._in_chunk = True

    def on_chunk_complete(self) -> None:
        """A chunk has ended."""
        self._chunks += 1
        self._in_chunk = False

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._in_body = False
        self._stop_timer()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """After an answer that came before the end of its request, do not wait for the rest."""
        if self._in_body and not self._is_busy:
            self.transport.close()
        super().on_response_complete()

    def shutdown(self) -> None:
        """Finish the request that has come in whole; wait for nothing that is still being sent."""
        self._stop_timer()
        if self._is_busy and not self._in_body:
            self._be_deaf()
        else:
            self._wire.close()

    def pause_writing(self) -> None:
        """Wait for the client to read what has been answered, but not for ever."""
        super().pause_writing()
        self._unread = self.loop.call_later(self.limits.write_timeout_s, self.abort)

    def resume_writing(self) -> None:
        """Go on answering."""
        self._stop_unread()
        super().resume_writing()

    def abort(self) -> None:
        """Hang up at once, whatever is under way."""
        self._wire.abort()

    def give_way(self) -> None:
        """Hang up, and count no more."""
        self.connections.discard(self)
        self.abort()

    def close_softly(self) -> None:
        """Close; where the client is still sending, first let it come to the point of reading the answer.

        A connection closed with bytes unread is reset, and a reset can take the answer away with it.
        """
        if self.is_lingering or self._wire.is_closing():
            return
        self._stop_timer()
        if not self._in_body and not self._in_head and not self._is_deaf:
            self._wire.close()
            return
        self.is_lingering = True
        self.flow.resume_reading()
        if self._wire.can_write_eof():
            self._wire.write_eof()
        self._timer = self.loop.call_later(self.limits.linger_s, self._wire.close)

    def _make_room(self) -> bool:
        """Give up some of the connections that wait, many at once: to choose them takes a look at all."""
        others = cast("set[GuardedProtocol]", self.connections)
        seats = [other.seat for other in others if other.is_waiting]
        leaving = least_missed(seats, number=max(1, self.limits.max_connections // 16))
        for seat in leaving:
            seat.give_up()
        if leaving and self.on_refused is not None:
            self.on_refused(leaving[0].address, 503, _MADE_ROOM.format(self.limits.max_connections, len(leaving)))
        return bool(leaving)

    def _check_head(self) -> None:
        if self.parser.get_http_version() not in {"1.0", "1.1"}:
            raise _RefusedError(400, "Only HTTP 1.1 is spoken here.")
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) > 1 or (not hosts and self.parser.get_http_version() != "1.0"):
            raise _RefusedError(400, "A request has exactly one Host.")
        if hosts and _HOST.fullmatch(hosts[0].strip(b" \t")) is None:
            raise _RefusedError(400, "Host is no host.")
        if not self.url.startswith(b"/") or b"#" in self.url:
            raise _RefusedError(400, "Ask for a path, with no scheme and host before it and no fragment after it.")
        self._check_framing()

    def _check_framing(self) -> None:
        """One way only to tell where the body ends: with two, a proxy before us may see other requests than we do."""
        length = next((value for name, value in self.headers if name == b"content-length"), None)
        encodings = [value.strip(b" \t").lower() for name, value in self.headers if name == b"transfer-encoding"]
        if self.parser.should_upgrade() and (encodings or length not in {None, b"0"}):
            raise _RefusedError(400, "Send the body without Upgrade.")
        if not encodings:
            return
        if encodings != [b"chunked"]:
            raise _RefusedError(501, "Of the transfer encodings, only chunked is known here.")
        if length is not None or self.parser.get_http_version() == "1.0":
            raise _RefusedError(400, "Give Content-Length or Transfer-Encoding, not both.")

    def _head_goes_on(self, size: int) -> None:
        """A head that is not whole yet has a limit in bytes and in time."""
        self._head_bytes += size
        if self._head_bytes > self.limits.max_head_bytes:
            self._refuse(self._head_too_large())
        elif self._timer is None:
            self._await_head()

    def _body_goes_on(self, size: int) -> None:
        """A body that is not whole yet has a limit in time; between its chunks, so many bytes mean nothing."""
        self._chunk_line_bytes = 0 if self._in_chunk or not size else self._chunk_line_bytes + size
        if self._chunk_line_bytes > self.limits.max_chunk_line_bytes and self._is_chunked:
            self._refuse(_RefusedError(400, "A chunk says more before it than how long it is."))
        elif self._timer is None:
            self._timer = self.loop.call_later(self.limits.body_timeout_s, self._body_is_late)

    def _body_is_late(self) -> None:
        self._timer = None
        self._refuse(_RefusedError(408, f"The body was not complete within {self.limits.body_timeout_s:g} s."))

    def _head_too_large(self) -> _RefusedError:
        return _RefusedError(431, f"A head has at most {self.limits.max_head_bytes} bytes here.")

    def _await_head(self) -> None:
        self._timer = self.loop.call_later(self.limits.head_timeout_s, self._head_is_late)

    def _head_is_late(self) -> None:
        self._timer = None
        if self._in_head:
            self._refuse(_RefusedError(408, f"The head was not complete within {self.limits.head_timeout_s:g} s."))
        else:
            self._wire.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _be_deaf(self) -> None:
        """Answer what has been asked, read nothing more, and hang up."""
        self._is_deaf = True
        self.cycle.keep_alive = False

    @property
    def _is_chunked(self) -> bool:
        return any(name == b"transfer-encoding" for name, _ in self.headers)

    def _stop_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for the client: for a whole request, or to have its answer read."""
        return self._in_head or self._in_body or not self._is_busy or self._unread is not None

    @property
    def seat(self) -> Seat:
        """What it means to others that it is here, while it waits."""
        timers = (self._timer, self._unread, self.timeout_keep_alive_task)
        ends = [timer.when() for timer in timers if timer is not None]
        return Seat(address=self.client[0] if self.client else "", until=min(ends, default=inf), give_up=self.give_way)

    @property
    def _is_busy(self) -> bool:
        """Whether a request that has begun is not answered yet."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    def _refuse(self, refused: _RefusedError) -> None:
        """Answer for the application, if the connection is at a point where an answer can be told apart."""
        self._stop_timer()
        if self.on_refused is not None:
            self.on_refused(self.client[0] if self.client else "", refused.status, refused.detail)
        if self._is_busy and not self._in_body:
            self._be_deaf()  # earlier requests, still being worked on, are answered first
            return
        has_begun_to_answer = self._is_busy and (self.cycle.response_started or bool(self.pipeline))
        if self._is_busy:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if not has_begun_to_answer:
            self._wire.write(_answer(refused))
        self._is_deaf = True
        self.close_softly()

    def _throw_away(self, size: int) -> None:
        self._lingered_bytes += size
        if self._lingered_bytes > self.limits.linger_bytes:
            self._wire.abort()


def _unmapped(client: tuple[str, int] | None) -> tuple[str, int] | None:
    """An address of IPv4 as such, also where it came in at a socket of IPv6."""
    if client is None or not client[0].startswith("::ffff:"):
        return client
    return client[0].removeprefix("::ffff:"), client[1]


def _answer(refused: _RefusedError) -> bytes:
    code, title = PROBLEMS[refused.status]
    body = json.dumps(
        {"type": f"{TYPE_PREFIX}{code}", "title": title, "status": refused.status, "detail": refused.detail}
    ).encode()
    head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return STATUS_LINE[refused.status] + head.encode() + body

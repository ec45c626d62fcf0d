"""What one connection may ask for, and how many there may be."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The limits of a connection, and of all; uvicorn with httptools has none of its own."""

    max_connections: int = 4096
    """Half-sent or idle, so many take 30 to 60 MB; beyond that, those that wait make room for others."""
    max_headers: int = 100
    max_head_bytes: int = 32 * 1024
    max_url_bytes: int = 8 * 1024
    head_timeout_s: float = 10.0
    """From the first byte of a request, or from the connection, to the end of the head."""
    body_timeout_s: float = 12.0
    """From the end of the head to the end of the body; a little longer than what routes themselves allow."""
    max_chunk_line_bytes: int = 16 * 1024
    """What may stand before a chunk: its size and extensions, which mean nothing here."""
    write_timeout_s: float = 30.0
    """How long a client may leave an answer unread before its connection is given up."""
    keep_alive_s: int = 65
    """Longer than the minute after which the usual proxies let go: so they close first and lose no request."""
    linger_s: float = 1.0
    """How long what is still being sent is thrown away after an early answer, so that the answer is read."""
    linger_bytes: int = 4 * 1024 * 1024

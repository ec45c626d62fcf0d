"""Secrets: whether the time that a refusal takes tells anything of the secret, or of which sources there are.

Each kind of wrong request is put to the whole application, in one process and in turn, and its time is held against
that of a secret that is wrong from its first character. What the same kind differs from itself by is the noise.
"""

import asyncio
import hashlib
import hmac
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_urlsafe
from statistics import median

import structlog
from rich import box
from rich.console import Console
from rich.table import Table
from starlette.types import ASGIApp, Message, Scope

from receiver.app import create_app
from receiver.clock import new_id, utc_now
from receiver.config import Config, Source
from receiver.relay import Provisions, open_relay

SAMPLES = 10_000
SECRET = "the-secret-of-the-source-0123456789"
WRONG = "X" + SECRET[1:]
BODY = b'{"event": "flow.version.published"}'
HEADER = b"x-genesys-webhook-secret"
SIGNATURE = b"x-hub-signature-256"
PLAIN = Source(name="plain", secrets=("A",))
SIGNED = Source(name="signed", scheme="hmac-sha256", header="X-Hub-Signature-256", secrets=("A",))
Headers = Sequence[tuple[bytes, bytes]]


def signature(key: str) -> bytes:
    return hmac.new(key.encode(), BODY, hashlib.sha256).hexdigest().encode()


RIGHT = signature(SECRET)
KINDS: Mapping[str, tuple[Config, Mapping[str, tuple[str, Headers]]]] = {
    "a secret in a header": (
        Config(sources=(PLAIN,)),
        {
            "wrong from the first character": ("plain", [(HEADER, WRONG.encode())]),
            "the same again": ("plain", [(HEADER, WRONG.encode())]),
            "wrong in the last character": ("plain", [(HEADER, SECRET[:-1].encode() + b"X")]),
            "no such source": ("nobody", [(HEADER, WRONG.encode())]),
            "no such source, the right secret": ("nobody", [(HEADER, SECRET.encode())]),
        },
    ),
    "a signature of the body": (
        Config(sources=(PLAIN, SIGNED)),
        {
            "wrong from the first digit": ("signed", [(SIGNATURE, signature("another"))]),
            "the same again": ("signed", [(SIGNATURE, signature("another"))]),
            "wrong in the last digit": ("signed", [(SIGNATURE, RIGHT[:-1] + (b"0" if RIGHT[-1:] != b"0" else b"1"))]),
            "a source that is not signed": ("plain", [(SIGNATURE, RIGHT)]),
            "no such source": ("nobody", [(SIGNATURE, RIGHT)]),
        },
    ),
}


def run(console: Console) -> None:
    """Measure, and print a table for each scheme."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    for title, (config, kinds) in KINDS.items():
        with tempfile.TemporaryDirectory(prefix="flow-relay-bench-") as folder:
            console.print(a_table(title, asyncio.run(measured(config, kinds, Path(folder)))))
    structlog.reset_defaults()


def a_table(title: str, times: Mapping[str, Sequence[int]]) -> Table:
    """The median of each kind, and how far it lies from that of the first."""
    table = Table(title=f"Refusals: {title}, {SAMPLES:,} of each kind", title_justify="left", box=box.SIMPLE_HEAD)
    for number, heading in enumerate(("refused", "median µs", "from the first µs")):
        table.add_column(heading, justify="right" if number else "left")
    first = median(next(iter(times.values()))) / 1000
    for name, each in times.items():
        table.add_row(name, f"{median(each) / 1000:.2f}", f"{median(each) / 1000 - first:+.2f}")
    return table


async def measured(config: Config, kinds: Mapping[str, tuple[str, Headers]], folder: Path) -> Mapping[str, list[int]]:
    """The times of each kind in nanoseconds; in each round all kinds, in an order of its own."""
    provisions = Provisions(
        secrets={"A": SECRET}, clock=utc_now, new_id=new_id, new_secret=token_urlsafe, rng=random.Random(7)
    )
    times: dict[str, list[int]] = {name: [] for name in kinds}
    async with open_relay(f"sqlite:///{folder / 'bench.db'}", config, provisions, has_worker=False) as relay:
        app = create_app(relay, access=None)
        names = list(kinds)
        for _ in range(SAMPLES):
            random.shuffle(names)
            for name in names:
                times[name].append(await one(app, *kinds[name]))
    return times


async def one(app: ASGIApp, source: str, headers: Headers) -> int:
    """How long one request takes that must not be let in."""
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "http_version": "1.1",
        "scheme": "http",
        "query_string": b"",
        "path": f"/webhooks/{source}",
        "root_path": "",
        "client": ("192.0.2.1", 1234),
        "headers": [(b"host", b"relay"), (b"content-length", str(len(BODY)).encode()), *headers],
    }
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: Message) -> None:
        statuses.append(message.get("status", 0))

    began = time.perf_counter_ns()
    await app(scope, receive, send)
    took = time.perf_counter_ns() - began
    assert statuses[0] == 401, statuses
    return took

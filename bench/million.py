"""A million events: what recording costs among them, beside an empty database, and how long a page of history takes.

Events are recorded as the door has them recorded, and kept in the inbox as it keeps them in a flood: 64 senders, each
of whom waits for the disk. A repetition is told by the id that its sender gave. Where those are random, each goes to a
place of its own in the index of all that came before; where they grow with time (UUIDv7), to its end. Rounds are
interleaved.
"""

import asyncio
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, text

from bench.load import a_body
from bench.senders import SENDERS, record, sent
from receiver.clock import new_id, utc_now
from receiver.config import Source
from receiver.delivery import Delivery
from receiver.envelopes import read_event
from receiver.inbox import MANY
from receiver.ingest import event_of
from receiver.model import Arrival, EventFilter, Plan
from receiver.store import (
    Database,
    append_deliveries,
    list_events,
    open_database,
    record_oldest,
)
from receiver.store.history import cursor_of

STORED = 1_000_000
COPIED_AT_ONCE = 20_000
FLOWS = 1_000
ROUND = 6_400
ROUNDS = 7
LOOKS = 50

# A row of its own for each number, made from the newest one: another id, another key, another flow, another time.
_COPY = text(
    """
    INSERT INTO events
    SELECT substr(id, 1, 24) || printf('%012x', number), source,
           lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-'
                 || hex(randomblob(2)) || '-' || hex(randomblob(6))),
           type, origin, org_id, environment, 'flow-' || (number % :flows), flow_name, flow_name_folded, flow_type,
           version_id, version_number, actor, operation, provenance, occurred_at, received_at, faults, body,
           body_digest, headers, secret, verdicts, publication_id, duplicates, conflicts
    FROM (SELECT * FROM events ORDER BY id DESC LIMIT 1), (
        WITH RECURSIVE numbers(number) AS (SELECT :first UNION ALL SELECT number + 1 FROM numbers WHERE number < :last)
        SELECT number FROM numbers
    )
    """
)


def run(console: Console) -> None:
    """Fill a database, measure, and print two tables."""
    with tempfile.TemporaryDirectory(prefix="flow-relay-bench-") as folder:
        asyncio.run(_run(console, Path(folder)))


async def _run(console: Console, folder: Path) -> None:
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(open_database(f"sqlite:///{folder}/{name}.db")) for name in "ab"]
        empty, full = opened
        await record(full, [an_arrival()])
        began = time.perf_counter()
        for first in range(1, STORED, COPIED_AT_ONCE):
            await full.write(partial(_copy, first=first, last=min(first + COPIED_AT_ONCE, STORED) - 1))
        console.print(f"{STORED:,} events were written in {time.perf_counter() - began:.0f} s.")
        console.print(rates_table(await rates({"an empty database": empty, f"{STORED:,} events": full})))
        console.print(pages_table(await full.read(page_times)))


def _copy(conn: Connection, *, first: int, last: int) -> None:
    conn.execute(_COPY, {"first": first, "last": last, "flows": FLOWS})


async def rates(databases: Mapping[str, Database]) -> Mapping[str, Sequence[float]]:
    """Events a second that each database takes, round by round."""
    ways = [(f"{way}, {kind}", take, new) for way, take in WAYS.items() for kind, new in IDS.items()]
    found: dict[str, list[float]] = {f"{database}: {way}": [] for way, _, _ in ways for database in databases}
    for _ in range(ROUNDS):
        for way, take, new in ways:
            for name, database in databases.items():
                arrivals = [an_arrival(new) for _ in range(ROUND)]
                began = time.perf_counter()
                await take(database, arrivals)
                found[f"{name}: {way}"].append(ROUND / (time.perf_counter() - began))
                await empty_inbox(database)
    return found


async def keep(database: Database, arrivals: Sequence[Arrival]) -> None:
    """Keep the same in the inbox, to be recorded later."""
    given = [(_delivery(arrival), arrival.event.dedupe_key) for arrival in arrivals]
    await sent(given, lambda one: database.write_one_of_many(append_deliveries, one))


async def empty_inbox(database: Database) -> None:
    """Record what waits, as the receiver does."""
    while await database.write(partial(record_oldest, most=MANY, arrival_of=_arrival_of, new_id=new_id)):
        pass


def _delivery(arrival: Arrival) -> Delivery:
    event = arrival.event
    return Delivery(id=event.id, source=event.source, received_at=arrival.at, body=event.body)


def _arrival_of(delivery: Delivery) -> Arrival:
    return Arrival(event=event_of(delivery), plan=Plan(), at=delivery.received_at)


def an_arrival(new: Callable[[], str] = new_id) -> Arrival:
    """A publication that nobody told of before, of one of the flows that there are."""
    flow = f"flow-{_chance.randrange(FLOWS)}"
    body = a_body(new(), flow).replace(b'"16.0"', b'"%d.0"' % _chance.randrange(10**8))
    now = utc_now()
    event = read_event(body, source=Source(name="genesys"), headers={}, received_at=now, new_id=new_id)
    return Arrival(event=event, plan=Plan(), at=now)


def page_times(conn: Connection) -> Mapping[str, float]:
    """Milliseconds for one page of history, as the pages and the API ask for it."""
    found = conn.execute(text("SELECT id FROM events ORDER BY id LIMIT 1 OFFSET :at"), {"at": STORED // 2})
    middle = cursor_of(found.scalar_one())
    looks = {
        "the newest": partial(list_events, conn, EventFilter(), cursor=None),
        "in the middle": partial(list_events, conn, EventFilter(), cursor=middle),
        "of one type": partial(list_events, conn, EventFilter(type="flow.version.published"), cursor=None),
        "of one flow": partial(list_events, conn, EventFilter(flow="flow-7"), cursor=None),
    }
    return {name: median(_times_ms(partial(look, limit=50))) for name, look in looks.items()}


def _times_ms(look: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        look()
        times.append((time.perf_counter() - began) * 1000)
    return times


def rates_table(found: Mapping[str, Sequence[float]]) -> Table:
    """Events a second, and how they compare: the median of what each pair of rounds gives."""
    title = f"Recording among many: {SENDERS} senders, {FLOWS:,} flows, every commit flushed"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for number, heading in enumerate(("into", "events/s", "range", "ratio")):
        table.add_column(heading, justify="right" if number else "left")
    base: Sequence[float] = ()
    for number, (name, own) in enumerate(found.items()):
        base = base if number % 2 else own  # each kind of ids has its own empty database before it
        ratio = median(rate / other for rate, other in zip(own, base, strict=True))
        table.add_row(name, f"{median(own):,.0f}", f"{min(own):,.0f}-{max(own):,.0f}", f"{ratio:.2f}")
    return table


def pages_table(found: Mapping[str, float]) -> Table:
    """How long a page takes."""
    title = f"A page of 50 among {STORED:,} events"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("page")
    table.add_column("ms", justify="right")
    for name, took in found.items():
        table.add_row(name, f"{took:.2f}")
    return table


WAYS = {"recorded": record, "kept first": keep}
IDS: Mapping[str, Callable[[], str]] = {"random ids": lambda: str(uuid.uuid4()), "ids by time": new_id}
_chance = Random(7)

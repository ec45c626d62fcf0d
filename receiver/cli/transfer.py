"""`receiver events export|import|prune`."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO, Final, TextIO

import typer

from receiver.cli.connection import History, UrlOption, open_history
from receiver.cli.console import Console
from receiver.cli.documents import Document, documents_of
from receiver.cli.exits import CommandError, ExitCode
from receiver.cli.surroundings import Surroundings, around
from receiver.clock import in_utc
from receiver.web.views import JsonObject

AT_ONCE: Final = 50
"""How many documents one request takes."""
MOST_BYTES: Final = 8 * 1024 * 1024
_AGES: Final = {"h": 3600.0, "d": 86400.0}

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
When = "a time, such as 2026-03-01 or 2026-03-01T12:00:00Z, or an age, such as 90d or 12h"


def export(
    context: typer.Context,
    *,
    since: Annotated[str | None, typer.Option(help=f"Events that came in from then on: {When}.")] = None,
    until: Annotated[str | None, typer.Option(help="Events that came in before then; the same.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A new file; unless given, stdout.")] = None,
    url: UrlOption = None,
) -> None:
    """Write events to a file, oldest first, one JSON object a line.

    Bodies are kept byte for byte.

    `receiver events import` reads it. The same events are always the same lines.
    """
    here = around(context)
    span = (_moment(here, since, "--since"), _moment(here, until, "--until"))
    with _opened_output(here, output) as out:
        count, unrecorded = asyncio.run(_export(here, out, since=span[0], until=span[1], url=url))
    here.console().say(f"{_counted(count)} written.")
    if unrecorded:
        here.console().say(
            f"{unrecorded} more came in that `receiver serve` has not recorded yet: export again once it has."
        )


def import_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `events export` wrote, or messages of a queue; - reads stdin.")
    ],
    *,
    source: Annotated[str | None, typer.Option(help="The source of what does not say its own.")] = None,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Whether pipelines are set off.")] = True,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Take events in from a file.

    It holds what `events export` wrote, or what a dead-letter queue of EventBridge holds.

    Of a queue, both the output of `aws sqs receive-message` and one message body a line are read. What is there
    already is passed over, so a broken import is simply run again. Exit codes: 0 all is in, 5 lines were refused.
    """
    here = around(context)
    console = here.console(as_json=as_json)
    with _opened_input(here, file) as content:
        tally = Tally(file=str(file), console=console)
        asyncio.run(_import(here, content, tally, terms={"source": source, "run": run}, url=url))
    tally.tell()
    if tally.counts["refused"]:
        raise typer.Exit(ExitCode.PROBLEMS)


def prune(
    context: typer.Context,
    *,
    before: Annotated[
        str | None, typer.Option(help=f"{When.capitalize()}. [default: what the config's `retention` says]")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many would go.")] = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Let old events go now, with their runs. What has not ended, what is live, and publications stay."""
    here = around(context)
    wish = {"before": moment.isoformat() if (moment := _moment(here, before, "--before")) else None, "dry_run": dry_run}
    answer = asyncio.run(_prune(here, wish, url=url))
    console = here.console(as_json=as_json)
    if as_json:
        console.write([answer])
        return
    console.tell(f"{_counted(answer['events'])} from before {answer['before']} {'would go' if dry_run else 'gone'}.")


class Tally:
    """What became of the events of a file so far."""

    def __init__(self, *, file: str, console: Console) -> None:
        self._file = file
        self._console = console
        self._refused: list[JsonObject] = []
        self.counts: Counter[str] = Counter()
        self.line = 0
        """The last line of which it is known what became."""

    def note(self, document: Document, results: Iterable[JsonObject]) -> None:
        """Note what became of the events of one document; a refusal is told with its line."""
        for result in results:
            self.counts[result["status"]] += 1
            if result["status"] == "refused":
                self._refused.append({"line": document.line, "message": result["message"]})
                self._console.say(f"{self._file}:{document.line}: {result['message']}")
        self.line = document.line

    def tell(self) -> None:
        """Say what became of all."""
        count = self.counts
        if self._console.as_json:
            names = ("recorded", "present", "duplicate", "conflict", "refused")
            self._console.write([{**{name: count[name] for name in names}, "refusals": self._refused}])
            return
        known = count["present"] + count["duplicate"]
        told = [f"{_counted(count['recorded'])} recorded", f"{known} known already"]
        told += [f"{count['conflict']} known with other content"] if count["conflict"] else []
        told += [f"{count['refused']} refused"] if count["refused"] else []
        self._console.tell(f"{', '.join(told)}.")


async def _export(
    here: Surroundings, out: TextIO, *, since: datetime | None, until: datetime | None, url: str | None
) -> tuple[int, int]:
    """How many were written, and how many could not be, as they are no events yet."""
    count, unrecorded = 0, 0
    async with open_history(here, url) as history:
        async for part in history.exported(since=since, until=until):
            out.writelines(json.dumps(item, separators=(",", ":")) + "\n" for item in part["items"])
            count += len(part["items"])
            unrecorded = part.get("unrecorded", 0)  # an older release does not say
    out.flush()
    return count, unrecorded


async def _import(here: Surroundings, content: BinaryIO, tally: Tally, *, terms: JsonObject, url: str | None) -> None:
    async with open_history(here, url, is_changing=True) as history:
        try:
            async for document, results in _taken_in(history, documents_of(content), terms):
                tally.note(document, results)
        except CommandError:
            if tally.line:
                here.console().say(f"All up to line {tally.line} is in: run it again to go on, it is passed over then.")
            raise


async def _taken_in(
    history: History, documents: Iterator[Document], terms: JsonObject
) -> AsyncIterator[tuple[Document, Iterable[JsonObject]]]:
    """Each document, in order, and what became of its events."""
    for batch in _batches(documents):
        whole = [document for document in batch if document.fault is None]
        wish = {**terms, "documents": [document.text for document in whole]}
        results = iter((await history.ask("/api/v1/events/import", wish))["results"])
        for document in batch:
            refusal = {"status": "refused", "id": None, "message": document.fault}
            yield document, [refusal] if document.fault else next(results)


def _batches(documents: Iterator[Document]) -> Iterator[list[Document]]:
    """Few enough, and short enough, to be sent together."""
    while batch := list(islice(documents, 1)):
        size = len(batch[0].text)
        while size < MOST_BYTES and len(batch) < AT_ONCE and (more := list(islice(documents, 1))):
            batch += more
            size += len(more[0].text)
        yield batch


async def _prune(here: Surroundings, wish: JsonObject, *, url: str | None) -> JsonObject:
    async with open_history(here, url, is_changing=not wish["dry_run"]) as history:
        answer = await history.ask("/api/v1/events/prune", wish)
        events = answer["events"]
        while not answer["is_done"]:
            answer = await history.ask("/api/v1/events/prune", {**wish, "before": answer["before"]})
            events += answer["events"]
    return {"before": answer["before"], "events": events, "dry_run": wish["dry_run"]}


def _moment(here: Surroundings, text: str | None, option: str) -> datetime | None:
    """The time that somebody means; a time without a zone is UTC."""
    if text is None:
        return None
    try:
        if age := re.fullmatch(r"([0-9]{1,6})([hd])", text):
            return here.clock() - timedelta(seconds=int(age[1]) * _AGES[age[2]])
        return in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as exc:  # what lies before the year 1 overflows
        raise CommandError(f"{option} is {text!r}; give {When}.", code=ExitCode.USAGE) from exc


@contextmanager
def _opened_output(here: Surroundings, file: Path | None) -> Iterator[TextIO]:
    if file is None:
        yield here.out
        return
    try:
        with file.open("x", encoding="utf-8") as opened:
            yield opened
    except FileExistsError as exc:
        raise CommandError(f"{file} exists already; name a new file.", code=ExitCode.USAGE) from exc
    except BaseException as exc:
        file.unlink(missing_ok=True)  # a part of it would look like all
        if not isinstance(exc, OSError):
            raise
        raise CommandError(f"{file} cannot be written: {exc.strerror}.", code=ExitCode.FAILED) from exc


@contextmanager
def _opened_input(here: Surroundings, file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield getattr(here.input, "buffer", None) or BytesIO(here.input.read().encode())
        return
    try:
        with file.open("rb") as opened:
            yield opened
    except OSError as exc:
        raise CommandError(f"{file} cannot be read: {exc.strerror}.", code=ExitCode.USAGE) from exc


def _counted(number: int) -> str:
    return f"{number} event" if number == 1 else f"{number} events"

"""Events, runs and flows for people at a terminal: tables that fit 80 columns, and the story of one of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import rich.console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from receiver.cli.listing import Listing
from receiver.model import FLOW_VERSION_PUBLISHED, Json
from receiver.web.views import JsonObject
from receiver.web.wording import (
    UNANSWERED,
    RunSign,
    Sign,
    Tone,
    change,
    duration,
    missing_sentences,
    missing_sign,
    one_line,
    pretty,
    shown,
    sign,
    visible,
    what_followed,
    what_ran,
)

Renderable = rich.console.RenderableType

MARKS: Mapping[Tone, str] = {
    Tone.GOOD: "✓",
    Tone.BUSY: "▸",
    Tone.WAITING: "○",
    Tone.WARNING: "!",
    Tone.BAD: "✗",
    Tone.QUIET: "·",
}
STYLES: Mapping[Tone, str] = {
    Tone.GOOD: "green",
    Tone.BUSY: "blue",
    Tone.WAITING: "dim",
    Tone.WARNING: "yellow",
    Tone.BAD: "red",
    Tone.QUIET: "dim",
}


def harmless(value: Json) -> Json:
    """A JSON value in which every text shows as what it is, keys too."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(name): harmless(held) for name, held in value.items()}
    return [harmless(held) for held in value] if isinstance(value, list) else value


def events_table(items: Iterable[JsonObject]) -> Listing:
    """Events, two lines each: when and who, what and its id, what followed; an odd type is a third."""
    table = Listing(("Received (UTC)", "Flow and event", "What followed"))
    for item in map(harmless, items):
        person = _who(item)
        table.add(
            _lines(minute(item["received_at"]), Text(one_line(person) if person else "", "dim")),
            _lines(Text(_title(item), "bold"), Text("\n".join(filter(None, (item["id"], _odd_type(item)))), "dim")),
            Text("\n").join(marked(each) for each in _followed(item)),
        )
    return table


def runs_table(items: Iterable[JsonObject]) -> Listing:
    """Runs, two lines each: when, what and its id, how it stands."""
    table = Listing(("Set off (UTC)", "Pipeline and run", "Status"))
    for item in map(harmless, items):
        flow = f" · {_title(item['event'])}" if item["event"] else ""
        table.add(
            _lines(minute(item["created_at"]), Text(_took(item) or "", "dim")),
            _lines(Text.assemble((item["pipeline"], "bold"), flow), Text(item["id"], "dim")),
            _lines(marked(sign(item["status"])), Text(one_line(item["reason"] or ""), "dim")),
        )
    return table


def event_story(event: JsonObject, runs: Sequence[JsonObject]) -> Iterator[Renderable]:
    """One event with all that followed."""
    event, runs = harmless(event), [harmless(run) for run in runs]
    person = _who(event)
    yield Text(_title(event), "bold")
    yield Text(
        f"{one_line(event['type'])}, {_clock(event['received_at'])} UTC{f', by {one_line(person)}' if person else ''}"
    )
    for fault in event["faults"]:
        yield Text(f"! {one_line(fault['field'])}: {one_line(fault['message'])}", "yellow")
    if event["missing"]:
        yield Text(f"! {missing_sentences(event['missing'])}", "yellow")
    yield Text()
    yield _facts(event, ("id", "source", "origin", "environment", "org_id", "flow_id", "flow_type", "operation"))
    yield from _verdicts(event["verdicts"])
    for run in runs:
        yield Text()
        yield from _run(run)
    if event["provenance"]:
        yield _heading("Where it came from")
        yield _facts(event["provenance"], tuple(event["provenance"]))
    yield _heading("As it came in")
    yield _body(event)


def _body(event: JsonObject) -> Text:
    if event["body"] is None:
        return Text(f"(no longer kept; its SHA-256, written canonically, was {event['body_digest']})", "dim")
    return Text(visible(pretty(event["body"]) if event["body_encoding"] == "utf-8" else event["body"]))


def run_story(run: JsonObject) -> Iterator[Renderable]:
    """One run with its steps, attempts, requests and responses."""
    run = harmless(run)
    yield from _run(run)
    yield Text()
    yield _facts(
        run, ("id", "event_id", "created_at", "started_at", "ended_at", "group_key", "policy", "config_digest")
    )
    for step in run["steps"]:
        for attempt in step["attempts"]:
            yield _heading(f"{step['name']}, attempt {attempt['number']}")
            yield from _exchange(attempt)


def flows_table(items: Iterable[JsonObject]) -> Listing:
    """Flows, two lines each: when something was told of them last, what and its id, what is live."""
    table = Listing(("Last event (UTC)", "Flow", "Live"))
    for item in map(harmless, items):
        live, place = item["live"], item["environment"]
        table.add(
            _lines(minute(item["last_event_at"]), Text(one_line(place) if place else "", "dim")),
            _lines(Text(one_line(item["flow_name"] or item["flow_id"]), "bold"), Text(item["flow_id"], "dim")),
            _lines(one_line(live["version_id"]), Text(f"since {minute(live['occurred_at'])}", "dim"))
            if live
            else Text("nothing that is known", "dim"),
        )
    return table


def flow_story(flow: JsonObject) -> Iterator[Renderable]:
    """One flow with what went live, the newest first, and what followed."""
    flow = harmless(flow)
    good, items = flow["good"], flow["timeline"]["items"]
    yield Text(one_line(flow["flow_name"] or flow["flow_id"]), "bold")
    yield _facts(flow, ("flow_id", "flow_type", "environment", "org_id"))
    if flow["absences"]:
        yield _heading("Announced, and not seen")
        yield from (Text(f"! {absence_line(one)}", "yellow") for one in flow["absences"])
    yield _heading("What went live" if items else "Nothing is known to have gone live")
    if items:
        yield _timeline(items, good=good["version_id"] if good else None)
    if flow["timeline"]["next_cursor"]:
        yield Text("There is more: give a higher --limit.", "dim")
    yield from _notes("Adopted", flow["adopted"], shows="version_id")
    yield from _notes("Blocked content", flow["blocked"], shows="content_hash")


def progress_line(run: JsonObject) -> str:
    """How a run stands, in one line: its status and that of each step."""
    steps = ", ".join(f"{step['name']} {sign(step['status']).text}{_tries(step)}" for step in run["steps"])
    return one_line(f"{run['pipeline']} {sign(run['status']).text}{f': {steps}' if steps else ''}")


def absence_line(absence: JsonObject) -> str:
    """An announcement that nothing has answered, in one line."""
    flow = one_line(absence["flow_name"] or absence["flow_id"] or "a flow")
    version = f" {one_line(absence['version_id'])}" if absence["version_id"] else ""
    since = minute(absence["since"])
    return f"{since} {flow}{version}: {UNANSWERED[absence['kind']]} (event {absence['event_id']})."


def marked(each: Sign) -> Text:
    """A status as a mark and its word."""
    return Text(f"{MARKS[each.tone]} {one_line(each.text)}", STYLES[each.tone])


def _timeline(items: Sequence[JsonObject], *, good: str | None) -> Listing:
    table = Listing(("Live since (UTC)", "Version and who", "What followed"))
    for item in items:
        person = _who({**item, "actor": item["published_by"]})
        told = " · ".join(one_line(each) for each in (person, change(item["provenance"])) if each)
        signs = what_ran(_run_signs(item))
        mark = " (good)" if item["version_id"] == good else ""
        table.add(
            minute(item["occurred_at"]),
            _lines(Text.assemble((one_line(item["version_id"]), "bold"), (mark, "green")), Text(told, "dim")),
            Text("\n").join(marked(each) for each in (*signs, *_missing(item))),
        )
    return table


def _missing(item: JsonObject) -> tuple[Sign, ...]:
    """The word for what is missing after an announcement, where something is."""
    return (missing_sign(item["missing"]),) if item["missing"] else ()


def _notes(heading: str, notes: Sequence[JsonObject], *, shows: str) -> Iterator[Renderable]:
    if notes:
        yield _heading(heading)
    for note in notes:
        provenance = note["provenance"] or {}
        by, why = provenance.get("actor"), provenance.get("reason")
        told = [f"by {by}" if by else "", f"({why})" if why else ""]
        yield Text(one_line(" ".join([minute(note["at"]), str(note[shows]), *filter(None, told)])))


def _run(run: JsonObject) -> Iterator[Renderable]:
    took = _took(run)
    yield Text.assemble((run["pipeline"], "bold"), " ", marked(sign(run["status"])), f" {took}" if took else "")
    if run["reason"]:
        yield Text(f"  {one_line(run['reason'])}")
    for step in run["steps"]:
        stands = sign(step["status"])
        word = marked(Sign(tone=stands.tone, text=f"{step['name']} {stands.text}"))
        yield Padding(Text.assemble(word, f" on {step['target']}{_tries(step)}"), (0, 0, 0, 2))
        if step["message"]:
            yield Padding(Text(one_line(step["message"]), "dim"), (0, 0, 0, 4))


def _verdicts(verdicts: Sequence[JsonObject]) -> Iterator[Renderable]:
    yield _heading("What followed")
    if not verdicts:
        yield Text("No pipeline was configured when this event came in.")
        return
    table = _pairs(3)
    for verdict in verdicts:
        table.add_row(Text(verdict["pipeline"]), marked(sign(verdict["kind"])), Text(one_line(verdict["reason"])))
    yield table


def _exchange(attempt: JsonObject) -> Iterator[Renderable]:
    request, response = attempt["request"] or {}, attempt["response"]
    yield Text.assemble(
        marked(sign(attempt["result"])), f" {_clock(attempt['started_at'])}", f" {_took(attempt) or ''}"
    )
    if attempt["message"]:
        yield Text(one_line(attempt["message"]))
    if request:
        yield Text(f"> {one_line(str(request.get('method')))} {one_line(str(request.get('url')))}")
        yield from _content(request, ">")
    if response is None:
        yield Text("< no answer", "dim")
        return
    yield Text(f"< HTTP {response.get('status')}")
    yield from _content(response, "<")


def _content(part: Mapping[str, Any], mark: str) -> Iterator[Renderable]:
    for name, value in (part.get("headers") or {}).items():
        yield Text(f"{mark} {one_line(str(name))}: {one_line(str(value))}", "dim")
    if part.get("body"):
        yield Padding(Text(visible(shown(part["body"]))), (0, 0, 0, 2))
    if part.get("cut"):
        yield Text(f"{mark} (the rest of the body was not kept)", "dim")


def _followed(item: JsonObject) -> tuple[Sign, ...]:
    runs = _run_signs(item)
    kinds = [verdict["kind"] for verdict in item["verdicts"]]
    return (*what_followed(runs, kinds=kinds, is_faulty=bool(item["faults"])), *_missing(item))


def _run_signs(item: JsonObject) -> Sequence[RunSign]:
    return [RunSign(pipeline=run["pipeline"], status=run["status"], run_id=run["id"]) for run in item["runs"]]


def _odd_type(event: JsonObject) -> str:
    """The type of an event, unless it is what nearly all are, or stands for the flow already."""
    has_flow = event["flow_name"] or event["flow_id"]
    return one_line(event["type"]) if has_flow and event["type"] != FLOW_VERSION_PUBLISHED else ""


def _title(event: JsonObject) -> str:
    name = event["flow_name"] or event["flow_id"] or event["type"]
    return one_line(f"{name} {event['version_id'] or ''}")


def _who(event: JsonObject) -> str | None:
    actor = event["actor"] or {}
    told = (event["provenance"] or {}).get("actor")
    return actor.get("name") or actor.get("id") or (told if isinstance(told, str) else None)


def _tries(step: JsonObject) -> str:
    count = step["attempt_count"]
    return f" ({count} attempts)" if count > 1 else ""


def _took(timed: JsonObject) -> str | None:
    if not timed["started_at"] or not timed["ended_at"]:
        return None
    return duration(datetime.fromisoformat(timed["started_at"]), datetime.fromisoformat(timed["ended_at"]))


def minute(moment: str | None) -> str:
    """A time to the minute; nothing where there is none."""
    return (moment or "")[:16].replace("T", " ")


def _clock(moment: str) -> str:
    return moment[:19].replace("T", " ")


def _facts(values: Mapping[str, Any], names: Sequence[str]) -> Table:
    table = _pairs()
    for name in names:
        if values.get(name) is not None:
            table.add_row(Text(one_line(name.replace("_", " ")), "dim"), Text(one_line(shown(values[name]))))
    return table


def _heading(text: str) -> Text:
    return Text(f"\n{one_line(text)}", "bold")


def _pairs(columns: int = 2) -> Table:
    """A table without a head, in which nothing is cut off."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for _ in range(columns):
        table.add_column(overflow="fold")
    return table


def _lines(first: Text | str, second: Text) -> Text:
    """One text over another, where there is another."""
    return Text.assemble(first, "\n", second) if second.plain else Text.assemble(first)

"""What a plan says of each file, and as a whole."""

from datetime import UTC, datetime

import pytest

from publisher.environments import OnDrift
from publisher.genesys.documents import Place
from publisher.genesys.model import Flow, Lock
from publisher.outline import Outline, outline_of
from publisher.planning import Entry, Plan, Would, details, markdown, reason
from publisher.problems import Problem, Severity
from publisher.standing import standing
from tests.publisher.flow_makers import a_file, a_flow
from tests.publisher.ledger.entries import a_block, a_ledger, an_entry

FLOW = Flow(id="f1", name="Main", published_version_id="16.0", published_by="J. Weber")
HASH = "sha256:new"


def an_outline(*ways: str) -> Outline:
    outline = outline_of(a_file(a_flow(*ways)))
    assert outline is not None
    return outline


NEW, OLD = an_outline("trigger>say", "say>hangup"), an_outline("trigger>hangup")
DRIFTED = standing(content_hash=HASH, flow=FLOW, ledger=a_ledger())
BLOCKED = standing(content_hash=HASH, flow=FLOW, ledger=a_ledger(blocks=(a_block(HASH),)))
UNCHANGED = standing(content_hash=HASH, flow=FLOW, ledger=a_ledger(an_entry("16.0", content_hash=HASH)))
CHANGED = standing(content_hash=HASH, flow=FLOW, ledger=a_ledger(an_entry("16.0", content_hash="sha256:old")))
UNKNOWN = standing(content_hash=HASH, flow=FLOW, ledger=None)
MISSING = Problem(
    code="org.missing",
    severity=Severity.ERROR,
    file="shared.yaml",
    place=Place(line=88, column=21),
    message="Queue 'Sales EU' is not in prod.",
)


def entry(*, file: str = "main.yaml", **more: object) -> Entry:
    given: dict[str, object] = {"name": "Main", "standing": CHANGED, "flow": FLOW, "outline": NEW, "former": OLD}
    return Entry(file=file, **{**given, **more})  # type: ignore[arg-type]  # passed on


def a_plan(*entries: Entry) -> Plan:
    return Plan(entries=entries, place="prod")


@pytest.mark.parametrize(
    ("planned", "would", "why"),
    [
        (entry(), Would.PUBLISH, "3 changes"),
        (entry(former=NEW), Would.PUBLISH, "no change in the flow"),
        (entry(former=None), Would.PUBLISH, "other content"),
        (entry(standing=standing(content_hash=HASH, flow=None, ledger=None), flow=None), Would.PUBLISH, "a new flow"),
        (entry(standing=UNCHANGED), Would.SKIP, "unchanged"),
        (entry(standing=BLOCKED), Would.REFUSE, "blocked"),
        (entry(standing=DRIFTED), Would.REFUSE, "drifted, 3 changes"),
        (entry(standing=DRIFTED, on_drift=OnDrift.OVERWRITE), Would.PUBLISH, "drifted, 3 changes"),
        (entry(standing=DRIFTED, on_drift=OnDrift.WARN), Would.PUBLISH, "drifted, 3 changes"),
        (entry(problems=(MISSING,)), Would.REFUSE, "1 error"),
        (entry(standing=None, refusal="no such flow"), Would.REFUSE, "no flow for it"),
    ],
    ids=[
        "changed",
        "the same flow",
        "not compared",
        "new",
        "unchanged",
        "blocked",
        "drifted",
        "drift is overwritten",
        "drift is a warning",
        "problems",
        "no flow",
    ],
)
def test_each_file_is_published_skipped_or_refused(planned: Entry, would: Would, why: str) -> None:
    assert (planned.would, reason(planned)) == (would, why)


@pytest.mark.parametrize(
    ("planned", "is_change"),
    [
        (entry(), True),
        (entry(former=NEW), True),
        (entry(standing=UNKNOWN), True),
        (entry(standing=UNKNOWN, former=NEW), False),
        (entry(standing=UNKNOWN, former=None), True),
        (entry(standing=UNCHANGED), False),
        (entry(standing=BLOCKED), False),
    ],
    ids=["changed", "other content", "unknown", "unknown, but the same", "not compared", "unchanged", "blocked"],
)
def test_a_change_is_what_would_be_live_and_is_not(planned: Entry, is_change: bool) -> None:
    assert planned.is_change is is_change


@pytest.mark.parametrize(
    ("entries", "problems", "conflicts"),
    [
        ([entry()], False, False),
        ([entry(), entry(standing=DRIFTED)], False, True),
        ([entry(standing=BLOCKED)], False, True),
        ([entry(problems=(MISSING,), standing=DRIFTED)], True, True),
    ],
    ids=["sound", "drift", "blocked", "both"],
)
def test_a_plan_tells_problems_from_conflicts(entries: list[Entry], problems: bool, conflicts: bool) -> None:
    plan = a_plan(*entries)

    assert (plan.has_problems, plan.has_conflicts) == (problems, conflicts)


def test_a_plan_sums_up() -> None:
    plan = a_plan(entry(), entry(standing=UNCHANGED), entry(standing=BLOCKED), entry())

    assert plan.summary == "2 to publish, 1 unchanged, 1 refused"
    assert plan.has_changes


def test_what_stands_in_the_way_comes_before_what_would_change() -> None:
    lock = Lock(holder="Kim", since=datetime(2026, 5, 4, 10, 42, tzinfo=UTC))
    planned = entry(problems=(MISSING,), standing=DRIFTED, lock=lock, former=an_outline("trigger>say", "say>queue"))

    assert list(details(planned)) == [
        "error shared.yaml:88:21 Queue 'Sales EU' is not in prod.",
        "live 16.0 by J. Weber was never published by flow-relay: publisher adopt, or --on-drift overwrite",
        "locked by Kim since 2026-05-04 10:42 UTC",
        "+ node 'hangup' (hangup, 'Hangup')",
        "− node 'queue' (queue, 'Queue')",  # noqa: RUF001
        "~ connection from 'say' leads to 'hangup', no longer to 'queue'",
    ]


def test_more_changes_than_anybody_reads_are_counted() -> None:
    long = an_outline(*(f"n{at}>n{at + 1}" for at in range(60)))

    said = list(details(entry(outline=long)))

    assert len(said) == 41
    assert said[-1].startswith("… and ")
    assert said[-1].endswith(" more: publisher diff main.yaml")


def test_names_are_no_markup() -> None:
    text = markdown(a_plan(entry(file="a`|b.yaml", name="<img> @team\n# x", lock=Lock(holder="``"))))

    assert "| `` a`\\|b.yaml `` | `<img> @team # x` | `16.0` | ``` publish: 3 changes, locked by `` ``` |" in text


def test_what_stands_in_the_way_is_in_the_comment() -> None:
    plan = Plan(entries=[entry(standing=BLOCKED)], place="prod", warnings=("whether 1 queue is in prod …",))

    text = markdown(plan)

    assert "| 🔴 1 | `main.yaml` | `Main` | `16.0` | `refuse: blocked` |\n\n⚠️ `whether 1 queue is in prod …`" in text
    assert "# this content was blocked by kim on 2026-05-04 (calls drop): publisher unblock" in text
    assert "mermaid" not in text


def test_what_is_too_large_to_be_drawn_is_named() -> None:
    large = an_outline(*(f"n{at}>n{at + 1}" for at in range(501)))

    text = markdown(a_plan(entry(outline=large, former=None)))

    assert "`main.yaml` is too large to be drawn here: `publisher diff --format svg main.yaml`." in text


def test_a_file_without_a_graph_is_not_drawn() -> None:
    assert "`main.yaml` holds nothing that could be drawn." in markdown(a_plan(entry(outline=None, former=None)))


def test_a_comment_is_never_too_long() -> None:
    large = an_outline(*(f"n{at}>n{at + 1}" for at in range(400)))

    text = markdown(a_plan(*(entry(file=f"{at}.yaml", outline=large, former=None) for at in range(20))))

    assert len(text) < 65_536
    assert text.endswith("There is more than a comment can hold: `publisher plan` says it all.\n")

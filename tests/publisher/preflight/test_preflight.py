"""What flow files name and an organization lacks, looked up in the sandbox."""

import pytest

from publisher.archy import ArchyFile, parse_archy
from publisher.genesys.errors import UnavailableError
from publisher.genesys.inventory import Kind
from publisher.genesys.model import Flow
from publisher.preflight import Preflight, preflight, renamed
from publisher.sandbox import FLOW_ID, SandboxSettings
from publisher.sandbox.settings import SeedFlow, Thing
from tests.publisher.archy.flows import a_file, a_task, a_text
from tests.publisher.flow_makers import a_file as a_graph_file
from tests.publisher.flow_makers import a_flow
from tests.publisher.genesys.wires import Host, a_client, an_answer
from tests.publisher.sandbox.orgs import Running, a_sandbox

pytestmark = pytest.mark.anyio

BYE = "- disconnect: {name: Bye}"


def to_queue(name: str) -> str:
    return f"- transferToAcd: {{name: To {name}, targetQueue: {{lit: {{name: {name}}}}}}}"


def to_flow(name: str) -> str:
    return f"- transferToFlow: {{name: To {name}, targetFlow: {{name: {name}}}}}"


def to_module(name: str) -> str:
    return f"- callCommonModule: {{name: Call {name}, commonModule: {{{name}: {{}}}}}}"


def data_action(category: str, name: str) -> str:
    return f"- callData: {{name: Look, category: {{{category}: {{dataAction: {{{name}: {{}}}}}}}}}}"


def naming(*actions: str, file: str = "main.yaml", root: str = "inboundCall", name: str = "Main") -> ArchyFile:
    """A file with these actions."""
    text = a_text(a_task(*actions, BYE), root=root, start=f"/{root}/tasks/task[main]")
    return parse_archy(text.replace("name: Main\n", f"name: {name}\n", 1), file=file)


def told(found: Preflight) -> list[str]:
    """What is missing, in short."""
    problems = (problem for each in found.problems.values() for problem in each)
    return [f"{problem.file}:{problem.place} {problem.message} {problem.hint}" for problem in problems]


def questions(running: Running) -> list[str]:
    return [seen.path for seen in running.sandbox.seen if seen.path != "/api/v2/oauth/token"]


async def looked_up(*flows: ArchyFile, settings: SandboxSettings | None = None) -> Preflight:
    """What a sandbox lacks."""
    async with a_sandbox(settings) as running:
        return await preflight(running.client, flows, place="prod")


async def test_what_is_there_is_no_problem() -> None:
    found = await looked_up(naming(to_queue("Sales"), data_action("CRM", "Get Customer"), to_flow("Complaints")))

    assert found == Preflight()


async def test_what_is_missing_is_told_with_its_place() -> None:
    found = await looked_up(naming(to_queue("Sales EU")))

    assert told(found) == [
        "main.yaml:10:74 Queue 'Sales EU' is not in prod. Did you mean 'Sales'?",
    ]


async def test_the_name_that_was_meant_is_told() -> None:
    found = await looked_up(naming(to_queue("Suport")))

    assert told(found) == ["main.yaml:10:72 Queue 'Suport' is not in prod. Did you mean 'Support'?"]


async def test_a_name_is_told_of_once_with_all_its_lines() -> None:
    file = naming(to_queue("Sales EU"), to_queue("Sales EU"), to_queue("Sales EU"))

    found = await looked_up(file)

    assert told(found) == [
        "main.yaml:10:74 Queue 'Sales EU' is not in prod. Lines 11, 12 name it, too. Did you mean 'Sales'?",
    ]


async def test_each_name_is_looked_up_once_for_all_files() -> None:
    files = [naming(to_queue("Sales"), to_queue("Support"), file=f"{at}.yaml") for at in range(5)]

    async with a_sandbox() as running:
        await preflight(running.client, files, place="prod")

        assert questions(running) == ["/api/v2/routing/queues"] * 2


async def test_kinds_of_flow_are_told_apart() -> None:
    flows = (SeedFlow(id="1", name="Checks", type="INBOUNDCALL"), SeedFlow(id="2", name="Hours", type="COMMONMODULE"))

    found = await looked_up(naming(to_module("Checks"), to_module("Hours")), settings=SandboxSettings(flows=flows))

    assert told(found) == [
        "main.yaml:10:66 Common module 'Checks' is not in prod. There is one of that name, but it is of 'INBOUNDCALL'.",
    ]


async def test_a_data_action_is_one_of_its_integration() -> None:
    found = await looked_up(naming(data_action("ERP", "Get Customer")))

    assert told(found) == [
        "main.yaml:10:66 Data action 'Get Customer' of 'ERP' is not in prod. "
        "There is one of that name, but it is of 'CRM'.",
    ]


async def test_flows_that_are_published_together_count_as_there() -> None:
    main = naming(to_flow("Next"), to_module("Shared"), to_flow("Graph"), to_module("Next"))
    next_ = naming(file="next.yaml", name="Next")
    shared = naming(file="shared.yaml", name="Shared", root="commonModule")
    graph = a_graph_file(a_flow("trigger>hangup", name="Graph"))

    async with a_sandbox() as running:
        found = await preflight(running.client, [main, next_, shared, graph], place="prod")

    assert told(found) == ["main.yaml:13:64 Common module 'Next' is not in prod. Make the common module there first."]


async def test_a_kind_that_may_not_be_seen_is_a_warning_and_no_problem() -> None:
    denied = SandboxSettings(denied=("routing:queue:view",))

    found = await looked_up(naming(to_queue("Sales EU"), to_queue("Sales"), to_flow("Nowhere")), settings=denied)

    assert told(found) == ["main.yaml:12:67 Flow 'Nowhere' is not in prod. Make the flow there first."]
    assert found.warnings == (
        "whether 2 queues are in prod could not be looked up: the OAuth client lacks routing:queue:view",
    )


async def test_a_list_that_the_host_does_not_have_is_a_warning() -> None:
    async with a_sandbox() as running:
        running.add("missing", on="GET /api/v2/routing/queues", times="always")

        found = await preflight(running.client, [naming(to_queue("Sales EU"))], place="prod")

    assert found.problems == {}
    assert found.warnings[0].startswith("whether 1 queue is in prod could not be looked up: Could not look for")


async def test_an_organization_that_does_not_answer_is_no_answer() -> None:
    async with a_sandbox() as running:
        running.add("error", on="GET /api/v2/routing/queues", times="always")

        with pytest.raises(UnavailableError):
            await preflight(running.client, [naming(to_queue("Sales"))], place="prod")


async def test_names_that_cannot_be_listed_give_no_hint() -> None:
    host = Host(answers=[an_answer(json={"entities": []}), an_answer(403, json={})])

    found = await preflight(a_client(host), [naming(to_queue("Suport"))], place="prod")

    assert told(found) == ["main.yaml:10:72 Queue 'Suport' is not in prod. Make the queue there first."]


async def test_the_place_is_in_the_file_that_names_it() -> None:
    shared = a_text(a_task(to_queue("Night"), BYE), root="common")
    text = a_text("tasks: []\n", start="shared.yaml#/common/tasks/task[main]")

    found = await looked_up(a_file(text, shared=shared))

    (problem,) = found.of("flow.yaml")
    assert (problem.file, str(problem.place)) == ("shared.yaml", "10:71")
    assert problem.excerpt.strip() == to_queue("Night")


@pytest.mark.parametrize(
    ("kind", "action", "name"),
    [
        (Kind.SCHEDULE_GROUP, "- evaluateScheduleGroup: {name: E, scheduleGroup: {lit: {name: Night}}}", "Night"),
        (Kind.DATA_TABLE, "- dataTableLookup: {name: D, dataTable: {Night: {}}}", "Night"),
        (Kind.PROMPT, "- playAudio: {name: P, audio: {exp: Prompt.Night}}", "Night"),
        (Kind.SKILL, "- transferToAcd: {name: T, acdSkills: [{acdSkill: {lit: {name: Night}}}]}", "Night"),
        (Kind.WRAPUP_CODE, "- setWrapupCode: {name: W, wrapupCode: {lit: {name: Night}}}", "Night"),
    ],
    ids=lambda value: value.value if isinstance(value, Kind) else "",
)
async def test_every_kind_is_looked_up_on_its_own_list(kind: Kind, action: str, name: str) -> None:
    words = kind.value.replace("_", " ")

    missing = await looked_up(naming(action))
    there = await looked_up(naming(action), settings=SandboxSettings(things=(Thing(kind=kind, name=name),)))

    assert [text.partition(" ")[2] for text in told(missing)] == [
        f"{words.capitalize()} 'Night' is not in prod. Make the {words} there first."
    ]
    assert there == Preflight()


def test_a_name_that_was_changed_is_a_problem() -> None:
    file = a_file(a_text())

    problem = renamed(file, Flow(id=FLOW_ID, name="Main Line"))

    assert problem is not None
    assert (problem.code, str(problem.place)) == ("org.renamed", "2:9")
    assert "is named 'Main Line' there, and 'Main' in the file: that would make a second flow." in problem.message


@pytest.mark.parametrize("name", ["Main", None], ids=["same", "unknown"])
def test_a_name_that_was_not_changed_is_none(name: str | None) -> None:
    assert renamed(a_file(a_text()), Flow(id=FLOW_ID, name=name)) is None

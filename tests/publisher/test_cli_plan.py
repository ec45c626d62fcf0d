"""`publisher plan`."""

from pathlib import Path

import httpx
import pytest

from publisher.errors import ExitCode
from publisher.sandbox import FLOW_ID, FLOW_NAME, Fault, FaultKind, SandboxSettings
from publisher.sandbox.publishing import edit
from publisher.sandbox.records import ALEX
from publisher.sandbox.settings import SeedFlow
from tests.publisher.archy_makers import an_archy_flow_file
from tests.publisher.organization import BOTH, Organization, a_flow_file
from tests.publisher.test_cli_export import publish_archy

pytestmark = pytest.mark.usefixtures("project")


def published(organization: Organization, file: str) -> None:
    """Have a file live."""
    assert organization.run("publish", file).code == ExitCode.OK


def test_a_plan_says_what_would_change(organization: Organization) -> None:
    published(organization, an_archy_flow_file("main.yaml", queues=["Sales"]))
    text = Path("main.yaml").read_text()
    Path("main.yaml").write_text(text.replace("lit: {name: Sales}", "lit: {name: Support}"))

    ended = organization.run("plan", "main.yaml", an_archy_flow_file("other.yaml", "Other"))

    assert ended.code == ExitCode.OK
    assert ended.out == (
        "Plan for the organization: 2 to publish\n"
        "\n"
        "   File        Live  Would    Why\n"
        "1  main.yaml   1.0   publish  1 change\n"
        "2  other.yaml  -     publish  a new flow\n"
        "\n"
        "main.yaml\n"
        "  ~ node 'Start/To Sales': targetQueue.lit.name 'Sales' → 'Support'\n"
    )


def test_nothing_is_changed(organization: Organization) -> None:
    published(organization, an_archy_flow_file("main.yaml"))
    before = len(organization.sandbox.seen)

    organization.run("plan", "main.yaml", an_archy_flow_file("new.yaml", "New"))

    asked = [seen for seen in list(organization.sandbox.seen)[before:] if seen.method != "GET"]
    assert {(seen.method, seen.path) for seen in asked} == {
        ("POST", "/api/v2/oauth/token"),
        ("POST", "/api/v2/flows/export/jobs"),
    }
    assert len(organization.sandbox.org.flows()) == 4


def test_what_is_referred_to_comes_first(organization: Organization) -> None:
    an_archy_flow_file("main.yaml", "Main", flows=["Shared"])
    an_archy_flow_file("shared.yaml", "Shared", flows=["Main"])
    an_archy_flow_file("entry.yaml", "Entry", flows=["Shared"])

    ended = organization.run("plan", "entry.yaml", "main.yaml", "shared.yaml", "--json")

    assert [(line["order"], line["file"], line["after"]) for line in ended.lines()] == [
        (1, "main.yaml", []),
        (2, "shared.yaml", ["main.yaml"]),
        (3, "entry.yaml", ["shared.yaml"]),
    ]


def test_changes_can_make_the_exit_code(organization: Organization) -> None:
    published(organization, an_archy_flow_file("main.yaml"))

    assert organization.run("plan", "main.yaml", "--exit-code").code == ExitCode.OK
    assert organization.run("plan", an_archy_flow_file("new.yaml", "New"), "--exit-code").code == ExitCode.CHANGES


def test_what_is_missing_is_told_with_its_place(organization: Organization) -> None:
    ended = organization.run("plan", an_archy_flow_file("main.yaml", queues=["Sales EU"]))

    assert ended.code == ExitCode.PROBLEMS
    assert ended.out.endswith(
        "1  main.yaml  -     refuse  1 error\n"
        "\n"
        "main.yaml\n"
        "  error 10:74 Queue 'Sales EU' is not in the organization. Did you mean 'Sales'?\n"
    )


def test_on_a_terminal_problems_have_colours(organization: Organization) -> None:
    ended = organization.run("plan", an_archy_flow_file("main.yaml", queues=["Sales EU"]), is_terminal=True)

    assert "\n\033[31m  error 10:74 Queue 'Sales EU' is not in" in ended.out
    assert "1  main.yaml  -     refuse  1 error\n" in ended.out


def test_a_file_with_errors_is_told_of_and_the_others_are_planned(organization: Organization) -> None:
    an_archy_flow_file("bad.yaml", "Bad")
    Path("bad.yaml").write_text(Path("bad.yaml").read_text().replace("task[main]", "task[gone]"))

    ended = organization.run("plan", "bad.yaml", an_archy_flow_file("good.yaml", "Good"))

    assert ended.code == ExitCode.PROBLEMS
    assert "1  bad.yaml   -     refuse   1 error\n2  good.yaml  -     publish  a new flow\n" in ended.out
    assert (
        "bad.yaml\n  error 4:15 'startUpRef' refers to '/inboundCall/tasks/task[gone]', which does not exist."
        in ended.out
    )


def test_files_without_a_name_are_no_twins(organization: Organization) -> None:
    Path("a.yaml").write_text("inboundCall: {startUpRef: ./x}\n")
    Path("b.yaml").write_text("inboundCall: {startUpRef: ./x}\n")

    ended = organization.run("plan", "a.yaml", "b.yaml")

    assert ended.code == ExitCode.PROBLEMS
    assert ended.out.startswith("Plan for the organization: 2 refused\n")


def test_a_lock_is_told_of_with_its_holder(organization: Organization) -> None:
    published(organization, an_archy_flow_file("main.yaml"))
    flow = organization.sandbox.org.flow_named("Main", "INBOUNDCALL")
    assert flow is not None
    organization.sandbox.org.lock(flow.id, by=ALEX, draft=True)

    ended = organization.run("plan", "main.yaml")
    machine = organization.run("plan", "main.yaml", "--json").lines()[0]

    assert (
        "  locked by Alex Architect since 2026-05-04 12:00 UTC, with changes saved at 2026-05-04 12:00 UTC\n"
        in ended.out
    )
    assert (machine["locked_by"], machine["locked_since"][:16]) == ("Alex Architect", "2026-05-04T12:00")


def test_a_name_that_was_changed_is_told(organization: Organization) -> None:
    Path("config").mkdir()
    Path("config/publisher.yaml").write_text(f"flows:\n  - {{file: main.yaml, id: {FLOW_ID}}}\n")
    an_archy_flow_file("main.yaml", "Another")

    ended = organization.run("plan")

    assert ended.code == ExitCode.PROBLEMS
    assert f"error 2:9 The flow of this file ({FLOW_ID}) is named {FLOW_NAME!r} there" in ended.out


def test_a_graph_file_is_compared_with_the_definition(organization: Organization) -> None:
    ended = organization.run("plan", a_flow_file(Path(), types=("trigger", "disconnect")))

    assert ended.code == ExitCode.OK
    assert "1  main.json  1.0   publish  " in ended.out


def test_a_graph_file_without_a_flow_is_refused(organization: Organization) -> None:
    ended = organization.run("plan", a_flow_file(Path(), name="Nowhere"), an_archy_flow_file("other.yaml", "Other"))

    assert ended.code == ExitCode.PROBLEMS
    assert "1  main.json   -     refuse   no flow for it\n2  other.yaml  -     publish  a new flow\n" in ended.out
    assert "  main.json: there is no flow named 'Nowhere'." in ended.out


def test_a_flow_of_which_nothing_is_live_is_told() -> None:
    organization = Organization(settings=SandboxSettings(flows=(SeedFlow(id="1", name="Main", is_published=False),)))

    ended = organization.run("plan", an_archy_flow_file("main.yaml"), "--exit-code")

    assert ended.code == ExitCode.CHANGES
    assert "its first version to go live" in ended.out


def test_what_may_not_be_exported_is_planned_without_its_changes() -> None:
    organization = Organization(settings=SandboxSettings(denied=("architect:jobExport:create",)))
    published(organization, an_archy_flow_file("main.yaml"))

    ended = organization.run("plan", "main.yaml", "--exit-code")

    assert ended.code == ExitCode.CHANGES
    assert "1  main.yaml  1.0   publish  other content\n" in ended.out
    assert "  what is live was not compared: " in ended.out


def test_an_export_that_holds_no_flow_is_planned_without_its_changes(organization: Organization) -> None:
    publish_archy(organization, "just: text", name="Opening Hours")

    ended = organization.run("plan", an_archy_flow_file("hours.yaml", "Opening Hours"))

    assert ended.code == ExitCode.OK
    assert "  what is live was not compared: no flow can be read from its export\n" in ended.out


def test_what_may_not_be_looked_up_is_a_warning() -> None:
    organization = Organization(settings=SandboxSettings(denied=("routing:queue:view",)))

    ended = organization.run("plan", an_archy_flow_file("main.yaml", queues=["Sales"]))

    assert ended.code == ExitCode.OK
    assert "\nwarning: whether 1 queue is in the organization could not be looked up" in ended.out


def test_an_organization_that_does_not_answer_ends_it(organization: Organization) -> None:
    organization.add(Fault(kind=FaultKind.ERROR, times=None, on="GET /api/v2/flows", status=503))

    ended = organization.run("plan", an_archy_flow_file("main.yaml"))

    assert (ended.code, ended.out) == (ExitCode.TRY_AGAIN, "")


def test_every_file_that_cannot_be_read_is_named(organization: Organization) -> None:
    ended = organization.run("plan", "gone.yaml", "away.yaml")

    assert (ended.code, ended.out) == (ExitCode.USAGE, "")
    assert ended.err == "error: gone.yaml: there is no such file.\naway.yaml: there is no such file.\n"


def test_graph_files_for_the_platform_itself_are_refused(organization: Organization) -> None:
    credentials = {"GENESYS_REGION": "eu-central-1", "GENESYS_CLIENT_ID": "a", "GENESYS_CLIENT_SECRET": "b"}

    ended = organization.run("plan", a_flow_file(Path()), environ=credentials)

    assert ended.code == ExitCode.USAGE
    assert "takes Archy YAML only" in ended.err


def test_a_long_file_name_is_not_broken(organization: Organization) -> None:
    folder = Path("flows/europe/customer-service/telephone/ivr")
    folder.mkdir(parents=True)

    ended = organization.run("plan", a_flow_file(folder, name="Opening Hours"))

    assert ended.out.splitlines()[2:5] == [
        "   File                                                   Live  Would",
        "1  flows/europe/customer-service/telephone/ivr/main.json  3.0   publish",
        "    why 8 changes",
    ]


def test_machines_get_an_object_a_line(organization: Organization) -> None:
    published(organization, an_archy_flow_file("main.yaml", queues=["Sales"]))
    flow = organization.sandbox.org.flow_named("Main", "INBOUNDCALL")
    assert flow is not None

    ended = organization.run("plan", an_archy_flow_file("main.yaml", queues=["Sales EU"]), "--json")

    (line,) = ended.lines()
    problem = line.pop("problems")[0]
    changes = line.pop("changes")
    assert line == {
        "order": 1,
        "file": "main.yaml",
        "flow_id": flow.id,
        "flow_name": "Main",
        "live_version_id": "1.0",
        "would": "refuse",
        "state": "unknown",
        "reason": "1 error",
        "is_change": False,
        "after": [],
        "locked_by": None,
        "locked_since": None,
        "note": "live 1.0 by client-1; nothing tells whether flow-relay published it",
    }
    assert (problem["code"], problem["line"], problem["column"]) == ("org.missing", 10, 74)
    assert {change["change"] for change in changes} == {"added", "removed", "changed"}


def test_a_comment_has_a_table_what_would_change_and_pictures(organization: Organization) -> None:
    published(organization, an_archy_flow_file("main.yaml", queues=["Sales"]))
    text = Path("main.yaml").read_text()
    Path("main.yaml").write_text(text.replace("lit: {name: Sales}", "lit: {name: Support}"))

    ended = organization.run("plan", "main.yaml", an_archy_flow_file("new.yaml", "New"), "--format", "markdown")

    assert ended.out.startswith(
        "**Plan for `the organization`**: 2 to publish\n"
        "\n"
        "| | File | Flow | Live | Publishing |\n"
        "|---|---|---|---|---|\n"
        "| 🟢 1 | `main.yaml` | `Main` | `1.0` | `publish: 1 change` |\n"
        "| 🟢 2 | `new.yaml` | `New` | `-` | `publish: a new flow` |\n"
        "\n"
        "`main.yaml`\n"
        "\n"
        "```diff\n"
        "! node 'Start/To Sales': targetQueue.lit.name 'Sales' → 'Support'\n"
        "```\n"
        "\n"
        "<details><summary>Picture of <code>main.yaml</code></summary>\n"
        "\n"
        "```mermaid\n"
        "flowchart TD\n"
    )
    assert ended.out.count("```mermaid") == 2


STATE = ("--state", "state.json")


def edited_by_hand(organization: Organization, name: str = "Main") -> None:
    """Have somebody change and publish the flow in Architect."""
    flow = organization.sandbox.org.flow_named(name, "INBOUNDCALL")
    assert flow is not None
    edit(organization.sandbox, flow.id, by=ALEX)


def test_what_is_unchanged_is_skipped_and_not_even_exported(organization: Organization) -> None:
    organization.run("publish", an_archy_flow_file("main.yaml"), *STATE)

    ended = organization.run("plan", "main.yaml", "--exit-code", *STATE)

    assert ended.code == ExitCode.OK
    assert ended.out == (
        "Plan for the organization: 1 unchanged\n"
        "\n"
        "   File       Live  Would  Why\n"
        "1  main.yaml  1.0   skip   unchanged\n"
    )
    assert not [call for call in organization.calls() if "/export/" in call]


def test_what_others_have_put_live_stands_in_the_way(organization: Organization) -> None:
    organization.run("publish", an_archy_flow_file("main.yaml"), *STATE)
    edited_by_hand(organization)

    ended = organization.run("plan", "main.yaml", *STATE)
    overwriting = organization.run("plan", "main.yaml", "--on-drift", "overwrite", *STATE)

    assert ended.code == ExitCode.CONFLICT
    assert "1  main.yaml  2.0   refuse  drifted, 1 change\n" in ended.out
    assert "  live 2.0 by Alex Architect was never published by flow-relay: publisher adopt" in ended.out
    assert overwriting.code == ExitCode.OK
    assert "publish  drifted" in overwriting.out


def test_the_ledger_knows_which_flow_a_file_was_for(organization: Organization) -> None:
    organization.run("publish", an_archy_flow_file("main.yaml", "Main"), *STATE)
    an_archy_flow_file("main.yaml", "Main Line")

    ended = organization.run("plan", "./main.yaml", *STATE)

    assert ended.code == ExitCode.PROBLEMS
    assert "is named 'Main' there, and 'Main Line' in the file: that would make a second flow." in ended.out


def test_a_ledger_that_cannot_be_asked_ends_it_unless_drift_may_pass() -> None:
    organization = Organization(history=lambda _: httpx.Response(503))
    environ = {**BOTH, "RELAY_TOKEN": "token"}
    file = an_archy_flow_file("hours.yaml", "Opening Hours")

    ended = organization.run("plan", file, environ=environ)
    passing = organization.run("plan", file, "--on-drift", "warn", environ=environ)

    assert (ended.code, ended.out) == (ExitCode.TRY_AGAIN, "")
    assert passing.code == ExitCode.OK
    assert "hours.yaml\n  " in passing.out

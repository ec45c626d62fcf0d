"""`publisher versions`, and how a FLOW is called."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from publisher.cli.versions import origin
from publisher.errors import ExitCode
from publisher.ledger import Deed, LedgerEntry
from publisher.sandbox import FLOW_ID, FLOW_NAME, SandboxSettings
from publisher.sandbox.settings import SeedFlow
from tests.publisher.ledger.entries import an_entry
from tests.publisher.organization import CREDENTIALS, NOON, Organization, a_flow_file

pytestmark = pytest.mark.usefixtures("project")

STATE = ("--state", "state.json")
HOURS_ID = "5d9a4f17-63c2-4f0b-8e21-b7c09d3a5e44"
TABLE = """\
Version  State    Made (UTC)        By         Live from (UTC)   From
3.0      live     2026-05-04 12:00  architect  2026-05-04 12:00
2.0      checkin  2026-05-04 12:00  architect
1.0      checkin  2026-05-04 12:00  architect
"""


def environments(text: str) -> None:
    Path("config").mkdir()
    Path("config/environments.yaml").write_text(f"environments:\n  uat: {{api_url: 'http://org.test', {text}}}\n")


def test_the_versions_of_a_flow_stand_in_a_table(organization: Organization) -> None:
    ended = organization.run("versions", "Opening Hours", is_terminal=True)

    assert (ended.code, ended.out) == (ExitCode.OK, TABLE)


def test_machines_get_an_object_a_line(organization: Organization) -> None:
    ended = organization.run("versions", HOURS_ID, "--json")

    assert [(line["version_id"], line["is_live"]) for line in ended.lines()] == [
        ("3.0", True),
        ("2.0", False),
        ("1.0", False),
    ]
    assert ended.lines()[0] == {
        "flow_id": HOURS_ID,
        "flow_name": "Opening Hours",
        "version_id": "3.0",
        "version_number": 3,
        "type": "PUBLISH",
        "created_at": NOON.isoformat(),
        "created_by": "architect",
        "published_at": NOON.isoformat(),
        "is_live": True,
        "deed": None,
        "commit": None,
        "file": None,
        "actor": None,
    }


def test_the_ledger_tells_what_a_version_came_from(organization: Organization) -> None:
    environ = {**CREDENTIALS, "GITHUB_ACTIONS": "true", "GITHUB_SHA": "1a2b3c4d5e6f7890", "GITHUB_ACTOR": "kim"}
    state = ("--state", "state.json")
    organization.run("publish", a_flow_file(Path()), "--on-drift", "overwrite", *state, environ=environ)

    people = organization.run("versions", FLOW_NAME, *state, is_terminal=True)
    machine = organization.run("versions", FLOW_NAME, *state, "--json").lines()

    assert people.out.splitlines()[1].split() == [
        *("2.0", "live", "2026-05-04", "12:00", "client-1", "2026-05-04", "12:00", "1a2b3c4d5e"),
    ]
    assert [(line["deed"], line["commit"], line["actor"]) for line in machine] == [
        ("published", "1a2b3c4d5e6f7890", "kim"),
        (None, None, None),
    ]


def test_a_long_file_name_is_not_broken(organization: Organization) -> None:
    Path("flows/europe/customer-service").mkdir(parents=True)
    file = a_flow_file(Path("flows/europe/customer-service"))
    organization.run("publish", file, "--on-drift", "overwrite", *STATE)

    ended = organization.run("versions", FLOW_NAME, *STATE, is_terminal=True)

    assert ended.out.splitlines() == [
        "Version  State    Made (UTC)        By         Live from (UTC)",
        "2.0      live     2026-05-04 12:00  client-1   2026-05-04 12:00",
        "    from flows/europe/customer-service/main.json",
        "1.0      publish  2026-05-04 12:00  architect  2026-05-04 12:00",
    ]


def test_a_client_that_goes_by_its_id_does_not_widen_the_list() -> None:
    client = {**CREDENTIALS, "GENESYS_CLIENT_ID": "8d3e1f6c-0b1a-4f7e-9a55-aa55cc77ee99"}
    organization = Organization()
    organization.run("publish", a_flow_file(Path()), "--on-drift", "overwrite", *STATE, environ=client)

    ended = organization.run("versions", FLOW_NAME, *STATE, is_terminal=True)

    assert ended.out.splitlines()[1:3] == [
        "2.0      live     2026-05-04 12:00  2026-05-04 12:00",
        "    by 8d3e1f6c-0b1a-4f7e-9a55-aa55cc77ee99, from main.json",
    ]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (an_entry(commit="1a2b3c4d5e6f7890"), "1a2b3c4d5e"),
        (an_entry(file="flows/main.yaml"), "flows/main.yaml"),
        (an_entry(), "flow-relay"),
        (an_entry(commit="1a2b3c4d5e6f7890", deed=Deed.ROLLED_BACK), "1a2b3c4d5e (rolled back)"),
        (an_entry(file="flows/main.yaml", deed=Deed.ADOPTED), "flows/main.yaml (adopted)"),
    ],
    ids=["commit", "file", "neither", "rolled back", "adopted"],
)
def test_a_version_of_ours_came_from_a_commit_or_a_file(entry: LedgerEntry, words: str) -> None:
    assert origin(entry) == words


def test_a_flow_can_be_without_a_version() -> None:
    seed = SeedFlow(id=FLOW_ID, name="New", versions=0)

    ended = Organization(settings=SandboxSettings(flows=(seed,))).run("versions", "New")

    assert (ended.code, ended.out) == (ExitCode.OK, "")
    assert "Flow 'New' has no version." in ended.err


def test_a_flow_can_be_called_by_its_file(organization: Organization) -> None:
    Path("hours.yaml").write_text("inboundCall: {name: Opening Hours, startUpRef: ./x, defaultLanguage: en-us}\n")

    ended = organization.run("versions", "hours.yaml", "--json")

    assert {line["flow_id"] for line in ended.lines()} == {HOURS_ID}


def test_the_config_knows_the_id_of_a_file(organization: Organization) -> None:
    a_flow_file(Path(), name="Called otherwise here")
    Path("config").mkdir()
    Path("config/publisher.yaml").write_text(f"flows:\n  - {{file: main.json, id: {HOURS_ID}}}\n")

    ended = organization.run("versions", "main.json", "--json")

    assert {line["flow_id"] for line in ended.lines()} == {HOURS_ID}


def test_names_have_the_prefix_of_their_environment() -> None:
    environments("name_prefix: 'UAT '")
    seed = SeedFlow(id=FLOW_ID, name="UAT Main")

    ended = Organization(settings=SandboxSettings(flows=(seed,))).run("versions", "Main", "--json")

    assert [line["flow_name"] for line in ended.lines()] == ["UAT Main"]


@pytest.mark.parametrize(
    ("called", "code", "said"),
    [
        ("Opening Hour", ExitCode.NOT_FOUND, "no flow named 'Opening Hour' in the organization. Did you mean"),
        ("Zzz", ExitCode.NOT_FOUND, "Names are compared letter by letter; an id will do, too."),
        ("no-file.yaml", ExitCode.USAGE, "no-file.yaml: there is no such file; a flow can be called by its id"),
        (
            "hours.yaml",
            ExitCode.NOT_FOUND,
            "hours.yaml: There is no flow named 'Opening Hours' of the type WORKFLOW in the organization.",
        ),
        ("nameless.yaml", ExitCode.USAGE, "nameless.yaml: no flow's name could be read from it"),
        ("Twice", ExitCode.USAGE, "2 flows are named 'Twice': 1 (INBOUNDCALL), 2 (WORKFLOW). Give the id"),
        ("0b6e1c52-7d3f-4a1e-9c58-2f4a6d8e1b31", ExitCode.NOT_FOUND, "0b6e1c52-7d3f-4a1e-9c58-2f4a6d8e1b31"),
    ],
    ids=["near", "far", "no file", "other type", "no name", "several", "no such id"],
)
def test_a_flow_that_is_not_found_is_told_of(called: str, code: ExitCode, said: str) -> None:
    Path("hours.yaml").write_text("workflow: {name: Opening Hours, startUpRef: ./x}\n")
    Path("nameless.yaml").write_text("workflow: {startUpRef: ./x}\n")
    twins: Sequence[SeedFlow] = [
        SeedFlow(id="1", name="Twice"),
        SeedFlow(id="2", name="Twice", type="WORKFLOW"),
        SeedFlow(id="3", name="Opening Hours"),
    ]

    ended = Organization(settings=SandboxSettings(flows=tuple(twins))).run("versions", called)

    assert ended.code == code
    assert said in ended.err

"""`publisher drift` and `publisher adopt`."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from publisher.errors import ExitCode
from publisher.sandbox import FLOW_ID, FLOW_NAME
from publisher.sandbox import publishing as hands
from publisher.sandbox.records import ALEX, Actor
from tests.publisher.archy.flows import a_text
from tests.publisher.ledger.histories import a_publication, a_told_flow, telling
from tests.publisher.organization import BOTH, Organization

WEBER = Actor(id="u-7", name="J. Weber", is_user=True)
STATE = ("--state", "state.json")
HOURS = "Opening Hours"
ARCHY = a_text().replace("name: Main", f"name: {HOURS}", 1)
FOREIGN = "live 3.0 by J. Weber was never published by flow-relay: publisher adopt, or --on-drift overwrite"


@pytest.fixture
def published(organization: Organization, file: Path) -> Path:
    """Version 2.0, which is ours, is live; the config names its file."""
    Path("config").mkdir()
    Path("config/publisher.yaml").write_text(json.dumps({"flows": [{"file": str(file)}]}))
    ended = organization.run("publish", file, "--on-drift", "overwrite", *STATE)
    assert ended.code == ExitCode.OK, ended.err
    return file


def edited(organization: Organization) -> None:
    """Somebody publishes by hand."""
    hands.edit(organization.sandbox, FLOW_ID, by=WEBER)


def taken_off(organization: Organization) -> None:
    """Somebody takes the live version off."""
    hands.deactivate(organization.sandbox, FLOW_ID, by=ALEX)


def deleted(organization: Organization) -> None:
    """Somebody deletes the flow."""
    hands.delete(organization.sandbox, FLOW_ID, by=ALEX)


def renamed(organization: Organization) -> None:
    """Somebody gives the flow another name."""
    org = organization.sandbox.org
    org.keep(replace(org.flow(FLOW_ID), name="Main"))


def state_of_flow() -> dict[str, list[dict[str, str]]]:
    flow: dict[str, list[dict[str, str]]] = json.loads(Path("state.json").read_text())["flows"][FLOW_ID]
    return flow


@pytest.mark.usefixtures("project")
def test_a_state_file_that_is_not_there_is_no_good_night(organization: Organization) -> None:
    ended = organization.run("drift", "--state", "stat.json")

    assert ended.code == ExitCode.USAGE
    assert "--state stat.json: there is no such file, so nothing tells what was published" in ended.err


@pytest.mark.usefixtures("published")
def test_all_is_as_it_was_left(organization: Organization) -> None:
    ended = organization.run("drift", *STATE)

    assert ended.code == ExitCode.OK
    assert "1 flow, 0 drifted." in ended.err
    assert "none" in ended.out


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("deed", "kind", "message"),
    [
        (edited, "foreign", FOREIGN),
        (taken_off, "deactivated", "nothing is live; flow-relay had put 2.0 (on 2026-05-04) live"),
        (deleted, "deleted", "the flow was deleted; flow-relay had put 2.0 (on 2026-05-04) live"),
        (renamed, "renamed", "the flow is named 'Main' now; flow-relay knows it as 'Automated IVR Flow v2'"),
    ],
    ids=["edited", "taken off", "deleted", "renamed"],
)
def test_what_others_did_is_told(organization: Organization, deed: object, kind: str, message: str) -> None:
    assert callable(deed)
    deed(organization)

    ended = organization.run("drift", "--json", *STATE)

    assert ended.code == ExitCode.CONFLICT
    [line] = ended.lines()
    assert (line["flow_id"], line["drift"], line["known"]) == (FLOW_ID, kind, "2.0")
    assert str(line["message"]).startswith(message)
    assert "1 flow, 1 drifted." in ended.err


@pytest.mark.usefixtures("published")
def test_a_table_says_who_and_when(organization: Organization) -> None:
    edited(organization)

    ended = organization.run("drift", *STATE)

    told = ("Flow", "Since (UTC)", FLOW_NAME, "3.0", "J. Weber", "2026-05-04 12:00", "adopt")
    assert [words for words in told if words not in ended.out] == []
    assert max(map(len, ended.out.splitlines())) <= 80


@pytest.mark.usefixtures("project")
def test_a_configured_file_whose_flow_was_never_ours_has_drifted(organization: Organization, file: Path) -> None:
    Path("config").mkdir()
    Path("config/publisher.yaml").write_text(json.dumps({"flows": [{"files": "*.json"}, {"file": "gone.yaml"}]}))

    ended = organization.run("drift", "--json", *STATE)

    assert ended.code == ExitCode.CONFLICT
    assert [line["drift"] for line in ended.lines()] == ["foreign"]
    assert "warning: gone.yaml" in ended.err
    assert file.exists()


@pytest.mark.usefixtures("published")
def test_flows_that_are_named_are_looked_at_alone(organization: Organization) -> None:
    edited(organization)

    ended = organization.run("drift", HOURS, "--json", *STATE)

    assert [(line["flow_name"], line["drift"]) for line in ended.lines()] == [(HOURS, "foreign")]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("command", ["drift", "adopt"])
@pytest.mark.parametrize("flow", ["Nobody", "00000000-0000-4000-8000-000000000000"], ids=["name", "id"])
def test_a_flow_that_is_named_has_to_be_there(organization: Organization, command: str, flow: str) -> None:
    ended = organization.run(command, flow, *STATE)

    assert ended.code == ExitCode.NOT_FOUND
    assert "There is no flow" in ended.err


@pytest.mark.usefixtures("published")
def test_a_flow_that_is_named_and_was_deleted_has_drifted(organization: Organization) -> None:
    deleted(organization)

    ended = organization.run("drift", FLOW_ID, "--json", *STATE)

    assert [line["drift"] for line in ended.lines()] == ["deleted"]


@pytest.mark.usefixtures("project")
def test_the_history_of_an_environment_is_looked_through(organization: Organization) -> None:
    Path("config").mkdir()
    Path("config/environments.yaml").write_text('{"environments": {"lab": {"api_url": "http://org.test"}}}')
    organization.history = telling(a_told_flow(a_publication("1.0"), flow_id=FLOW_ID), a_told_flow(flow_id="unknown"))

    ended = organization.run("drift", "--json", environ={**BOTH, "RELAY_TOKEN": "t"})

    assert ended.code == ExitCode.CONFLICT
    assert [(line["flow_id"], line["drift"]) for line in ended.lines()] == [(FLOW_ID, "renamed")]
    assert organization.asked[0].url.params["environment"] == "lab"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("command", [("drift",), ("adopt", FLOW_ID)], ids=["drift", "adopt"])
def test_without_a_ledger_nothing_can_be_told(organization: Organization, command: tuple[str, ...]) -> None:
    ended = organization.run(*command)

    assert ended.code == ExitCode.USAGE
    assert "flow-relay has to know what it has published: give --state FILE" in ended.err


def test_what_was_adopted_is_drift_no_more_and_its_file_is_unchanged(
    organization: Organization, published: Path
) -> None:
    edited(organization)

    adopted = organization.run("adopt", published, "--force", *STATE)
    drift = organization.run("drift", *STATE)
    again = organization.run("publish", published, *STATE)

    assert adopted.results() == [
        {"result": "adopted", "flow_id": FLOW_ID, "flow_name": FLOW_NAME, "version_id": "3.0", "file": "main.json"}
    ]
    assert json.loads(published.read_text())["description"] == "Edited by J. Weber"
    assert (drift.code, [line["result"] for line in again.results()]) == (ExitCode.OK, ["unchanged"])
    assert state_of_flow()["entries"][0]["deed"] == "adopted"


def test_an_archy_flow_is_adopted_into_its_file(organization: Organization, project: Path) -> None:
    org = organization.sandbox.org
    flow = org.flow_named(HOURS, "INBOUNDCALL")
    assert flow is not None
    version = org.add_version(flow.id, {"name": HOURS}, source=ARCHY.encode(), by=WEBER)
    org.put_live(flow.id, version.id, by=WEBER)

    adopted = organization.run("adopt", HOURS, "--output", "flows/hours.yaml", *STATE)
    again = organization.run("publish", "flows/hours.yaml", *STATE)

    assert (adopted.code, adopted.results()[0]["file"]) == (ExitCode.OK, "flows/hours.yaml")
    assert [line["result"] for line in again.results()] == ["unchanged"], again.err
    assert (project / "flows" / "hours.yaml").read_text() == ARCHY


def test_no_file_is_written_over_unless_that_is_wanted(organization: Organization, published: Path) -> None:
    edited(organization)
    before = published.read_text(), Path("state.json").read_text()

    ended = organization.run("adopt", "--all", *STATE)

    assert ended.code == ExitCode.USAGE
    assert "main.json: there is a file already, and nothing was adopted." in ended.err
    assert (published.read_text(), Path("state.json").read_text()) == before


def test_it_can_be_adopted_without_a_file(organization: Organization, published: Path) -> None:
    edited(organization)
    before = published.read_text()

    ended = organization.run("adopt", "--all", "--no-export", *STATE)

    assert (ended.code, published.read_text()) == (ExitCode.OK, before)
    assert "adopted 3.0 of 'Automated IVR Flow v2', without a file." in ended.err
    assert "content_hash" not in state_of_flow()["entries"][0]
    assert organization.run("drift", *STATE).code == ExitCode.OK


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{}"], ids=["no text", "other text"])
def test_whatever_is_in_a_file_it_is_not_written_over(
    organization: Organization, published: Path, content: bytes
) -> None:
    Path("config/publisher.yaml").write_text(json.dumps({"flows": [{"file": str(published), "id": FLOW_ID}]}))
    edited(organization)
    published.write_bytes(content)

    ended = organization.run("adopt", FLOW_ID, "--output", str(published), *STATE)

    assert ended.code == ExitCode.USAGE
    assert published.read_bytes() == content


def test_the_file_of_a_flow_is_known_by_the_id_in_the_config(organization: Organization, published: Path) -> None:
    Path("config/publisher.yaml").write_text(json.dumps({"flows": [{"file": str(published), "id": FLOW_ID}]}))
    edited(organization)

    ended = organization.run("adopt", "--all", "--force", *STATE)

    assert [line["file"] for line in ended.results()] == [str(published)]


@pytest.mark.usefixtures("published")
def test_several_go_into_a_folder(organization: Organization) -> None:
    edited(organization)

    ended = organization.run("adopt", FLOW_ID, HOURS, "--output", "out", *STATE)

    assert ended.code == ExitCode.OK
    assert sorted(path.name for path in Path("out").iterdir()) == ["automated-ivr-flow-v2.yaml", "opening-hours.yaml"]


@pytest.mark.usefixtures("published")
def test_adopting_can_be_tried_first(organization: Organization) -> None:
    edited(organization)
    before = Path("state.json").read_text()

    ended = organization.run("adopt", FLOW_ID, "--output", "out.json", "--dry-run", *STATE)

    assert ended.results()[0]["would"] == ["adopt 3.0 of 'Automated IVR Flow v2', and write it to out.json"]
    assert (Path("out.json").exists(), Path("state.json").read_text()) == (False, before)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("deed", "arguments", "code", "told"),
    [
        (None, (FLOW_ID,), ExitCode.OK, "what is live is as flow-relay left it; there is nothing to adopt."),
        (None, ("--all",), ExitCode.OK, ""),
        (taken_off, (FLOW_ID,), ExitCode.NOT_FOUND, "No version of flow 'Automated IVR Flow v2' is live."),
        (taken_off, ("--all",), ExitCode.OK, "There is nothing to adopt."),
        (deleted, ("--all",), ExitCode.OK, ""),
        (None, (), ExitCode.USAGE, "Name the flows to adopt, or give --all"),
        (None, (FLOW_ID, "--all"), ExitCode.USAGE, "Name the flows to adopt, or give --all"),
    ],
    ids=["ours", "all are ours", "nothing live", "none of all live", "deleted", "which", "both"],
)
def test_where_there_is_nothing_to_adopt_it_says_so(
    organization: Organization, deed: object, arguments: tuple[str, ...], code: ExitCode, told: str
) -> None:
    (deed if callable(deed) else str)(organization)

    ended = organization.run("adopt", *arguments, *STATE)

    assert (ended.code, told in ended.err) == (code, True)
    assert len(state_of_flow()["entries"]) == 1


def test_what_cannot_be_exported_can_be_adopted_without_its_file(organization: Organization, project: Path) -> None:
    org = organization.sandbox.org
    flow = org.flow_named(HOURS, "INBOUNDCALL")
    assert flow is not None
    version = org.add_version(flow.id, {"name": HOURS}, source=b"x: 1", by=WEBER)
    org.put_live(flow.id, version.id, by=WEBER)
    organization.misbehave("export-failed", times="always")

    ended = organization.run("adopt", HOURS, "--output", "hours.yaml", *STATE)
    without = organization.run("adopt", HOURS, "--no-export", *STATE)

    assert ended.code == ExitCode.FAILED
    assert "Nothing was adopted. --no-export adopts it without its file." in ended.err
    assert (without.code, (project / "hours.yaml").exists()) == (ExitCode.OK, False)


@pytest.mark.usefixtures("project")
def test_the_receiver_is_told_of_an_adoption(organization: Organization) -> None:
    organization.history = telling(a_told_flow(flow_id=FLOW_ID))

    ended = organization.run(
        "adopt", FLOW_ID, "--output", "main.json", environ={**BOTH, "RELAY_TOKEN": "t", "USER": "kim"}
    )

    assert ended.code == ExitCode.OK
    [told] = organization.told
    assert (told["event"], told["data"]["versionId"]) == ("flow.version.adopted", "1.0")
    assert (told["provenance"]["actor"], told["provenance"]["file"]) == ("kim", "main.json")
    assert told["provenance"]["content_hash"].startswith("sha256:")


@pytest.mark.usefixtures("project")
def test_many_flows_are_asked_for_in_one_list(organization: Organization) -> None:
    org = organization.sandbox.org
    flows = [org.add_flow(name=f"Flow {number}", type="INBOUNDCALL", by=ALEX) for number in range(30)]
    told = [a_told_flow(a_publication("1.0"), flow_id=flow.id, flow_name=flow.name) for flow in org.flows()]
    organization.history = telling(*told)

    ended = organization.run("drift", "--json", environ={**BOTH, "RELAY_TOKEN": "t"})

    assert len(ended.lines()) == len(told)
    assert [line["drift"] for line in ended.lines()].count("deactivated") >= len(flows)
    assert [call for call in organization.calls() if call.startswith("GET /api/v2/flows/")] == []

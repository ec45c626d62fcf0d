"""`publisher publish` and what it knows of what was published before."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from publisher.errors import ExitCode
from publisher.sandbox import FLOW_ID
from publisher.sandbox.publishing import edit
from publisher.sandbox.records import Actor
from tests.publisher.archy.flows import a_text
from tests.publisher.archy_makers import an_archy_flow_file
from tests.publisher.ledger.histories import a_note, a_publication, a_told_flow, telling
from tests.publisher.organization import BOTH, CREDENTIALS, PUBLISH, Organization, Time, a_flow_file

WEBER = Actor(id="u-7", name="J. Weber", is_user=True)
WITH_TOKEN: Mapping[str, str] = {**BOTH, "RELAY_TOKEN": "relay-t0ken"}
STATE = ("--state", "state.json")
FOREIGN = "was never published by flow-relay: publisher adopt, or --on-drift overwrite"


def hash_of(file: Path) -> str:
    """The hash as the publisher tells it."""
    state = json.loads(Path("state.json").read_text())
    return str(state["flows"][FLOW_ID]["entries"][0]["content_hash"])


def results(ended_lines: list[dict[str, object]]) -> list[object]:
    return [line["result"] for line in ended_lines]


@pytest.fixture
def published(organization: Organization, file: Path) -> Path:
    """The file, which was put live and is known in state.json."""
    (Path("config")).mkdir()
    ended = organization.run("publish", file, "--on-drift", "overwrite", *STATE)
    assert ended.code == ExitCode.OK, ended.err
    return file


def test_what_is_live_already_is_not_published_again(organization: Organization, published: Path) -> None:
    ended = organization.run("publish", published, *STATE)

    assert ended.code == ExitCode.OK
    assert [(line["result"], line["reason"]) for line in ended.results()] == [
        ("unchanged", "live 2.0 is this very content")
    ]
    assert ("create_version", "skipped", None) in ended.statuses()
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "2.0"


def test_with_force_it_is(organization: Organization, published: Path) -> None:
    ended = organization.run("publish", published, "--force", *STATE)

    assert results(ended.results()) == ["published"]
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "3.0"


def test_what_has_changed_is_published(organization: Organization, published: Path, project: Path) -> None:
    a_flow_file(project, types=("trigger", "say", "say", "disconnect"))

    ended = organization.run("publish", published, *STATE)

    assert results(ended.results()) == ["published"]
    state = json.loads(Path("state.json").read_text())["flows"][FLOW_ID]
    assert [entry["version_id"] for entry in state["entries"]] == ["3.0", "2.0"]


def test_what_somebody_else_has_put_live_is_not_written_over(organization: Organization, published: Path) -> None:
    edit(organization.sandbox, FLOW_ID, by=WEBER)

    ended = organization.run("publish", published, *STATE)

    assert ended.code == ExitCode.CONFLICT
    assert f"main.json: live 3.0 by J. Weber {FOREIGN}" in ended.err
    assert ("create_version", "failed", "drift") in ended.statuses()
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "3.0"


@pytest.mark.parametrize(("on_drift", "warned"), [("warn", True), ("overwrite", False)])
def test_unless_that_is_what_is_wanted(
    organization: Organization, published: Path, on_drift: str, *, warned: bool
) -> None:
    edit(organization.sandbox, FLOW_ID, by=WEBER)

    ended = organization.run("publish", published, "--on-drift", on_drift, *STATE)

    assert ended.code == ExitCode.OK
    assert (f"warning: main.json: live 3.0 by J. Weber {FOREIGN}" in ended.err) is warned
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "4.0"


def test_the_environment_says_what_to_do_about_drift(organization: Organization, published: Path) -> None:
    edit(organization.sandbox, FLOW_ID, by=WEBER)
    lab = {"api_url": "http://org.test", "on_drift": "warn"}
    Path("config/environments.yaml").write_text(json.dumps({"environments": {"lab": lab}}))

    ended = organization.run("publish", published, *STATE)

    assert ended.code == ExitCode.OK
    assert "warning: main.json: live 3.0" in ended.err


def test_a_dry_run_says_it_too_and_keeps_nothing(organization: Organization, published: Path) -> None:
    edit(organization.sandbox, FLOW_ID, by=WEBER)
    before = Path("state.json").read_text()

    ended = organization.run("publish", published, "--dry-run", *STATE)

    assert ended.code == ExitCode.CONFLICT
    assert Path("state.json").read_text() == before


class Meddling(Time):
    """Time in which somebody publishes by hand as soon as anybody sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.deeds: list[Callable[[], object]] = []

    async def sleep(self, delay_s: float) -> None:
        while self.deeds:
            self.deeds.pop()()
        await super().sleep(delay_s)


def test_a_version_that_goes_live_meanwhile_is_not_written_over(file: Path) -> None:
    time = Meddling()
    organization = Organization(time=time)
    organization.run("publish", file, "--on-drift", "overwrite", *STATE)
    file.write_text(file.read_text() + "\n")
    time.deeds.append(lambda: edit(organization.sandbox, FLOW_ID, by=WEBER))

    ended = organization.run("publish", file, *STATE)

    assert ended.code == ExitCode.CONFLICT
    assert (
        "While this was under way, 4.0 by J. Weber went live in place of 2.0; nothing was put live over it."
        in ended.err
    )
    assert (
        "Version 3 (id 3.0) of flow 'Automated IVR Flow v2' was created and passed validation; it is not live."
        in ended.err
    )
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "4.0"


def test_without_a_ledger_it_says_so_once_and_publishes(organization: Organization, file: Path) -> None:
    first = organization.run("publish", file)
    second = organization.run("publish", file)

    assert (first.code, second.code) == (ExitCode.OK, ExitCode.OK)
    assert second.err.count("what was published is not known") == 1
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "3.0"


def test_a_torn_state_file_stops_it_before_anything_is_sent(organization: Organization, file: Path) -> None:
    Path("state.json").write_text("{")

    ended = organization.run("publish", file, *STATE)

    assert ended.code == ExitCode.USAGE
    assert "state.json:1:" in ended.err
    assert organization.calls() == []


def test_with_a_token_the_receiver_is_the_ledger(organization: Organization, published: Path) -> None:
    ours = {"content_hash": hash_of(published)}
    organization.history = telling(a_told_flow(a_publication("2.0", provenance=ours), flow_id=FLOW_ID))

    ended = organization.run("publish", published, environ=WITH_TOKEN)

    assert results(ended.results()) == ["unchanged"]
    assert [request.url.path for request in organization.asked] == [f"/api/v1/flows/{FLOW_ID}"]
    assert organization.asked[0].headers["Authorization"] == "Bearer relay-t0ken"
    assert "relay-t0ken" not in ended.out + ended.err


def test_then_it_always_hears_of_publications(organization: Organization, file: Path) -> None:
    organization.history = telling(a_told_flow(a_publication("1.0"), flow_id=FLOW_ID))

    ended = organization.run("publish", file, environ=WITH_TOKEN)

    assert ended.code == ExitCode.OK
    told = [event for event in organization.told if "provenance" in event]
    assert [event["event"] for event in told] == ["flow.version.publishing", "flow.version.published"]


def test_the_receiver_of_the_config_is_asked(organization: Organization, published: Path) -> None:
    receiver = {"url": "http://relay.test", "token": "MY_TOKEN"}
    Path("config/publisher.yaml").write_text(json.dumps({"receiver": receiver}))
    organization.history = telling(a_told_flow(flow_id=FLOW_ID))

    ended = organization.run("publish", published, environ={**CREDENTIALS, "MY_TOKEN": "t"})

    assert ended.code == ExitCode.CONFLICT
    assert f"live 2.0 by client-1 {FOREIGN}" in ended.err


def test_blocked_content_is_not_published(organization: Organization, published: Path) -> None:
    block = a_note(content_hash=hash_of(published), provenance={"actor": "kim", "reason": "calls drop"})
    organization.history = telling(a_told_flow(a_publication("2.0"), blocked=[block], flow_id=FLOW_ID))

    ended = organization.run("publish", published, "--force", "--on-drift", "overwrite", environ=WITH_TOKEN)

    assert ended.code == ExitCode.CONFLICT
    assert "main.json: this content was blocked by kim on 2026-05-04 (calls drop): publisher unblock" in ended.err
    assert ("create_version", "failed", "content.blocked") in ended.statuses()


def test_a_receiver_that_cannot_be_asked_stops_it(organization: Organization, file: Path) -> None:
    organization.history = lambda _: httpx.Response(503)

    ended = organization.run("publish", file, environ=WITH_TOKEN)

    assert ended.code == ExitCode.TRY_AGAIN
    assert "could not be asked of the receiver at http://relay.test: it answered 503." in ended.err
    assert PUBLISH not in " ".join(organization.calls())


def test_unless_drift_does_not_matter(organization: Organization, file: Path) -> None:
    organization.history = lambda _: httpx.Response(401, json={})

    ended = organization.run("publish", file, "--on-drift", "warn", environ=WITH_TOKEN)

    assert ended.code == ExitCode.OK
    assert "it does not take the token in RELAY_TOKEN." in ended.err


@pytest.mark.parametrize("command", ["publish", "plan"])
@pytest.mark.parametrize("on_drift", ["warn", "overwrite"])
@pytest.mark.usefixtures("project")
def test_nor_does_it_stop_a_flow_that_is_new(command: str, on_drift: str, organization: Organization) -> None:
    organization.history = lambda _: httpx.Response(503)
    new = an_archy_flow_file("new.yaml", "Brand New")

    ended = organization.run(command, new, "--on-drift", on_drift, environ=WITH_TOKEN)

    assert ended.code == ExitCode.OK
    assert "Whether a file that names no flow there is has got another name is not known." in ended.err + ended.out


@pytest.mark.usefixtures("project")
def test_but_it_stops_a_flow_that_is_new_where_drift_matters(organization: Organization) -> None:
    organization.history = lambda _: httpx.Response(503)

    ended = organization.run("publish", an_archy_flow_file("new.yaml", "Brand New"), environ=WITH_TOKEN)

    assert ended.code == ExitCode.TRY_AGAIN


def test_a_version_that_cannot_be_kept_in_the_ledger_is_live_all_the_same(file: Path) -> None:
    time = Meddling()
    organization = Organization(time=time)
    time.deeds += [Path("state").touch, lambda: shutil.rmtree("state")]  # the last one comes first

    ended = organization.run("publish", file, "--state", "state/prod.json", "--on-drift", "overwrite")

    assert ended.code == ExitCode.LIVE_BUT
    assert "state/prod.json cannot be written, so it does not know of this" in ended.err
    assert f"`publisher adopt {FLOW_ID}` makes up for it." in ended.err
    assert "Version 2 (id 2.0) of flow 'Automated IVR Flow v2' is live." in ended.err


def test_content_is_told_by_what_is_sent_with_the_values_in_it(organization: Organization, project: Path) -> None:
    text = a_text().replace("name: Main", 'name: "{{name}}"', 1).replace("name: Bye", 'name: "{{last}}"')
    (project / "hours.yaml").write_text(text)
    command = ("publish", "hours.yaml", *STATE, "--set", "name=Opening Hours", "--set")

    first = organization.run(*command, "last=Bye", "--on-drift", "overwrite")
    same = organization.run(*command, "last=Bye")
    other = organization.run(*command, "last=Goodbye")
    back = organization.run(*command, "last=Bye")

    ended = [results(each.results()) for each in (first, same, other, back)]
    assert ended == [["published"], ["unchanged"], ["published"], ["published"]], first.err


def test_of_many_files_each_stands_for_itself(organization: Organization, published: Path, project: Path) -> None:
    (project / "hours.yaml").write_text(a_text().replace("name: Main", "name: Opening Hours", 1))
    (project / "new.yaml").write_text(a_text().replace("name: Main", "name: Something New", 1))

    ended = organization.run("publish", published, "hours.yaml", "new.yaml", *STATE)

    assert ended.code == ExitCode.CONFLICT
    assert [(line["file"], line["result"]) for line in ended.results()] == [
        ("main.json", "unchanged"),
        ("hours.yaml", "failed"),
        ("new.yaml", "published"),
    ]
    assert len(json.loads(Path("state.json").read_text())["flows"]) == 2

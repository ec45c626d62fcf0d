"""`publisher diff`."""

from pathlib import Path

import pytest

from publisher.errors import ExitCode
from publisher.sandbox import FLOW_ID, FLOW_NAME, SandboxSettings
from publisher.sandbox.settings import SeedFlow
from tests.publisher.archy.flows import a_task, a_text
from tests.publisher.organization import CREDENTIALS, Organization, a_flow_file
from tests.publisher.test_cli_export import publish_archy

pytestmark = pytest.mark.usefixtures("project")

NEW = a_text(a_task("- playAudio: {name: Hello, audio: {tts: Hello}}", "- disconnect: {name: Bye}"))
OLD = a_text(a_task("- playAudio: {name: Hello, audio: {tts: Welcome}}", "- disconnect: {name: Bye}"))
HELLO = "  ~ node 'Main/Hello': audio.tts 'Welcome' → 'Hello'\n"


@pytest.fixture
def main() -> Organization:
    """An organization with the flow Main, of which nothing was live yet."""
    return Organization(settings=SandboxSettings(flows=(SeedFlow(id=FLOW_ID, name="Main", versions=0),)))


def a_file(text: str, name: str = "main.yaml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def two_environments() -> None:
    Path("config").mkdir()
    Path("config/environments.yaml").write_text(
        "environments:\n  dev: {api_url: 'http://org.test'}\n  uat: {same_org_as: dev, name_prefix: 'UAT '}\n",
        encoding="utf-8",
    )


def test_a_file_is_compared_with_what_is_live(main: Organization) -> None:
    publish_archy(main, OLD, name="Main")

    ended = main.run("diff", a_file(NEW))

    assert ended.code == ExitCode.OK
    assert ended.out == f"main.yaml against 1.0 of 'Main': 1 change\n{HELLO}"


def test_on_a_terminal_changes_have_colours(main: Organization) -> None:
    publish_archy(main, OLD, name="Main")

    ended = main.run("diff", a_file(NEW), is_terminal=True)
    plain = main.run("diff", "main.yaml", is_terminal=True, environ={**CREDENTIALS, "NO_COLOR": "1"})

    assert ended.out == f"main.yaml against 1.0 of 'Main': 1 change\n\033[33m{HELLO.rstrip()}\033[0m\n"
    assert plain.out == f"main.yaml against 1.0 of 'Main': 1 change\n{HELLO}"


def test_changes_can_make_the_exit_code(main: Organization) -> None:
    publish_archy(main, OLD, name="Main")

    assert main.run("diff", a_file(NEW), "--exit-code").code == ExitCode.CHANGES
    assert main.run("diff", a_file(OLD), "--exit-code").code == ExitCode.OK


def test_no_change_is_told_of(main: Organization) -> None:
    publish_archy(main, OLD, name="Main")

    assert main.run("diff", a_file(OLD)).out == "main.yaml against 1.0 of 'Main': no change\n"


def test_machines_get_an_object_a_line(main: Organization) -> None:
    publish_archy(main, OLD, name="Main")

    ended = main.run("diff", a_file(NEW), "--json")

    assert ended.lines() == [{"change": "changed", "text": "node 'Main/Hello': audio.tts 'Welcome' → 'Hello'"}]


def test_two_versions_are_compared(main: Organization) -> None:
    publish_archy(main, OLD, name="Main")
    publish_archy(main, NEW, name="Main")

    ended = main.run("diff", "Main", "--against", "1")

    assert ended.out == f"2.0 of 'Main' against 1.0 of 'Main': 1 change\n{HELLO}"
    assert main.run("diff", "Main", "--version", "2.0", "--against", "1.0").out == ended.out
    assert main.run("diff", FLOW_ID, "--version", "1").out.startswith("1.0 of 'Main' against 2.0 of 'Main': 1 change")


def test_a_version_is_compared_with_a_file(main: Organization) -> None:
    publish_archy(main, NEW, name="Main")

    ended = main.run("diff", "Main", "--against", a_file(OLD))

    assert ended.out == f"1.0 of 'Main' against main.yaml: 1 change\n{HELLO}"


def test_two_files_are_compared_without_asking_anybody(organization: Organization) -> None:
    two_environments()

    ended = organization.run("diff", a_file(NEW), "--against", a_file(OLD, "old.yaml"), environ={})

    assert ended.out == f"main.yaml against old.yaml: 1 change\n{HELLO}"
    assert organization.calls() == []


def test_two_environments_are_compared() -> None:
    two_environments()
    seeds = (SeedFlow(id="1", name="Main", versions=0), SeedFlow(id="2", name="UAT Main", versions=0))
    organization = Organization(settings=SandboxSettings(flows=seeds))
    publish_archy(organization, OLD, name="Main")
    publish_archy(organization, NEW.replace("name: Main\n", "name: UAT Main\n", 1), name="UAT Main")

    ended = organization.run("diff", a_file(OLD), "--env", "uat", "--against-env", "dev")

    heading = "1.0 of 'UAT Main' in uat against 1.0 of 'Main' in dev: 2 changes\n"
    assert ended.out == f"{heading}{HELLO}  ~ name 'Main' → 'UAT Main'\n"


def test_a_file_has_the_name_that_its_flow_gets_there() -> None:
    two_environments()
    organization = Organization(settings=SandboxSettings(flows=(SeedFlow(id="2", name="UAT Main", versions=0),)))
    publish_archy(organization, OLD.replace("name: Main\n", "name: UAT Main\n", 1), name="UAT Main")

    ended = organization.run("diff", a_file(OLD), "--env", "uat")

    assert ended.out == "main.yaml against 1.0 of 'UAT Main' in uat: no change\n"
    assert organization.run("diff", "Main", "--env", "uat", "--against", "main.yaml").out.endswith(": no change\n")


def test_graph_files_are_compared_with_the_definition_that_is_live(organization: Organization) -> None:
    organization.run("publish", a_flow_file(Path(), types=("trigger", "say", "disconnect")))

    ended = organization.run("diff", a_flow_file(Path(), types=("trigger", "menu", "disconnect")))

    assert ended.out == f"main.json against 2.0 of {FLOW_NAME!r}: 1 change\n  ~ node 'n1': type 'say' → 'menu'\n"


def test_differences_can_be_drawn(main: Organization) -> None:
    publish_archy(main, OLD, name="Main")

    svg = main.run("diff", a_file(NEW), "--format", "svg", "--output", "diff.svg")
    mermaid = main.run("diff", "main.yaml", "--format", "mermaid")

    assert svg.err.endswith("diff.svg: main.yaml against 1.0 of 'Main': 1 change\n")
    assert "compared with 1.0 of 'Main'" in Path("diff.svg").read_text(encoding="utf-8")
    assert mermaid.out.startswith("flowchart")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["Main"], ExitCode.USAGE, "Main: say what to compare what is live with: --against VERSION or FILE"),
        (["Main", "--against", "7"], ExitCode.NOT_FOUND, "Flow 'Main' has no version '7'; it has 1.0."),
        (["notes.yaml", "--against", "Main"], ExitCode.USAGE, "notes.yaml: no flow's name could be read from it"),
        (["Main", "--against", "notes.yaml"], ExitCode.PROBLEMS, "notes.yaml: there is no flow to draw."),
    ],
    ids=["nothing", "no version", "no name", "no flow"],
)
def test_what_cannot_be_compared_is_told(main: Organization, arguments: list[str], code: ExitCode, said: str) -> None:
    publish_archy(main, OLD, name="Main")
    a_file("just: text", "notes.yaml")

    ended = main.run("diff", *arguments)

    assert ended.code == code
    assert said in ended.err


def test_a_mistyped_file_is_not_taken_for_a_version(main: Organization) -> None:
    ended = main.run("diff", a_file(NEW), "--against", "old.yml")

    assert ended.code == ExitCode.USAGE
    assert "--against old.yml: there is no such file; give one, or a version by its id or number." in ended.err
    assert main.calls() == []

"""What a failed job means, and where in the file its messages point."""

import pytest

from publisher.errors import ProblemsError, PublisherError
from publisher.genesys.errors import GenesysError, LimitedError, LockedError
from publisher.genesys.jobs import Job, JobMessage
from publisher.publish.job_failure import failure_of, place_of, server_lines
from tests.publisher.archy.flows import a_file, a_task, a_text

MENU = """\
menus:
  - menu:
      name: Main Menu
      refId: mainMenu_1
      audio: {tts: Hello}
      choices:
        - menuTransferToAcd: {name: To sales, dtmf: digit_1, targetQueue: {lit: {name: Sales EU}}}
tasks:
  - task:
      name: Start
      refId: main
      actions: [jumpToMenu: {name: On, targetMenuRef: "/inboundCall/menus/menu[mainMenu_1]"}]
"""
FILE = a_file(a_text(MENU))


def a_job(*texts: str, severity: str = "error", correlation_id: str | None = "8f72") -> Job:
    messages = tuple(JobMessage(severity=severity, text=text) for text in texts)
    return Job(id="job-1", status="Failure", messages=messages, correlation_id=correlation_id)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("The queue 'Sales EU' does not exist.", "flow.yaml:11:90"),
        ('Menu "Main Menu" has no default language.', "flow.yaml:6:7"),
        ("Menu 'mainMenu_1' [12] is faulty.", "flow.yaml:6:7"),
        ("Action 'To sales' in 'Main Menu': no queue.", "flow.yaml:6:7"),
        ("Bad indentation at line 3, column 5.", "flow.yaml:3:5"),
        ("Something at line 900.", "flow.yaml"),
        ("The flow 'Main' could not be saved.", "flow.yaml"),
        ("It failed.", "flow.yaml"),
    ],
    ids=["named thing", "name", "refId", "longest", "line", "no such line", "the flow itself", "nothing"],
)
def test_a_message_stands_where_what_it_quotes_does(text: str, place: str) -> None:
    file, at = place_of(text, FILE)

    assert place == (f"{file}:{at}" if at else file)


def test_what_another_file_holds_is_placed_there() -> None:
    start = "shared.yaml#/common/tasks/task[main]"
    shared = "common:\n" + a_text(a_task("- disconnect: {name: Bye now}")).split("\n", 1)[1]
    file = a_file(a_text(" ", start=start), shared=shared)

    assert place_of("Action 'Bye now' is not allowed at line 2.", file)[0] == "shared.yaml"
    assert place_of("It failed at line 2.", file) == ("flow.yaml", None)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("pre-processor substitution key of '{{ x }}' was found in the flow YAML", "--set or --values"),
        ("Cannot read properties of undefined (reading 'refId')", "A reference leads nowhere"),
        ("'speechToTextSpeechDetectionSensitivity' cannot be assigned a value", "does not know the property"),
        ("You are missing the following permission(s): routing:queue:view", "publisher doctor"),
        ("The queue 'Sales EU' does not exist.", "has to be in this organization"),
        ("ARCHITECT_DEPENDENCY_OBJECT_IN_USE", "still needs"),
    ],
    ids=["placeholder", "refId", "property", "permission", "missing", "in use"],
)
def test_known_texts_come_with_what_to_do(text: str, hint: str) -> None:
    assert hint in next(server_lines(a_job(text), FILE))


def test_an_unknown_text_comes_as_it_is() -> None:
    assert list(server_lines(a_job("Odd."), FILE)) == ["flow.yaml: error: Odd. [server]"]


def test_warnings_are_told_as_such() -> None:
    assert list(server_lines(a_job("Old.", severity="warning"), FILE)) == ["flow.yaml: warning: Old. [server]"]


@pytest.mark.parametrize(
    ("job", "kind", "code"),
    [
        (a_job("The queue 'Sales EU' does not exist."), ProblemsError, "job.failed"),
        (a_job("The flow 'Main' is locked by another entity: Kim."), LockedError, "flow.locked"),
        (a_job("Request failed with status code 429"), LimitedError, "job.limited"),
        (a_job("Archy failed: could not find the flow with id 'x'"), LimitedError, "job.limited"),
        (a_job(), PublisherError, "job.failed"),
    ],
    ids=["messages", "locked", "429", "a limit in disguise", "silent"],
)
def test_each_kind_of_failure_is_an_error_of_its_own(
    job: Job, kind: type[PublisherError | GenesysError], code: str
) -> None:
    failure = failure_of(job, FILE)

    assert type(failure) is kind
    assert failure.code == code


def test_a_failure_without_a_word_says_where_to_look() -> None:
    text = str(failure_of(a_job(), FILE))

    assert text.startswith(
        "'Main' could not be published, and Genesys Cloud gives no reason (job job-1, correlation id 8f72)."
    )
    assert "`publisher doctor`" in text


def test_without_a_correlation_id_the_job_is_named_alone() -> None:
    assert "(job job-1):" in str(failure_of(a_job("Odd.", correlation_id=None), FILE))

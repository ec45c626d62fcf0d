"""The docs of the door and of the settings say what the code does."""

import json
import re
from pathlib import Path

import pytest

from receiver import settings
from receiver.cli import main
from receiver.config import Source
from receiver.envelopes import audits, eventbridge, read_event
from receiver.model import VerdictKind
from receiver.web.problems import PROBLEMS
from tests.receiver.envelopes import NOON

GROUPS = ("", "events", "runs", "flows", "sources", "refusals", "secrets", "config", "db")
DOCS = Path(__file__).parent.parent.parent / "docs"
WEBHOOK = (DOCS / "webhook.md").read_text(encoding="utf-8")
SETTINGS = (DOCS / "settings-receiver.md").read_text(encoding="utf-8")
SOURCE = Path(settings.__file__).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(set(re.findall(r'"(DATABASE_URL|PORT|RECEIVER_[A-Z_]+)"', SOURCE))))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in SETTINGS


@pytest.mark.parametrize(("status", "code"), [(status, code) for status, (code, _) in PROBLEMS.items()])
def test_every_problem_is_documented(status: int, code: str) -> None:
    assert f"`{code}`" in WEBHOOK, status


@pytest.mark.parametrize("kind", [*eventbridge.SUCCEEDED.values(), eventbridge.PUBLISH_FAILED, audits.AUDITED])
@pytest.mark.parametrize("page", ["webhook.md", "eventbridge.md"])
def test_every_type_is_documented(page: str, kind: str) -> None:
    assert f"`{kind}`" in (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", VerdictKind)
@pytest.mark.parametrize("page", ["history.md", "api.md"])
def test_every_verdict_is_documented(page: str, kind: VerdictKind) -> None:
    assert f"`{kind}`" in (DOCS / page).read_text(encoding="utf-8")


def test_the_documented_event_is_read_without_faults() -> None:
    [example] = re.findall(r"```json\n(.*?)```", WEBHOOK, re.DOTALL)

    event = read_event(
        example.encode(), source=Source(name="genesys"), headers={}, received_at=NOON, new_id=lambda: "the-id"
    )

    assert event.tells_of_publication
    assert event.flow_name == json.loads(example)["data"]["flowName"]


@pytest.mark.parametrize("group", GROUPS)
def test_a_list_of_commands_cuts_no_sentence_short(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([*group.split(), "--help"])

    lines = capsys.readouterr().out.splitlines()[1:]
    assert lines
    assert [line for line in lines if line.endswith("...")] == []

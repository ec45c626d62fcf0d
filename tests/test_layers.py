"""Imports point down: what each module may know of the others, read from the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

RECEIVER: dict[str, int] = {
    "receiver": 0,
    "receiver.errors": 0,
    "receiver.settings": 0,
    "receiver.clock": 0,
    "receiver.failpoints": 0,
    "receiver.text_file": 0,
    "receiver.delivery": 1,
    "receiver.model": 1,
    "receiver.networks": 1,
    "receiver.states": 1,
    "receiver.outcomes": 1,
    "receiver.silence": 1,
    "receiver.timeline": 1,
    "receiver.config": 2,
    "receiver.envelopes": 2,
    "receiver.doubts": 2,
    "receiver.verify": 2,
    "receiver.pipelines": 2,
    "receiver.expectation": 2,
    "receiver.expressions": 2,
    "receiver.rates": 2,
    "receiver.retry": 2,
    "receiver.archive": 2,
    "receiver.progress": 2,
    "receiver.store": 3,
    "receiver.targets": 3,
    "receiver.refusals": 3,
    "receiver.tally": 3,
    "receiver.trouble": 3,
    "receiver.present": 3,
    "receiver.aging": 4,
    "receiver.importing": 4,
    "receiver.organizations": 3,
    "receiver.inbox": 4,
    "receiver.ingest": 4,
    "receiver.keyring": 4,
    "receiver.hearing": 4,
    "receiver.absences": 4,
    "receiver.attempts": 4,
    "receiver.dispatcher": 4,
    "receiver.polls": 4,
    "receiver.relay": 4,
    "receiver.sweep": 4,
    "receiver.doctor": 5,
    "receiver.web": 5,
    "receiver.app": 6,
    "receiver.server": 6,
    "receiver.cli": 6,
    "receiver.__main__": 6,
}
PUBLISHER: dict[str, int] = {
    "publisher": 0,
    "publisher.errors": 0,
    "publisher.settings": 0,
    "publisher.text_file": 0,
    "publisher.genesys.errors": 0,
    "publisher.genesys.documents": 0,
    "publisher.genesys.hosts": 0,
    "publisher.durations": 0,
    "publisher.genesys.model": 1,
    "publisher.graph": 1,
    "publisher.problems": 1,
    "publisher.ledger.model": 1,
    "publisher.flow_text": 1,
    "publisher.archy": 2,
    "publisher.loader": 2,
    "publisher.checks": 2,
    "publisher.paths": 2,
    "publisher.outline": 2,
    "publisher.planning": 2,
    "publisher.comparing": 2,
    "publisher.drawing": 2,
    "publisher.reports": 2,
    "publisher.config": 2,
    "publisher.config_document": 2,
    "publisher.environments": 2,
    "publisher.schemas": 2,
    "publisher.eventbridge": 2,
    "publisher.provenance": 2,
    "publisher.drift": 2,
    "publisher.ledger.state_text": 2,
    "publisher.ledger.timeline": 2,
    "publisher.standing": 2,
    "publisher.whole_file": 3,
    "publisher.genesys": 3,
    "publisher.audit": 3,
    "publisher.genesys.client": 4,
    "publisher.announcement": 5,
    "publisher.contents": 5,
    "publisher.deadline": 5,
    "publisher.doctor": 5,
    "publisher.drifting": 5,
    "publisher.finding": 5,
    "publisher.gathering": 5,
    "publisher.guard": 5,
    "publisher.standing_gate": 5,
    "publisher.starting": 5,
    "publisher.ledger": 5,
    "publisher.liaison": 5,
    "publisher.trail": 5,
    "publisher.voice": 5,
    "publisher.registration": 5,
    "publisher.planner": 5,
    "publisher.preflight": 5,
    "publisher.publish": 5,
    "publisher.rollback": 5,
    "publisher.sandbox": 6,
    "publisher.cli": 6,
    "publisher.__main__": 6,
}
ROWS = RECEIVER | PUBLISHER
PURE_ROWS = (1, 2)
IMPURE = ("asyncio", "anyio", "httpx", "logging", "os", "random", "socket", "starlette", "structlog", "time")
HANDED_DOWN = ("random.Random",)  # as the type of an argument


def modules() -> list[str]:
    files = (path for package in ("publisher", "receiver") for path in (ROOT / package).rglob("*.py"))
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files)
    return sorted(name.removesuffix(".__init__") for name in names if ".migrations" not in name)


def tree(module: str) -> ast.Module:
    path = ROOT.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(source.read_text(encoding="utf-8"))


def imports(module: str) -> Iterator[str]:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def place(name: str) -> tuple[str, int] | None:
    """The entry of `ROWS` that a module, or a name within one, belongs to, and its row."""
    parts = name.split(".")
    known = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next(((entry, ROWS[entry]) for entry in known if entry in ROWS), None)


def own_imports(module: str) -> Iterator[str]:
    return (name for name in imports(module) if name.split(".")[0] in {"publisher", "receiver"})


@pytest.mark.parametrize("module", modules())
def test_every_module_has_a_row(module: str) -> None:
    entry = place(module)

    assert entry is not None
    assert entry[0] not in {"publisher", "receiver"} or module in {"publisher", "receiver"}, (
        f"{module}: add it to a row"
    )


@pytest.mark.parametrize("module", modules())
def test_imports_point_down(module: str) -> None:
    here = place(module)
    package = module.partition(".")[0]

    within = [name for name in own_imports(module) if name.split(".")[0] == package]
    upward = [name for name in within if (place(name) or ("", 99))[1] > (here or ("", 0))[1]]

    assert upward == []


@pytest.mark.parametrize("module", [name for name in modules() if name.startswith("publisher")])
def test_the_publisher_knows_nothing_of_the_receiver(module: str) -> None:
    assert [name for name in own_imports(module) if name.startswith("receiver")] == []


@pytest.mark.parametrize("module", [name for name in modules() if name.startswith("receiver")])
def test_the_receiver_knows_the_genesys_package_alone(module: str) -> None:
    foreign = [name for name in own_imports(module) if name.startswith("publisher")]

    assert [name for name in foreign if not name.startswith("publisher.genesys")] == []


@pytest.mark.parametrize("module", [name for name in modules() if name.startswith("publisher.genesys")])
def test_the_genesys_package_stands_alone(module: str) -> None:
    assert [name for name in own_imports(module) if not name.startswith("publisher.genesys")] == []


@pytest.mark.parametrize("module", [name for name in modules() if (place(name) or ("", 0))[1] in PURE_ROWS])
def test_rules_do_no_input_or_output(module: str) -> None:
    reached = [name for name in imports(module) if name.partition(".")[0] in IMPURE and name not in HANDED_DOWN]
    awaits = [node for node in ast.walk(tree(module)) if isinstance(node, ast.Await | ast.AsyncFunctionDef)]

    assert reached == []
    assert awaits == []


@pytest.mark.parametrize("module", [name for name in modules() if not name.startswith("receiver.store")])
def test_the_store_alone_knows_the_database_library(module: str) -> None:
    assert [name for name in imports(module) if name.split(".")[0] in {"sqlalchemy", "alembic", "sqlite3"}] == []


@pytest.mark.parametrize("module", modules())
def test_a_file_has_one_subject(module: str) -> None:
    path = ROOT.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")

    lines = source.read_text(encoding="utf-8").count("\n")

    assert lines <= 400, "split it by subject"
    assert path.name not in {"utils", "helpers", "common"}

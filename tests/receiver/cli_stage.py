"""A stage for the commands: a filled database or a scripted receiver, and what was printed."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import rich.console

from receiver.cli import main
from receiver.cli.surroundings import Surroundings
from tests.receiver.web.face import Face, a_face
from tests.receiver.web.makers import NOON

Answer = Callable[[httpx.Request], httpx.Response]
URL = "http://relay.test"
TOKEN = "an admin token"
REMOTE = {"RECEIVER_URL": URL, "RECEIVER_ADMIN_TOKEN": TOKEN, "CI_WEBHOOK_SECRET": "a webhook secret"}


@dataclass
class Seen:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@dataclass
class Stopwatch:
    """Time that passes only while somebody sleeps."""

    now_s: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now_s += seconds


def called(
    arguments: Sequence[str],
    *,
    environ: Mapping[str, str] | None = None,
    answer: Answer | None = None,
    stdin: str = "",
    watch: Stopwatch | None = None,
    new_id: Callable[[], str] = lambda: "019a9c3e-5a00-7c31-9a55-000000000000",
) -> Seen:
    """Run a command; `answer` plays the receiver."""
    time = watch or Stopwatch()
    stdout, stderr = io.StringIO(), io.StringIO()
    surroundings = Surroundings(
        environ=environ or {},
        input=io.StringIO(stdin),
        out=stdout,
        err=stderr,
        clock=lambda: NOON,
        monotonic=time,
        sleep=time.sleep,
        new_id=new_id,
        transport=httpx.MockTransport(answer) if answer else None,
    )
    code = main(list(arguments), surroundings)
    return Seen(code=code, out=stdout.getvalue(), err=stderr.getvalue())


def printed(*parts: rich.console.RenderableType, width: int) -> str:
    """What a terminal of that width shows."""
    paper = rich.console.Console(file=io.StringIO(), width=width)
    with paper.capture() as captured:
        paper.print(*parts, sep="\n")
    return captured.get()


def filled(folder: Path, fill: Callable[[Face], Awaitable[object]]) -> dict[str, str]:
    """A database filled by the given work, as the environment names it."""

    async def work() -> None:
        async with a_face(folder) as face:
            await fill(face)

    asyncio.run(work())
    return {"DATABASE_URL": f"sqlite:///{folder / 'receiver.db'}"}


@contextmanager
def scripted(*answers: httpx.Response) -> Iterator[tuple[Answer, list[httpx.Request]]]:
    """A receiver that gives these answers in turn, and the requests that it got."""
    asked: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return left.pop(0)

    yield answer, asked
    assert left == []

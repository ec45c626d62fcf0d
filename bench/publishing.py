"""Publishing many flows: how long 200 Archy files take, beside the least that network and platform leave to take.

The platform is the sandbox in a process of its own; every request takes a network's time more. What nobody can save for
a flow is that of four requests (register, upload, one look at the job, the proof) and the job itself.
"""

import asyncio
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import httpx
from rich.console import Console

from bench.checks import a_table, duration
from publisher.cli import main
from publisher.cli.surroundings import Surroundings
from publisher.errors import ExitCode

FLOWS = 200
CONCURRENCY = 8
LATENCY_S = 0.05
JOBS_S = (1.0, 3.0)
REQUESTS = 4
"""For each flow."""
SETUP_REQUESTS = 3
"""For all together: the token, and two pages of the organization's flows."""
COMMAND = [sys.executable, "-c", "from publisher.cli import main; raise SystemExit(main())"]

FLOW = """\
inboundCall:
  name: Flow {number}
  defaultLanguage: en-us
  startUpRef: "/inboundCall/tasks/task[main]"
  tasks:
    - task: {{name: Main, refId: main, actions: [disconnect: {{name: Bye}}]}}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """How long it took: by the clock, and of the processor."""

    took_s: float
    cpu_s: float


class Distant(httpx.AsyncHTTPTransport):
    """The network, and some more of it."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Let a request take its time."""
        await asyncio.sleep(LATENCY_S)
        return await super().handle_async_request(request)


def run(console: Console) -> None:
    """Print how long publishing takes."""
    title = f"{FLOWS} flows published, {CONCURRENCY} at a time, {LATENCY_S * 1000:.0f} ms to the platform"
    table = a_table(title, "a job takes", "at least", "took", "ratio", "processor, a flow")
    with tempfile.TemporaryDirectory() as folder:
        files = [write_flow(Path(folder), number) for number in range(FLOWS)]
        for job_s in JOBS_S:
            with a_sandbox(job_s) as url:
                measured = published(files, url)
            ideal_s = least_s(job_s)
            ratio = f"{measured.took_s / ideal_s:.2f}"
            times = (duration(job_s), duration(ideal_s), duration(measured.took_s))
            table.add_row(*times, ratio, duration(measured.cpu_s / FLOWS))
    console.print(table)


def least_s(job_s: float) -> float:
    """The time that nobody can save."""
    rounds = math.ceil(FLOWS / CONCURRENCY)
    return SETUP_REQUESTS * LATENCY_S + rounds * (REQUESTS * LATENCY_S + job_s)


def published(files: Sequence[str], url: str) -> Measured:
    """Publish the files, all of which go live."""
    around = Surroundings(
        environ={"GENESYS_API_URL": url, "GENESYS_CLIENT_ID": "bench", "GENESYS_CLIENT_SECRET": "bench"},
        out=StringIO(),
        err=StringIO(),
        transport=Distant(limits=httpx.Limits(max_connections=2 * CONCURRENCY)),
    )
    started, cpu = time.perf_counter(), time.process_time()
    code = main(["publish", *files, "--concurrency", str(CONCURRENCY), "--no-preflight"], around)
    assert code == ExitCode.OK, around.err
    return Measured(took_s=time.perf_counter() - started, cpu_s=time.process_time() - cpu)


def write_flow(folder: Path, number: int) -> str:
    """One flow in a file."""
    path = folder / f"flow-{number:03}.yaml"
    path.write_text(FLOW.format(number=number), encoding="utf-8")
    return str(path)


@contextmanager
def a_sandbox(job_s: float) -> Iterator[str]:
    """A sandbox whose jobs take so long; where it listens."""
    options = ["--port", "0", "--job-s", str(job_s), "--job-polls", "0", "--rate-per-minute", "1000000"]
    with subprocess.Popen([*COMMAND, "sandbox", *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["url"])
        finally:
            process.terminate()

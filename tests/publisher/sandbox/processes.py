"""A sandbox as its users have it: a process that listens on a port."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

COMMAND = (sys.executable, "-c", "import sys; from publisher.cli import main; sys.exit(main())", "sandbox")
LIMIT_S = 20


@dataclass
class SandboxProcess:
    """A sandbox that listens, and the URL that it gave."""

    process: subprocess.Popen[str]
    url: str


@contextmanager
def a_sandbox_process(*options: str) -> Iterator[SandboxProcess]:
    """A sandbox on a free port, stopped at the end."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = json.loads(process.stdout.readline())
            assert line["event"] == "listening"
            yield SandboxProcess(process, line["url"])
        finally:
            process.terminate()
            process.communicate(timeout=LIMIT_S)

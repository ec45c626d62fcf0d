"""The README shows what is printed, and leads to what is there."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
VARYING = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\+ *\d+\.\d+ s")
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def same(text: str) -> list[str]:
    """The lines of a text, alike in every run: what happens at the same moment may be told in either order."""
    return sorted(VARYING.sub("…", line).rstrip() for line in text.strip().splitlines())


def links_of(document: Path) -> list[str]:
    found = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    return [link.partition("#")[0] for link in found if not link.startswith(("http", "#"))]


def test_the_demo_prints_what_the_readme_shows() -> None:
    shown = README.partition("$ make demo\n")[2].partition("```")[0]
    commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    demo = subprocess.run(
        [sys.executable, "deploy/demo.py"],
        cwd=ROOT,
        env=os.environ | {"PATH": commands, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert (demo.returncode, demo.stderr) == (0, ""), demo.stdout + demo.stderr
    assert same(demo.stdout) == same(shown)


def test_ctrl_c_ends_the_demo_in_one_line() -> None:
    commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with subprocess.Popen(
        [sys.executable, "deploy/demo.py"],
        cwd=ROOT,
        env=os.environ | {"PATH": commands, "RELAY_TOKEN": "of-somebody-else"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        demo.stdout.readline()  # all is up, and it publishes

        demo.send_signal(signal.SIGINT)
        out, err = demo.communicate(timeout=30)

    assert (demo.returncode, err) == (130, "")
    assert out.endswith("Stopped; all that ran has ended.\n")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    missing = [link for link in links_of(document) if not (document.parent / link).exists()]

    assert missing == []

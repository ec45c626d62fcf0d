"""What the GitHub action does: runs `publisher`, and tells GitHub what came of it.

Its inputs come as INPUT_… variables, so that nothing that somebody wrote becomes a part of a script. Annotations go to
the log, a summary to the page of the run, results to the outputs, and a text for a comment to a file. Run by action.yml
with the Python that flow-relay was installed for.
"""

import glob
import json
import os
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

MARK = "<!-- flow-relay -->"
"""How a comment is found again."""
LONGEST_TEXT = 60_000
"""GitHub takes comments of 65,536 characters."""
LONGEST_PICTURE = 45_000
"""GitHub draws Mermaid of at most 50,000 characters."""
MERMAID_LIMITS = "Mermaid draws up to"
"""What `publisher draw` warns with where there is more than Mermaid draws."""
LONGEST_REPORT = 20_000
NO_CREDENTIALS = " is not set. Set it, or "
"""What `publisher` says of a variable with credentials that is not there."""
WRONG_USE = 2
LIVE_BUT = 6
CHANGES = 8


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one part of the action came to: its exit code, what people read of it, and its outputs."""

    code: int
    text: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Action:
    """One use of the action."""

    environ: Mapping[str, str]
    publisher: Path
    checkout: Path
    temp: Path

    @classmethod
    def here(cls) -> "Action":
        """The action that this process runs for."""
        temp = Path(os.environ["RUNNER_TEMP"]) / "flow-relay-reports"
        temp.mkdir(parents=True, exist_ok=True)
        return cls(
            environ=os.environ,
            publisher=Path(sys.executable).with_name("publisher"),
            checkout=Path(os.environ["GITHUB_WORKSPACE"]).resolve(),
            temp=temp,
        )

    def wanted(self, name: str) -> str:
        """An input."""
        return self.environ.get(f"INPUT_{name}", "").strip()

    def words(self, options: str) -> list[str]:
        """The further options and the files that a command gets."""
        return [*shlex.split(self.wanted(options)), *expanded(self.wanted("FILES").splitlines())]

    def run(self, *words: str | Path) -> "subprocess.CompletedProcess[str]":
        """Run `publisher` to its end. Its words are shown, and are no commands to the runner."""
        token = secrets.token_hex(16)
        print(f"::stop-commands::{token}", flush=True)
        ended = subprocess.run([self.publisher, *words], capture_output=True, text=True, check=False)
        print(ended.stdout, ended.stderr, sep="", end="")
        print(f"\n::{token}::", flush=True)
        return ended


def check(action: Action) -> Part:
    """Check the files: annotations beside their lines, a report for code scanning, the whole text for people."""
    sarif, text = action.temp / "problems.sarif", action.temp / "problems.txt"
    sarif.unlink(missing_ok=True)
    reports = ["--report", f"sarif={sarif}", "--report", f"text={text}"]
    command: list[str | Path] = [
        action.publisher,
        "validate",
        "--format",
        "github",
        *reports,
        *action.words("VALIDATE_ARGUMENTS"),
    ]
    code = subprocess.run(command, check=False).returncode
    if not sarif.exists():
        return Part(code=code, text="The flow files could not be checked: see the log.")
    found = json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]
    levels = [result["level"] for result in found["results"]]
    counts = {"errors": levels.count("error"), "warnings": levels.count("warning")}
    said = f"{sign(code)} {counted(len(found['artifacts']), 'flow file')}, {counted(counts['errors'], 'error')}, "
    said += counted(counts["warnings"], "warning")
    outputs = {name: str(count) for name, count in counts.items()} | {"sarif-file": str(sarif)}
    report = cut(text.read_text(encoding="utf-8"))
    return Part(code=code, text=f"{said}\n\n{fenced(report.splitlines())}", outputs=outputs)


def plan(action: Action) -> Part | None:
    """Say what publishing would change; None where there are no credentials to ask with: forks get none."""
    report = action.temp / "plan.md"
    report.unlink(missing_ok=True)
    options = ["--exit-code", "--report", f"markdown={report}"]
    ended = action.run("plan", *options, *action.words("PLAN_ARGUMENTS"))
    if ended.returncode == WRONG_USE and NO_CREDENTIALS in ended.stderr:
        return None
    code = 0 if ended.returncode == CHANGES else ended.returncode
    if not report.exists():
        return Part(code=code, text=f"{sign(code)} Plan\n\n{fenced([last_line(ended.stderr)])}")
    outputs = {"changes": str(ended.returncode == CHANGES).lower()}
    return Part(code=code, text=report.read_text(encoding="utf-8").rstrip(), outputs=outputs)


def publish(action: Action) -> Part:
    """Publish the files, and say which versions are live."""
    ended = action.run("publish", "--json", *action.words("ARGUMENTS"))
    results = [line for line in objects(ended.stdout) if "result" in line]
    lines = [f"{each['file']}: {outcome(each)}" for each in results if len(results) > 1 or ended.returncode == 0]
    if ended.returncode != 0 and not lines:
        lines.append(last_line(ended.stderr))
    live = [each for each in results if each["result"] == "published"]
    text = f"{sign(ended.returncode)} {counted(len(live), 'flow')} published\n\n{fenced(lines)}"
    return Part(code=ended.returncode, text=text, outputs={"published": json.dumps(live)})


def outcome(result: dict[str, Any]) -> str:
    """How it ended for one file."""
    if result["result"] in {"published", "validated"}:
        return f"version {result.get('version_id')} of {result.get('flow_name')!r}"
    why = str(result.get("message") or result.get("reason") or "").splitlines()
    return f"{result['result'].replace('_', ' ')}: {why[0] if why else 'see the log'}"


def pictures(action: Action) -> Iterator[Part]:
    """The flows that differ from the branch that the pull request is for, each as a picture in the text."""
    for file in checked_files(action):
        before = as_before(action, file)
        if before is not None and before.read_bytes() == file.read_bytes():
            continue
        against = [] if before is None else ["--against", str(before)]
        ended = action.run("draw", file, "--format", "mermaid", *against)
        name = relative(action, file)
        if not ended.stdout.strip():
            yield Part(code=0, text=f"`{name}` could not be drawn: see the log.")
        elif len(ended.stdout) > LONGEST_PICTURE or MERMAID_LIMITS in ended.stderr:
            yield Part(code=0, text=f"`{name}` is too large to be drawn here: `publisher draw {name}` draws it.")
        else:
            yield Part(code=0, text=f"`{name}`\n\n{fenced(ended.stdout.splitlines(), 'mermaid')}")


def checked_files(action: Action) -> list[Path]:
    """The files that were checked, as the report names them: from the root of the checkout on."""
    log = json.loads((action.temp / "problems.sarif").read_text(encoding="utf-8"))
    names = [unquote(each["location"]["uri"]) for each in log["runs"][0]["artifacts"]]
    files = (action.checkout / name.removeprefix("file://") for name in names)
    return [file for file in files if file.is_file()]


def relative(action: Action, file: Path) -> str:
    """A file's path from the root of the checkout on."""
    return str(file.relative_to(action.checkout)) if file.is_relative_to(action.checkout) else str(file)


def as_before(action: Action, file: Path) -> Path | None:
    """The file as it is in the branch that the pull request is for; None where it is new, or this is none."""
    branch = action.environ.get("GITHUB_BASE_REF")
    if not branch or not file.is_relative_to(action.checkout):
        return None
    git, name, ref = ["git", "-C", str(action.checkout)], relative(action, file), f"refs/remotes/origin/{branch}"
    is_known = subprocess.run([*git, "rev-parse", "--quiet", "--verify", ref], capture_output=True, check=False)
    if is_known.returncode != 0:  # actions/checkout fetches no more than the one commit
        fetch = ["fetch", "--quiet", "--depth=1", "origin", f"+refs/heads/{branch}:{ref}"]
        subprocess.run([*git, *fetch], check=False)
    shown = subprocess.run([*git, "show", f"{ref}:{name}"], capture_output=True, check=False)
    if shown.returncode != 0:
        return None
    before = action.temp / "before" / name
    before.parent.mkdir(parents=True, exist_ok=True)
    before.write_bytes(shown.stdout)
    return before


def expanded(patterns: Iterable[str]) -> Iterator[str]:
    """The files that paths and globs name; a glob that names none stays, so that somebody notices."""
    for pattern in filter(None, map(str.strip, patterns)):
        yield from sorted(glob.glob(pattern, recursive=True)) or [pattern]  # noqa: PTH207 - a path may be absolute


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a command's output, one a line."""
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def sign(code: int) -> str:
    """How it went, to be seen from afar."""
    return {0: "✅", LIVE_BUT: "⚠️"}.get(code, "❌")


def counted(count: int, thing: str) -> str:
    """A number and its thing."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def last_line(text: str) -> str:
    """The sentence that a command ended with."""
    errors = [line for line in text.splitlines() if line.startswith("error:")]
    return (errors or text.splitlines() or [""])[-1]


def cut(text: str, most: int = LONGEST_REPORT) -> str:
    """A text that is not too long, cut at a line."""
    if len(text) <= most:
        return text
    whole_lines, _, _ = text[:most].rpartition("\n")
    return f"{whole_lines}\n… and more: see the log."


def fenced(lines: Iterable[str], language: str = "text") -> str:
    """A block that shows lines as they are, whatever stands in them."""
    text = "\n".join(lines).rstrip()
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def told(parts: Sequence[Part]) -> str:
    """The text for a comment and for the page of the run: as many parts as fit."""
    text = MARK
    for part in parts:
        if len(text) + len(part.text) > LONGEST_TEXT:
            return f"{text}\n\nThere is more than a comment can hold: see the log."
        text += f"\n\n{part.text}"
    return text


def report(action: Action, parts: Sequence[Part], *, code: int) -> None:
    """Hand the outputs and the summary to GitHub."""
    text, comment_file = told(parts), action.temp / "comment.md"
    comment_file.write_text(text, encoding="utf-8")
    outputs = {"exit-code": str(code), "comment": text, "comment-file": str(comment_file)}
    for part in parts:
        outputs |= part.outputs
    with Path(action.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as stream:
        for name, value in outputs.items():
            end = secrets.token_hex(16)
            stream.write(f"{name}<<{end}\n{value}\n{end}\n")
    with Path(action.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as stream:
        stream.write(f"{text}\n")


def validated(action: Action) -> Iterator[Part]:
    """Check."""
    yield check(action)


def planned(action: Action) -> Iterator[Part]:
    """Check, and say what publishing would change; where that cannot be said, draw what differs from the branch."""
    checked = check(action)
    yield checked
    made = plan(action) if checked.code == 0 else None
    if made is not None:
        yield made
        return
    if checked.code == 0:
        yield Part(code=0, text="What is live could not be asked for: this run has no credentials.")
    yield from pictures(action)


def published(action: Action) -> Iterator[Part]:
    """Check, and publish unless there are errors."""
    checked = check(action)
    yield checked
    if checked.code == 0:
        yield publish(action)


COMMANDS: Mapping[str, Callable[[Action], Iterator[Part]]] = {
    "validate": validated,
    "plan": planned,
    "publish": published,
}


def main() -> int:
    """Do what the action was asked for; the first exit code that is not 0."""
    action = Action.here()
    command = action.wanted("COMMAND")
    if command not in COMMANDS:
        print(f"::error::The input command is {command!r}; give {', '.join(COMMANDS)}.")
        return WRONG_USE
    parts = list(COMMANDS[command](action))
    code = next((part.code for part in parts if part.code != 0), 0)
    report(action, parts, code=code)
    return code


if __name__ == "__main__":
    sys.exit(main())

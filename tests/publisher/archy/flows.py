"""Archy files for tests: the text of a flow, and what reading and checking it gives."""

from pathlib import Path
from textwrap import dedent, indent

from publisher.archy import NO_VALUES, ArchyFile, Values, check_archy, parse_archy
from publisher.errors import UsageError
from publisher.problems import Problem

HANG_UP = "  tasks: [task: {name: Main, refId: main, actions: [disconnect: {name: Bye}]}]\n"
"""Ends the text of a flow with a task that hangs up."""
SAMPLES = Path(__file__).parents[2] / "samples" / "archy"


def a_text(parts: str = "", *, root: str = "inboundCall", start: str = "/inboundCall/tasks/task[main]") -> str:
    """A flow with these parts; without any, with a task that hangs up."""
    head = f'{root}:\n  name: Main\n  defaultLanguage: en-us\n  startUpRef: "{start}"\n'
    return head + indent(dedent(parts) or a_task("- disconnect: {name: Bye}"), "  ")


def a_task(*actions: str, name: str = "Main", ref_id: str = "main", tasks: str = "") -> str:
    """A list of tasks, the first with these actions, each a line or a block that begins with a dash."""
    lines = indent("\n".join(dedent(action) for action in actions), "      ")
    head = f"tasks:\n  - task:\n      name: {name}\n      refId: {ref_id}\n      actions:\n"
    return f"{head}{indent(lines, '  ')}\n{tasks}"


def another_task(*actions: str, name: str, ref_id: str) -> str:
    """One more item for a list of tasks."""
    return a_task(*actions, name=name, ref_id=ref_id).removeprefix("tasks:\n")


def a_file(text: str, values: Values = NO_VALUES, **files: str) -> ArchyFile:
    """The flow of a text that may refer to other files, by their names without `.yaml`."""

    def read(path: Path) -> str:
        if path.stem not in files:
            raise UsageError(f"{path}: there is no such file.")
        return files[path.stem]

    return parse_archy(text, file="flow.yaml", values=values, read=read)


def problems(text: str, values: Values = NO_VALUES, **files: str) -> list[Problem]:
    """Everything that is wrong with a text."""
    return list(check_archy(a_file(text, values, **files)))


def told(text: str, values: Values = NO_VALUES, **files: str) -> list[str]:
    """The same in short: `4:15 archy.bad-language`."""
    return [f"{problem.place} {problem.code}" for problem in problems(text, values, **files)]


def ways(file: ArchyFile) -> list[str]:
    """The edges of a file's graph: `Main > Main/Bye`, with the condition where there is one."""
    graph = file.graph
    assert graph is not None
    ends = zip(graph.sources, graph.targets, graph.conditions, strict=True)
    return [
        f"{graph.ids[source]} > {graph.ids[target]}" + ("" if condition == "always" else f": {condition}")
        for source, target, condition in ends
    ]

"""Archy files for the publisher's commands."""

from collections.abc import Sequence
from pathlib import Path

SORRY = "outputs: {failure: {actions: [disconnect: {name: Sorry}]}}"


def a_transfer(kind: str, key: str, name: str) -> str:
    """An action that transfers to a thing of that name."""
    return f"- {kind}: {{name: To {name}, {key}: {{lit: {{name: {name}}}}}, {SORRY}}}"


def an_archy_text(
    name: str = "Main", *, root: str = "inboundCall", flows: Sequence[str] = (), queues: Sequence[str] = ()
) -> str:
    """A flow that transfers to these flows and queues."""
    actions = [a_transfer("transferToFlow", "targetFlow", flow) for flow in flows]
    actions += [a_transfer("transferToAcd", "targetQueue", queue) for queue in queues]
    lines = "".join(f"          {action}\n" for action in actions)
    return (
        f"{root}:\n"
        f"  name: {name}\n"
        "  defaultLanguage: en-us\n"
        f'  startUpRef: "/{root}/tasks/task[main]"\n'
        "  tasks:\n"
        "    - task:\n"
        "        name: Start\n"
        "        refId: main\n"
        "        actions:\n"
        f"{lines}"
        "          - disconnect: {name: Bye}\n"
    )


def an_archy_flow_file(
    file: str,
    name: str = "Main",
    *,
    root: str = "inboundCall",
    flows: Sequence[str] = (),
    queues: Sequence[str] = (),
) -> str:
    """A file with such a flow in the project; its name."""
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(an_archy_text(name, root=root, flows=flows, queues=queues))
    return file

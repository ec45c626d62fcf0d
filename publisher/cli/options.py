"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

from publisher.config import MOST_NODES

JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON lines to stdout, on a terminal too.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="PATH", help="The config file. [default: config/publisher.yaml, if it is there]"),
]
EnvOption = Annotated[
    str | None,
    typer.Option("--env", metavar="NAME", help="The environment of config/environments.yaml. [default: the only one]"),
]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Agree to a change of a protected environment, without being asked.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]
TimeoutOption = Annotated[float, typer.Option(min=0.1, max=86_400, help="How many seconds it may all take together.")]
ExitCodeOption = Annotated[bool, typer.Option("--exit-code", help="End with code 8 where there are changes.")]
FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE",
        help="Flow files, graph or Archy, or folders of them; without any, those of the config.",
    ),
]
MaxNodesOption = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_NODES, help="More nodes than this are an error. [default: max_nodes, or 50]"),
]
FlowIdOption = Annotated[
    str | None, typer.Option(metavar="ID", help="The flow that the one file is for. [env: GENESYS_FLOW_ID]")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="PATH", help="Write it to a file, not to stdout.")
]

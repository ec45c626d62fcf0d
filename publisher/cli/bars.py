"""A bar for each file that is under way, and one for all of them: on a terminal, where there are many files."""

import rich.console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

STAGES = 5
"""About as many stages as a file goes through."""

MOST_NAME_WIDTH = 40


class Bars:
    """The bars of one command."""

    def __init__(self, console: rich.console.Console, *, files: int, ended: int) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False, table_column=narrow(max_width=MOST_NAME_WIDTH)),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[doing]}", markup=False, table_column=narrow(ratio=1)),
            console=console,
            transient=True,
            expand=True,
        )
        self._all = self._progress.add_task("all files", total=files, completed=ended, doing="")
        self._tasks: dict[str, TaskID] = {}
        self._stages: dict[str, str] = {}

    def start(self) -> None:
        """Show them."""
        self._progress.start()

    def stop(self) -> None:
        """Take them away."""
        self._progress.stop()

    def stage(self, file: str, text: str) -> None:
        """Bring a file on by a stage; it gets its bar with the first one."""
        self._stages[file] = text
        if file not in self._tasks:
            self._tasks[file] = self._progress.add_task(file, total=STAGES, doing=text)
            return
        task = self._tasks[file]
        done = min(self._progress.tasks[self._progress.task_ids.index(task)].completed + 1, STAGES - 1)
        self._progress.update(task, completed=done, doing=text)

    def detail(self, file: str, text: str) -> None:
        """Say how far a stage has come."""
        if file in self._tasks:
            self._progress.update(self._tasks[file], doing=f"{self._stages[file]}: {text}")

    def end(self, file: str) -> None:
        """Take a file's bar away, and count it."""
        if file in self._tasks:
            self._progress.remove_task(self._tasks.pop(file))
        self._progress.advance(self._all)


def narrow(*, ratio: int | None = None, max_width: int | None = None) -> Column:
    """A column whose text is cut where there is no room for it."""
    return Column(no_wrap=True, overflow="ellipsis", ratio=ratio, max_width=max_width)

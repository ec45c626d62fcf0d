"""What is said of how each file ended: at once, in a table at the end, and when the command is stopped on the way."""

from collections.abc import Sequence

from publisher.audit import Status, error_code
from publisher.cli.console import Console
from publisher.cli.exits import exit_code_of
from publisher.cli.tables import table_or_notes
from publisher.cli.tally import Tally
from publisher.errors import ExitCode
from publisher.publish import Result
from publisher.publish.batch import Place, half_done
from publisher.publish.ending import Ending, Failure, Fate, failures
from publisher.reports import counted
from publisher.trail import Trail, next_command, version_name

HEADINGS = ("File", "Flow", "Version", "Result", "Seconds")
WORDS = {
    Fate.PUBLISHED: "live",
    Fate.VALIDATED: "passed validation, not live",
    Fate.UNCHANGED: "unchanged",
    Fate.FAILED: "FAILED",
    Fate.NOT_TRIED: "not tried",
}


class Endings:
    """Says how it ended, for one file or for many."""

    def __init__(
        self,
        console: Console,
        tally: Tally,
        *,
        governance_id: str,
        are_many: bool,
        place: Sequence[str] = (),
        values: Sequence[str] = (),
    ) -> None:
        self._console = console
        self._tally = tally
        self._governance_id = governance_id
        self._place, self._values = place, values
        self._are_many = are_many
        self.untried = 0
        """How many orders were not tried so far."""

    def told(self, ending: Ending, trail: Trail) -> None:
        """Say how one order ended, at once."""
        self._tally.file(Status.SUCCESS if ending.fate.is_good else Status.FAILED)
        self.untried += ending.fate is Fate.NOT_TRIED
        self._console.file_ended(ending.order.file)
        if ending.error is not None:
            self._console.fail(self._of_failure(ending.order.file, ending.error))
            self.say_state(trail)
        fields = _fields(ending, trail) | {"latency_ms": ending.latency_ms, "governance_id": self._governance_id}
        if ending.result is not None:
            self._console.result(fields, _sentence(ending.result))
            return
        if ending.reason:
            self._console.say(f"{ending.order.file}: {WORDS[ending.fate]}: {ending.reason}.")
        self._console.fact(fields)

    def say_state(self, trail: Trail, *, always: bool = False) -> None:
        """Say what is so now, unless nothing is other than before or the error says it all."""
        if always or not trail.says_nothing_new:
            self._console.say(trail.state())
            if not self._are_many:
                self._console.say(f"Next: {next_command([trail], place=self._place, values=self._values)}")

    def say_states(self, places: Sequence[Place]) -> None:
        """Say what is so for every order, when the command was stopped."""
        begun = [place for place in places if place.ending is None and place.has_begun]
        waiting = [place for place in places if place.ending is None and not place.has_begun]
        for place in begun:
            self._console.say(place.trail.state())
        if waiting:
            names = ", ".join(place.order.file for place in waiting)
            self._console.say(f"Nothing of {counted(len(waiting), 'file')} was sent: {names}.")
        left = [place for place in places if place.ending is None or not place.ending.fate.is_good]
        if left:
            trails = [place.trail for place in left]
            self._console.say(f"Next: {next_command(trails, place=self._place, values=self._values)}")

    def table(self, endings: Sequence[Ending]) -> None:
        """Show how it ended for each of many files."""
        rows = [_row(ending) for ending in endings]
        lines = table_or_notes(rows, headings=HEADINGS, notes=("Flow", "Seconds", "Result"), width=self._console.width)
        self._console.say("\n".join(["", *lines, ""]))

    def warn_of_halves(self, places: Sequence[Place]) -> None:
        """Warn of what is live and leads to what is not."""
        for file, missing in half_done(places).items():
            self._console.warn(f"{file} is live, but refers to what is in {', '.join(missing)}, which is not")

    def _of_failure(self, file: str, error: Failure) -> str:
        text = str(error)
        return text if not self._are_many or text.startswith(file) else f"{file}: {text}"


def exit_code_of_all(endings: Sequence[Ending]) -> ExitCode:
    """The code of the failures where they agree; else that it failed. A receiver that was not told comes after that."""
    codes = {exit_code_of(error) for error in failures(endings)}
    if codes:
        return codes.pop() if len(codes) == 1 else ExitCode.FAILED
    untold = any(ending.result is not None and ending.result.told is False for ending in endings)
    return ExitCode.LIVE_BUT if untold else ExitCode.OK


def _row(ending: Ending) -> Sequence[str]:
    version = ending.result.version.id if ending.result else ""
    seconds = f"{ending.latency_ms / 1000:.1f}" if ending.latency_ms else ""
    return (ending.order.file, ending.order.name, version, _cell(ending), seconds)


def _cell(ending: Ending) -> str:
    if ending.error is not None:
        return f"{WORDS[ending.fate]}: {error_code(ending.error)}"
    untold = ending.result is not None and ending.result.told is False
    more = ending.reason or ("the receiver was not told" if untold else "")
    return f"{WORDS[ending.fate]}: {more}" if more else WORDS[ending.fate]


def _sentence(result: Result) -> str:
    version = version_name(result.version, result.flow)
    return f"{version} is live." if result.is_live else f"{version} passed validation; it is not live."


def _fields(ending: Ending, trail: Trail) -> dict[str, object]:
    head: dict[str, object] = {"result": ending.fate.value, "file": ending.order.file}
    if ending.result is not None:
        return head | {
            "flow_id": ending.result.flow.id,
            "flow_name": ending.result.flow.name,
            "version_id": ending.result.version.id,
            "version_number": ending.result.version.number,
            "announced": ending.result.told,
        }
    flow_id = trail.flow.id if trail.flow else ending.order.flow_id
    head |= {"flow_id": flow_id, "flow_name": ending.order.name}
    if ending.error is not None:
        return head | {"error_code": error_code(ending.error), "message": str(ending.error)}
    return head | {"reason": ending.reason}

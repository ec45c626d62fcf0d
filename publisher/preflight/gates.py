"""What preflight keeps from being sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from publisher.archy import ArchyFile
from publisher.deadline import Deadline
from publisher.errors import ProblemsError
from publisher.genesys.client import GenesysClient
from publisher.preflight.naming import renamed
from publisher.preflight.preflight import preflight
from publisher.problems import Problem
from publisher.publish.gates import SEND, Decision, Refuse
from publisher.publish.order import Candidate
from publisher.reports import counted


@dataclass(frozen=True, kw_only=True)
class PreflightGate:
    """Refuses files that name what the organization lacks; what cannot be found out is a warning."""

    client: GenesysClient
    deadline: Deadline
    place: str
    """What to call the organization: prod."""
    show: Callable[[Problem], None]
    warn: Callable[[str], None]

    async def decide(self, candidates: Sequence[Candidate]) -> Sequence[Decision]:
        """Look everything up for all candidates together."""
        async with self.deadline.limit("looking up what the files name"):
            found = await preflight(self.client, [each.order.flow for each in candidates], place=self.place)
        for warning in found.warnings:
            self.warn(warning)
        return [self._decision(each.order.file, found.of(each.order.file)) for each in candidates]

    def _decision(self, file: str, problems: Sequence[Problem]) -> Decision:
        if not problems:
            return SEND
        for problem in problems:
            self.show(problem)
        lacks = f"{file} names {counted(len(problems), 'thing')} that {'is' if len(problems) == 1 else 'are'}"
        return Refuse(error=ProblemsError(f"{lacks} not in {self.place}; it was not sent.", code="org.missing"))


@dataclass(frozen=True, kw_only=True)
class NameGate:
    """Refuses files that have another name than the flow that they are for, unless that is to be renamed."""

    renames: bool
    show: Callable[[Problem], None]

    async def decide(self, candidates: Sequence[Candidate]) -> Sequence[Decision]:
        """Compare the names. Nobody is asked."""
        return [SEND if self.renames else self._decision(each) for each in candidates]

    def _decision(self, candidate: Candidate) -> Decision:
        problem = renamed_of(candidate)
        if problem is None:
            return SEND
        self.show(problem)
        file = candidate.order.file
        return Refuse(
            error=ProblemsError(f"{file} has another name than its flow; it was not sent.", code=problem.code)
        )


def renamed_of(candidate: Candidate) -> Problem | None:
    """The problem that a file has another name than its flow, if that would make a second one."""
    file, flow = candidate.order.flow, candidate.flow
    return renamed(file, flow) if isinstance(file, ArchyFile) and flow is not None else None

"""One file of a plan."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from publisher.drawing import Picture, picture_of
from publisher.environments import OnDrift
from publisher.genesys.model import Flow, Lock
from publisher.outline import Outline
from publisher.problems import Problem, has_errors
from publisher.standing import Standing, State


class Would(StrEnum):
    """What `publisher publish` would do with a file."""

    PUBLISH = "publish"
    SKIP = "skip"
    REFUSE = "refuse"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What publishing one file would come to."""

    file: str
    name: str
    """What the flow is called in the environment."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with the file, and what it names and the organization lacks."""
    standing: Standing | None = None
    """None where the file has errors: then nobody was asked."""
    on_drift: OnDrift = OnDrift.FAIL
    flow: Flow | None = None
    lock: Lock | None = None
    outline: Outline | None = None
    former: Outline | None = None
    """What is live, where it was compared."""
    refusal: str = ""
    """Why its flow could not be found, where that is so."""
    note: str = ""
    """Why it was not, where that needs to be said."""
    after: tuple[str, ...] = ()
    """The files that it refers to, which would be published before."""

    @property
    def state(self) -> State | None:
        """How the file stands against its flow."""
        return self.standing.state if self.standing else None

    @cached_property
    def picture(self) -> Picture | None:
        """The flow of the file, with its problems, and with what would change about it."""
        if self.outline is None:
            return None
        return picture_of(self.outline, problems=self.problems, against=self.former)

    @property
    def change_count(self) -> int | None:
        """How much would change; None where it was not compared."""
        return len(self.picture.changes) if self.former and self.picture else None

    @property
    def would(self) -> Would:
        """What would be done with the file."""
        if self.is_faulty or self.is_in_conflict:
            return Would.REFUSE
        return Would.SKIP if self.state is State.UNCHANGED else Would.PUBLISH

    @property
    def is_faulty(self) -> bool:
        """Whether something is wrong with the file, or with what it is for."""
        return bool(self.refusal) or has_errors(self.problems)

    @property
    def is_in_conflict(self) -> bool:
        """Whether what somebody else put live, or has blocked, stands in the way."""
        is_refused = self.state is State.DRIFTED and self.on_drift is OnDrift.FAIL
        return is_refused or self.state is State.BLOCKED

    @property
    def is_change(self) -> bool:
        """Whether something else would be live than is now."""
        return self.would is Would.PUBLISH and not (self.state is State.UNKNOWN and self.change_count == 0)

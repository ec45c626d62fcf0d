"""What a publish has to pass between checked and sent (`publisher.publish` says how)."""

from collections.abc import Callable, Sequence

from publisher.cli.console import Console
from publisher.cli.ledgers import HOW_TO_KNOW
from publisher.cli.person import Person
from publisher.cli.unlocking import UnlockGate
from publisher.cli.wishes import Wishes
from publisher.environments import Environment
from publisher.preflight import NameGate, PreflightGate
from publisher.problems import Problem
from publisher.publish.gates import Gate
from publisher.publish.work import Means
from publisher.reports import render
from publisher.standing_gate import StandingGate


def gates_of(
    means: Means, *, environment: Environment, wishes: Wishes, person: Person, console: Console
) -> Sequence[Gate]:
    """The gates of a publish, in their order; the last one may ask somebody to agree."""
    show = shown_on(console)
    gates: list[Gate] = [standing_gate(means, environment, wishes, console)] if wishes.publish else []
    gates.append(NameGate(renames=wishes.rename, show=show))
    if wishes.preflight:
        preflight = PreflightGate(
            client=means.client, deadline=means.deadline, place=environment.place, show=show, warn=console.warn
        )
        gates.append(preflight)
    if wishes.force_unlock and not wishes.dry_run:
        gates.append(UnlockGate(locks=means.locks, person=person, console=console))
    return gates


def standing_gate(means: Means, environment: Environment, wishes: Wishes, console: Console) -> StandingGate:
    """The gate that knows what is unchanged, drifted, blocked."""
    return StandingGate(
        ledger=means.ledger,
        on_drift=wishes.on_drift or environment.on_drift,
        force=wishes.force,
        voice=console.voice,
        how_to_know=HOW_TO_KNOW,
    )


def shown_on(console: Console) -> Callable[[Problem], None]:
    """Says what is wrong with a file, as the check does."""

    def show(problem: Problem) -> None:
        for line in render([problem]):
            console.say(line)

    return show

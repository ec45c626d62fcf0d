"""The ways through a flow: from each action to the next one, into its outputs, and to where it jumps.

Every way out of the flow is a node, so that each path has an end: where a sequence runs out, `end of Hours`; where a
transfer that can also fail has succeeded, `… done`. A called task is reached from its call, and the call goes on.
"""

from collections.abc import Sequence

from publisher.archy.draft import Draft, Follow
from publisher.archy.links import Links
from publisher.archy.structure import Mention, Part, Structure
from publisher.archy.substitution import readable
from publisher.archy.vocabulary import (
    CALLS,
    ENDS,
    FAILURE_OUTPUTS,
    JUMPS,
    LOOP_EXIT,
    LOOPS,
    MAIN_OUTPUTS,
    MENU_BEFORE,
    MENU_TRANSFERS,
    NEXT_ROUND,
    OUTPUTS,
    SAME_MENU,
    TRANSFERS,
)
from publisher.graph import ALWAYS

CALLED = "calls"
DEFAULT = "default"
DONE = "done"
FAILURE = "failure"
OTHERWISE = "otherwise"
RETURNED = "returned"
ROUND = "round"
SUCCESS = "success"


def wire(structure: Structure, links: Links) -> Draft:
    """The ways through a flow."""
    wiring = Wiring(structure, links)
    wiring.wire_all()
    return wiring.draft


class Wiring:
    """Draws the ways of one flow."""

    def __init__(self, structure: Structure, links: Links) -> None:
        self.draft = Draft(structure.parts)
        self._structure = structure
        self._links = links
        self._menus: list[Part] = []
        """The menus around what is being wired."""
        self._loops: list[tuple[Part, Follow]] = []
        """The loops around it, and where each leads on."""

    def wire_all(self) -> None:
        """Wire the start and every container."""
        start = self._structure.start
        self._follow_links(start)
        for output in start.outputs:
            self._into(start, output.name, output.parts, start)
        for container in self._structure.containers:
            self._wire(container, container)

    def _wire(self, part: Part, follow: Follow) -> None:
        """Wire one part; `follow` is where the flow goes on after it."""
        self._follow_links(part)
        self._choose(part, follow)
        if part.kind in LOOPS:
            self._go_round(part, follow)
            return
        for output in part.outputs:
            self._into(part, output.name, output.parts, follow)
        self._go_on(part, follow)

    def _into(self, part: Part, name: str, parts: Sequence[Part], follow: Follow) -> None:
        """Wire the actions of an output, one after the other."""
        numbers: list[Follow] = [each.number for each in parts]
        self.draft.edge(part.number, numbers[0] if numbers else follow, readable(name) or ALWAYS)
        for each, following in zip(parts, [*numbers[1:], follow], strict=False):
            self._wire(each, following)

    def _follow_links(self, part: Part) -> None:
        for mention, target in self._links.targets.get(part.number, ()):
            self.draft.edge(part.number, target.number, link_condition(part, mention))

    def _choose(self, menu: Part, follow: Follow) -> None:
        """Wire the choices of a menu."""
        self._menus.append(menu)
        for choice in menu.choices:
            self.draft.edge(menu.number, choice.number, readable(choice.on))
            self._wire(choice, follow)
        self._menus.pop()

    def _go_round(self, loop: Part, follow: Follow) -> None:
        """Wire a loop: its actions lead back to it, and it leads on."""
        self._loops.append((loop, follow))
        before = len(self.draft.sources)
        for output in loop.outputs:
            self._into(loop, output.name or ROUND, output.parts, loop.number)
        self.draft.count_rounds(loop.number, since=before)
        self._loops.pop()
        self.draft.edge(loop.number, follow, DONE)

    def _go_on(self, part: Part, follow: Follow) -> None:
        """Wire what a part does after its outputs and jumps."""
        if part.kind in ENDS:
            self.draft.terminals.add(part.number)
        elif part.kind in NEXT_ROUND | LOOP_EXIT:
            self._leave_round(part, follow)
        elif part.kind in SAME_MENU | MENU_BEFORE:
            self._back_to_menu(part)
        elif part.kind in TRANSFERS | MENU_TRANSFERS:
            self._transfer(part, follow)
        elif part.kind in JUMPS or part.is_choice or part.choices or part.kind == "menu":
            self.draft.end_unless_led_on(part.number)
        elif not part.is_container:
            self._fall_through(part, follow)
        elif not part.outputs:
            self.draft.edge(part.number, follow, ALWAYS)

    def _leave_round(self, part: Part, follow: Follow) -> None:
        """Wire the way out of a loop, or to its next round."""
        loop, after = self._loops[-1] if self._loops else (None, follow)
        is_next = loop is not None and part.kind in NEXT_ROUND
        self.draft.edge(part.number, loop.number if is_next and loop else after, ALWAYS)

    def _back_to_menu(self, part: Part) -> None:
        """Wire the way back to the menu that is open, or to the one before it."""
        menus = [menu for menu in self._menus if menu.choices and menu is not part]
        menus = menus[:-1] if part.kind in MENU_BEFORE and len(menus) > 1 else menus
        if menus:
            self.draft.edge(part.number, menus[-1].number, ALWAYS)
        else:
            self.draft.terminals.add(part.number)

    def _transfer(self, part: Part, follow: Follow) -> None:
        """Wire a transfer: it ends the flow; where the flow can go on after a failure, its success is a node."""
        fails = any(output.name != SUCCESS for output in part.outputs)
        goes_on = isinstance(follow, int) and not part.is_choice
        if not fails and not goes_on:
            self.draft.terminals.add(part.number)
            return
        self.draft.edge(part.number, self.draft.done(part), SUCCESS)
        if not fails:
            self.draft.edge(part.number, follow, FAILURE)

    def _fall_through(self, part: Part, follow: Follow) -> None:
        """Wire the way to the next action: on each output that is left out."""
        names = {output.name for output in part.outputs}
        known = OUTPUTS.get(part.kind)
        if not names and part.kind not in CALLS:
            self.draft.edge(part.number, follow, ALWAYS)
        elif known is not None:
            left_out = [name for name in known if name not in names]
            condition = RETURNED if part.kind in CALLS else " or ".join(left_out)
            if left_out:
                self.draft.edge(part.number, follow, condition)
        elif not (names & MAIN_OUTPUTS and names & FAILURE_OUTPUTS):
            self.draft.edge(part.number, follow, OTHERWISE)


def link_condition(part: Part, mention: Mention) -> str:
    """On what a reference is followed."""
    if part.kind in CALLS:
        return CALLED
    if mention.key == "defaultChildMenuRef":
        return DEFAULT
    if mention.key == "startUpRef" or part.kind in JUMPS:
        return ALWAYS
    return str(mention.location[1]) if part.number == 0 and len(mention.location) > 1 else mention.key

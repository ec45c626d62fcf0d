"""The text of a state file: the whole ledger as JSON, so that people can read it and git can merge it.

Flows come in the order of their ids, and each entry stands on a line of its own, the newest first: two branches that
have published different flows merge by themselves, and two that have published the same one rightly do not.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from publisher.config_document import ConfigDocument, Path
from publisher.errors import UsageError
from publisher.ledger.model import Block, Deed, FlowLedger, LedgerEntry

FORMAT = "flow-relay-state"
VERSION = 1
MOST_ENTRIES = 100
"""So many of each flow are kept."""

ROOT_KEYS = ("format", "version", "flows")
FLOW_KEYS = ("name", "entries", "blocks")
OF_ENTRY = tuple(each.name for each in fields(LedgerEntry) if each.name not in {"flow_id", "flow_name"})
OF_BLOCK = tuple(each.name for each in fields(Block) if each.name not in {"flow_id", "flow_name"})
CONFLICT = re.compile(r"^(<{7}|={7}|>{7})( |$)", re.MULTILINE)

Flows = Mapping[str, FlowLedger]


class StateFileError(UsageError):
    """A state file is not one, or not whole."""

    default_code = "state"


def parse_state(text: str, *, file: str) -> dict[str, FlowLedger]:
    """The flows of a state file by their ids; StateFileError where it is torn, or is something else."""
    conflict = CONFLICT.search(text)
    if conflict is not None:
        line = text.count("\n", 0, conflict.start()) + 1
        raise StateFileError(
            f"{file}:{line}:1: this is a merge conflict; keep the entries of both sides, newest first."
        )
    try:
        document = ConfigDocument(text, file=file)
    except UsageError as exc:
        raise StateFileError(f"{exc} {_remedy(file)}") from exc
    reader = _Reader(document=document, file=file)
    flows = reader.flows()
    if document.faults:
        raise StateFileError("\n".join([*document.faults, _remedy(file)]))
    return flows


def render_state(flows: Flows) -> str:
    """The text of a state file."""
    bodies = ",\n".join(_flow_lines(flows[flow_id]) for flow_id in sorted(flows))
    inner = f"\n{bodies}\n  " if bodies else ""
    return f'{{\n  "format": "{FORMAT}",\n  "version": {VERSION},\n  "flows": {{{inner}}}\n}}\n'


def _flow_lines(flow: FlowLedger) -> str:
    names = (*(entry.flow_name for entry in flow.entries), *(block.flow_name for block in flow.blocks))
    name = next((name for name in names if name), None)
    entries = _listed(_fields(entry, OF_ENTRY) for entry in flow.entries[:MOST_ENTRIES])
    blocks = _listed(_fields(block, OF_BLOCK) for block in flow.blocks)
    return (
        f"    {_json(flow.flow_id)}: {{\n"
        f'      "name": {_json(name)},\n      "entries": {entries},\n      "blocks": {blocks}\n    }}'
    )


def _listed(items: Iterable[Mapping[str, Any]]) -> str:
    lines = ",\n".join(f"        {_json(item)}" for item in items)
    return f"[\n{lines}\n      ]" if lines else "[]"


def _fields(value: LedgerEntry | Block, names: Iterable[str]) -> dict[str, Any]:
    found = {name: getattr(value, name) for name in names}
    return {name: _written(each) for name, each in found.items() if each is not None}


def _written(value: datetime | str) -> str:
    if isinstance(value, str):
        return value
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _remedy(file: str) -> str:
    return f"{file} was left as it is. Is it the file that --state means? If so, take it from the last good commit."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """Reads the document part by part, and notes the faults that it meets."""

    document: ConfigDocument
    file: str

    def flows(self) -> dict[str, FlowLedger]:
        root = self.document.root(known=ROOT_KEYS, elsewhere={})
        if root.get("format") != FORMAT:
            raise StateFileError(
                f'{self.file} is no state file: it does not say "format": "{FORMAT}". {_remedy(self.file)}'
            )
        version = root.get("version")
        if version != VERSION:
            raise StateFileError(
                f"{self.file} has version {version!r} of the format; this release reads version {VERSION}. A newer"
                " flow-relay has written it: use that one."
            )
        flows = self.document.mapping(root.get("flows"), ("flows",))
        return {flow_id: self._flow(flow_id, value) for flow_id, value in flows.items()}

    def _flow(self, flow_id: str, value: object) -> FlowLedger:
        path: Path = ("flows", flow_id)
        flow = self.document.mapping(value, path)
        self.document.check_keys(flow, path, known=FLOW_KEYS)
        of = {"flow_id": flow_id, "flow_name": self._text(flow.get("name"), (*path, "name"))}
        return FlowLedger(
            flow_id=flow_id,
            entries=tuple(self._entries(flow.get("entries"), (*path, "entries"), of)),
            blocks=tuple(self._blocks(flow.get("blocks"), (*path, "blocks"), of)),
        )

    def _entries(self, value: object, path: Path, of: Mapping[str, Any]) -> Iterator[LedgerEntry]:
        for index, item in enumerate(self.document.items(value, path)):
            given = self._given(item, (*path, index), known=OF_ENTRY, required=("version_id", "at"))
            place = (*path, index, "deed")
            deed = self.document.choice(given.pop("deed", Deed.PUBLISHED), Deed, place) or Deed.PUBLISHED
            if given:
                yield LedgerEntry(**of, **given, deed=deed)

    def _blocks(self, value: object, path: Path, of: Mapping[str, Any]) -> Iterator[Block]:
        for index, item in enumerate(self.document.items(value, path)):
            given = self._given(item, (*path, index), known=OF_BLOCK, required=("content_hash", "at"))
            if given:
                yield Block(**of, **given)

    def _given(self, value: object, path: Path, *, known: tuple[str, ...], required: tuple[str, str]) -> dict[str, Any]:
        """The fields of an entry or a block; none where one that is required is missing."""
        item = self.document.mapping(value, path)
        self.document.check_keys(item, path, known=known)
        given: dict[str, Any] = {name: self._text(item.get(name), (*path, name)) for name in known if name in item}
        given["at"] = self._moment(item.get("at"), (*path, "at") if "at" in item else path)
        missing = [name for name in required if not given.get(name)]
        if missing and not self.document.faults:
            self.document.fault(path, f"{missing[0]} is missing.")
        return {} if missing else given

    def _text(self, value: object, path: Path) -> str | None:
        return None if value is None else self.document.text(value, path)

    def _moment(self, value: object, path: Path) -> datetime | None:
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.document.fault(path, f"at is {value!r}; give a time, such as 2026-05-04T12:00:00Z.")
            return None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

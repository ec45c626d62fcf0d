"""What a list is asked for: filters, cursor and limit, read from a query string."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from receiver.errors import NotFoundError, ReceiverError
from receiver.model import EventFilter, RunFilter
from receiver.states import RunStatus
from receiver.timeline import FlowFilter

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_MAX_LENGTH = 500
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PAGING = ("cursor", "limit")
EVENT_NAMES = ("type", "source", "flow", "faulty", "secret")
FLOW_NAMES = ("flow", "environment")
RUN_NAMES = ("pipeline", "status", "flow", "event_id")


class QueryError(ReceiverError):
    """A parameter of a query string is wrong; `parameter` names it."""

    def __init__(self, message: str, *, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Which part of a list is wanted."""

    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


def is_id(text: str) -> bool:
    """Whether a text can be an id at all; what cannot is not looked for."""
    return _ID.fullmatch(text) is not None


def id_of(path_params: Mapping[str, str], thing: str) -> str:
    """The id in a path."""
    text = path_params["id"]
    if not is_id(text):
        raise NotFoundError(f"There is no such {thing}: an id looks like 019a9c3e-5a00-7c31-9a55-1c3a4b5d6e7f.")
    return text.lower()


def check_names(params: QueryParams, known: Collection[str]) -> None:
    """Refuse what is not known or given twice: a filter that is silently left out shows too much."""
    names = [name for name, _ in params.multi_items()]
    for name in names:
        if name not in known and name not in _PAGING:
            raise QueryError(
                f"There is no parameter {name[:50]!r} here; there are {_listed([*known, *_PAGING])}.", parameter=name
            )
        if names.count(name) > 1:
            raise QueryError(f"{name} is given more than once.", parameter=name)


def window(params: QueryParams) -> Window:
    """The part of a list that is asked for."""
    return Window(cursor=_text(params, "cursor"), limit=_limit(params))


def event_filter(params: QueryParams) -> EventFilter:
    """The events that are asked for."""
    return EventFilter(
        type=_text(params, "type"),
        source=_text(params, "source"),
        flow=_text(params, "flow"),
        faulty=_yes_or_no(params, "faulty"),
        secret=_text(params, "secret"),
    )


def run_filter(params: QueryParams) -> RunFilter:
    """The runs that are asked for."""
    return RunFilter(
        pipeline=_text(params, "pipeline"),
        status=_status(params),
        flow=_text(params, "flow"),
        event_id=_text(params, "event_id"),
    )


def flow_filter(params: QueryParams) -> FlowFilter:
    """The flows that are asked for."""
    return FlowFilter(flow=_text(params, "flow"), environment=_text(params, "environment"))


def _text(params: QueryParams, name: str) -> str | None:
    value = params.get(name, "").strip()
    if len(value) > _MAX_LENGTH:
        raise QueryError(f"{name} is longer than {_MAX_LENGTH} characters.", parameter=name)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
        raise QueryError(f"{name} holds a control character.", parameter=name)
    return value or None


def _limit(params: QueryParams) -> int:
    value = params.get("limit")
    if value is None:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"[0-9]{1,3}", value) or not 1 <= int(value) <= MAX_LIMIT:
        raise QueryError(f"limit is {value[:20]!r}; give a whole number from 1 to {MAX_LIMIT}.", parameter="limit")
    return int(value)


def _status(params: QueryParams) -> RunStatus | None:
    value = _text(params, "status")
    if value is None:
        return None
    try:
        return RunStatus(value)
    except ValueError:
        raise QueryError(
            f"status is {value[:20]!r}; give one of {_listed(tuple(RunStatus))}.", parameter="status"
        ) from None


def _yes_or_no(params: QueryParams, name: str) -> bool | None:
    value = params.get(name) or None
    if value not in {None, "true", "false"}:
        raise QueryError(f"{name} is {str(value)[:20]!r}; give true or false.", parameter=name)
    return None if value is None else value == "true"


def _listed(names: Collection[str]) -> str:
    return ", ".join(names)

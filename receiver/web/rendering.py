"""Pages from templates: every one on the same layout, every text from outside escaped and visible."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse

from receiver.clock import rfc3339
from receiver.web import wording
from receiver.web.assets import asset_path
from receiver.web.security import page_headers
from receiver.web.session import Session


def page(
    request: Request, template: str, *, session: Session | None = None, status: int = 200, **context: object
) -> HTMLResponse:
    """A page as an answer; `session` is that of whoever looks."""
    text = (
        environment()
        .get_template(template)
        .render(session=session, path=request.scope["path"], query=request.query_params, **context)
    )
    headers = page_headers(https=request.url.scheme == "https")
    return HTMLResponse(text, status_code=status, headers=headers)


def fault_page(
    request: Request, *, status: int, title: str, detail: str, session: Session | None = None
) -> HTMLResponse:
    """A page that says what is wrong and what to do."""
    return page(request, "fault.html", session=session, status=status, status_code=status, title=title, detail=detail)


@cache
def environment() -> Environment:
    """The templates, with the words that they may use."""
    made = Environment(
        loader=PackageLoader("receiver.web"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"asset": asset_path, "duration": wording.duration, "product_version": version("flow-relay")}
    made.filters |= FILTERS
    return made


def _finalize(value: object) -> object:
    return wording.visible(value) if type(value) is str else value


def _flow_path(flow_id: str) -> str:
    return f"/flows/{quote(flow_id, safe='')}"


def _without_cursor(query: QueryParams) -> str:
    return urlencode([(name, value) for name, value in query.multi_items() if value and name != "cursor"])


def _with_cursor(query: QueryParams, cursor: str) -> str:
    rest = _without_cursor(query)
    return f"{rest}{'&' if rest else ''}{urlencode({'cursor': cursor})}"


def _clock(moment: datetime) -> Markup:
    return _time(moment, "%H:%M:%S")


def _moment(moment: datetime) -> Markup:
    return _time(moment, "%-d %b %Y, %H:%M:%S")


def _day(day: date) -> Markup:
    return Markup("<time datetime='{}'>{}</time>").format(day.isoformat(), day.strftime("%A, %-d %B %Y"))


def _time(moment: datetime, form: str) -> Markup:
    exact = rfc3339(moment)
    text = moment.astimezone(UTC).strftime(form)
    return Markup("<time datetime='{0}' title='{0}'>{1}</time>").format(exact, text)


FILTERS: Mapping[str, Callable[..., object]] = {
    "change": wording.change,
    "clock": _clock,
    "day": _day,
    "flow_path": _flow_path,
    "followed": wording.followed,
    "missing_sentences": wording.missing_sentences,
    "missing_sign": wording.missing_sign,
    "moment": _moment,
    "one_line": wording.one_line,
    "pretty_body": wording.pretty_body,
    "ran": wording.ran,
    "shown": wording.shown,
    "sign": wording.sign,
    "subject": wording.subject,
    "web_link": wording.web_link,
    "who": wording.who,
    "with_cursor": _with_cursor,
    "without_cursor": _without_cursor,
}
"""How a template turns what it has into words."""

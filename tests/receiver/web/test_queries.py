import pytest
from starlette.datastructures import QueryParams

from receiver.model import EventFilter, RunFilter
from receiver.states import RunStatus
from receiver.web.queries import (
    EVENT_NAMES,
    QueryError,
    Window,
    check_names,
    event_filter,
    is_id,
    run_filter,
    window,
)


def test_nothing_asked_means_everything() -> None:
    params = QueryParams("")

    assert event_filter(params) == EventFilter()
    assert run_filter(params) == RunFilter()
    assert window(params) == Window(cursor=None, limit=50)


def test_filters_are_read() -> None:
    asked = event_filter(QueryParams("type=flow.audited&source=prod&flow=%20Main%20&faulty=true"))

    assert asked == EventFilter(type="flow.audited", source="prod", flow="Main", faulty=True)


def test_runs_are_asked_for_by_status() -> None:
    assert run_filter(QueryParams("status=failed&pipeline=deploy")).status is RunStatus.FAILED


def test_an_empty_field_of_a_form_asks_for_nothing() -> None:
    assert event_filter(QueryParams("type=&source=&flow=++")) == EventFilter()


@pytest.mark.parametrize(
    "limit", ["0", "201", "-1", "1e2", "1000000000", "ten", "١٢", "", " 5", "+5"], ids=lambda value: f"limit {value}"
)
def test_a_limit_out_of_bounds_is_refused(limit: str) -> None:
    with pytest.raises(QueryError, match="from 1 to 200") as caught:
        window(QueryParams({"limit": limit}))

    assert caught.value.parameter == "limit"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        pytest.param("flow=a%00b", "flow", id="nul"),
        pytest.param("type=a%1bb", "type", id="escape"),
        pytest.param("source=" + "x" * 501, "source", id="too long"),
        pytest.param("faulty=perhaps", "faulty", id="neither true nor false"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(query: str, parameter: str) -> None:
    with pytest.raises(QueryError) as caught:
        event_filter(QueryParams(query))

    assert caught.value.parameter == parameter


def test_an_unknown_status_is_refused_with_the_known_ones() -> None:
    with pytest.raises(QueryError, match="waiting, held, running, succeeded"):
        run_filter(QueryParams("status=done"))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param("sort=;drop", "There is no parameter 'sort' here", id="unknown"),
        pytest.param("type=a&type=b", "more than once", id="twice"),
    ],
)
def test_a_parameter_that_would_be_left_out_is_refused(query: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        check_names(QueryParams(query), EVENT_NAMES)


@pytest.mark.parametrize("text", ["", "1", "../../etc/passwd", "a" * 36, "019a9c3e-5a00-7c31-9a55-1c3a4b5d6e7f\n"])
def test_what_cannot_be_an_id_is_none(text: str) -> None:
    assert is_id(text) is False


def test_an_id_may_be_written_in_capitals() -> None:
    assert is_id("019A9C3E-5A00-7C31-9A55-1C3A4B5D6E7F") is True

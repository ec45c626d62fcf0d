"""URLs with templates."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import ExpressionError
from receiver.expressions import compile_url, render_url

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        pytest.param("https://CI.example.com/deploy", "ci.example.com", 443, id="https"),
        pytest.param("http://127.0.0.1:9000", "127.0.0.1", 9000, id="no path"),
        pytest.param("http://[::1]:80/x", "[::1]", 80, id="IPv6"),
        pytest.param("https://ci.example.com?flow=${{ event.flow_id }}", "ci.example.com", 443, id="query"),
    ],
)
def test_the_host_is_read_from_the_literal_part(text: str, host: str, port: int) -> None:
    url = compile_url(text)

    assert (url.host, url.port) == (host, port)


@pytest.mark.parametrize(
    "text",
    [
        "https://${{ event.flow_id }}/x",
        "https://ci.${{ event.flow_id }}.com/x",
        "https://ci.example.com${{ event.flow_id }}",
        "https://ci.example.com:${{ event.version_number }}/x",
        "${{ event.body.url }}",
        "https://user:pw@ci.example.com/",
        "https://ci.example.com\\@evil.com/",
        "https://ci.example.com@evil.com/",
        "https://ci.example.com:99999/",
        "https://ci.example.com/#x",
        "https://ci.example.com/a b",
        "https://ci.example.com/\n",
        "ftp://ci.example.com/",
        "https:///x",
        "/deploy",
        "",
    ],
)
def test_a_url_without_a_plain_literal_host_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="URL"):
        compile_url(text)


def test_a_password_in_a_url_is_not_quoted() -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_url("https://user:hunter2@ci.example.com/")

    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("value", [".", ".."])
def test_a_value_does_not_lead_out_of_its_path(value: str) -> None:
    with pytest.raises(ExpressionError, match="another path"):
        render_url("https://ci.example.com/flows/${{ event.flow_id }}/x", {"event": {"flow_id": value}})


def test_half_a_character_is_a_fault() -> None:
    with pytest.raises(ExpressionError):
        render_url("https://ci.example.com/${{ event.flow_id }}", {"event": {"flow_id": "\ud800"}})


@given(value=ANY_TEXT.filter(lambda text: text not in {".", ".."}))
def test_a_value_in_a_path_comes_back_whole(value: str) -> None:
    url = render_url("https://ci.example.com/a/${{ event.flow_id }}/b", {"event": {"flow_id": value}})

    assert urlsplit(url).netloc == "ci.example.com"
    assert [unquote(part) for part in urlsplit(url).path.split("/")] == ["", "a", value, "b"]


@given(value=ANY_TEXT)
def test_a_value_in_a_query_comes_back_whole(value: str) -> None:
    url = render_url("https://ci.example.com/?flow=${{ event.flow_id }}&x=1", {"event": {"flow_id": value}})

    assert parse_qs(urlsplit(url).query, keep_blank_values=True) == {"flow": [value], "x": ["1"]}

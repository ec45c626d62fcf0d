import pytest

from receiver.web.security import is_from_our_pages, own_path, page_headers


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        pytest.param({"sec-fetch-site": "same-origin"}, True, id="our page"),
        pytest.param({"sec-fetch-site": "none"}, True, id="typed by the reader"),
        pytest.param({"sec-fetch-site": "cross-site"}, False, id="another site"),
        pytest.param({"sec-fetch-site": "same-site"}, False, id="a sibling host"),
        pytest.param({"host": "relay.test:8080", "origin": "http://relay.test:8080"}, True, id="our origin"),
        pytest.param({"host": "relay.test", "origin": "https://evil.test"}, False, id="another origin"),
        pytest.param({"host": "relay.test", "origin": "null"}, False, id="a hidden origin"),
        pytest.param({"host": "relay.test"}, True, id="no browser"),
        pytest.param({"sec-fetch-site": "cross-site", "host": "a", "origin": "http://a"}, False, id="both"),
    ],
)
def test_a_form_must_come_from_our_pages(headers: dict[str, str], is_ours: bool) -> None:
    assert is_from_our_pages(headers) is is_ours


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/events/1?a=b", "/events/1?a=b"),
        (None, "/"),
        ("", "/"),
        ("https://evil.test", "/"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("/\t/evil.test", "/"),
        ("/\n/evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("/sign-in?next=/", "/"),
        ("/sign-out", "/"),
        ("/é", "/"),
    ],
)
def test_the_sign_in_leads_to_our_own_pages_alone(target: str | None, path: str) -> None:
    assert own_path(target) == path


def test_no_script_runs_on_a_page_and_nobody_frames_it() -> None:
    policy = page_headers(https=False)["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_browsers_are_told_to_stay_with_https_only_over_https() -> None:
    assert "Strict-Transport-Security" in page_headers(https=True)
    assert "Strict-Transport-Security" not in page_headers(https=False)

"""Where an organization's API and its tokens are."""

import pytest

from publisher.genesys.hosts import DEFAULT_REGION, REGIONS, TokenStyle, hosts_of_region, hosts_of_url


@pytest.mark.parametrize(
    "text",
    ["eu-central-1", "mypurecloud.de", "https://api.mypurecloud.de", "https://apps.mypurecloud.de/", " EU-Central-1 "],
    ids=["aws name", "domain", "API URL", "apps URL", "spaces and capitals"],
)
def test_a_region_may_be_named_in_any_way(text: str) -> None:
    hosts = hosts_of_region(text)

    assert hosts.api_url == "https://api.mypurecloud.de"
    assert hosts.token_url == "https://login.mypurecloud.de/oauth/token"
    assert hosts.token_style is TokenStyle.BASIC
    assert hosts.is_org


def test_the_default_region_is_that_of_mypurecloud_com() -> None:
    assert hosts_of_region(DEFAULT_REGION).api_url == "https://api.mypurecloud.com"


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_hosts(region: str) -> None:
    assert hosts_of_region(region).token_url == f"https://login.{REGIONS[region]}/oauth/token"


def test_a_misspelt_region_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(ValueError, match=r"'eu-centrl-1' is no Genesys Cloud region\. Did you mean 'eu-central-1'\?"):
        hosts_of_region("eu-centrl-1")


def test_what_is_near_no_region_is_answered_with_examples() -> None:
    with pytest.raises(ValueError, match="Give an AWS name such as"):
        hosts_of_region("§§§")


def test_an_api_url_brings_the_form_at_its_own_token_path() -> None:
    hosts = hosts_of_url("http://127.0.0.1:8090/")

    assert hosts.api_url == "http://127.0.0.1:8090"
    assert hosts.token_url == "http://127.0.0.1:8090/api/v2/oauth/token"
    assert hosts.token_style is TokenStyle.FORM
    assert not hosts.is_org


def test_the_api_url_of_a_region_is_the_region() -> None:
    assert hosts_of_url("https://api.usw2.pure.cloud") == hosts_of_region("us-west-2")


@pytest.mark.parametrize(
    ("token_url", "style"),
    [
        ("http://proxy.test/login/oauth/token", TokenStyle.BASIC),
        ("http://proxy.test/api/v2/oauth/token", TokenStyle.FORM),
        ("http://proxy.test/tokens", TokenStyle.FORM),
    ],
    ids=["the platform's path", "the form's path", "any other path"],
)
def test_a_token_url_set_apart_says_its_style_by_its_path(token_url: str, style: TokenStyle) -> None:
    hosts = hosts_of_url("http://proxy.test/api", token_url)

    assert (hosts.token_url, hosts.token_style) == (token_url, style)


def test_a_token_url_set_apart_leaves_a_region_an_organization() -> None:
    hosts = hosts_of_url("https://api.mypurecloud.ie", "https://proxy.test/oauth/token")

    assert hosts.is_org
    assert hosts.token_url == "https://proxy.test/oauth/token"

"""The way to the organization that the settings name."""

import pytest

from publisher.cli.connection import hosts_of
from publisher.errors import UsageError
from publisher.genesys.hosts import TokenStyle
from publisher.settings import Settings


def test_with_nothing_set_it_is_the_first_region() -> None:
    assert hosts_of(Settings()).api_url == "https://api.mypurecloud.com"


def test_a_region_names_an_organization_of_genesys_cloud() -> None:
    hosts = hosts_of(Settings(region="eu-central-1"))

    assert (hosts.api_url, hosts.is_org) == ("https://api.mypurecloud.de", True)


def test_an_api_url_comes_before_a_region() -> None:
    hosts = hosts_of(Settings(region="eu-central-1", api_url="http://127.0.0.1:8090"))

    assert (hosts.api_url, hosts.is_org) == ("http://127.0.0.1:8090", False)


@pytest.mark.parametrize(
    "settings", [Settings(region="eu-central-1"), Settings(api_url="http://127.0.0.1:8090")], ids=["region", "API URL"]
)
def test_a_token_url_comes_before_what_would_follow(settings: Settings) -> None:
    token_url = "https://login.example.com/oauth/token"

    hosts = hosts_of(Settings(region=settings.region, api_url=settings.api_url, token_url=token_url))

    assert (hosts.token_url, hosts.token_style) == (token_url, TokenStyle.BASIC)


def test_an_unknown_region_is_told_by_the_variables_name() -> None:
    with pytest.raises(UsageError, match="GENESYS_REGION: 'atlantis' is no Genesys Cloud region"):
        hosts_of(Settings(region="atlantis"))

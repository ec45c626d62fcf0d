"""Where an organization's API and its tokens are."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

REGIONS: Mapping[str, str] = {
    "us-east-1": "mypurecloud.com",
    "us-east-2": "use2.us-gov-pure.cloud",
    "us-west-2": "usw2.pure.cloud",
    "ca-central-1": "cac1.pure.cloud",
    "sa-east-1": "sae1.pure.cloud",
    "mx-central-1": "mxc1.pure.cloud",
    "eu-west-1": "mypurecloud.ie",
    "eu-west-2": "euw2.pure.cloud",
    "eu-central-1": "mypurecloud.de",
    "eu-central-2": "euc2.pure.cloud",
    "eusc-de-east-1": "edee1.eusc-pure.cloud",
    "ap-northeast-1": "mypurecloud.jp",
    "ap-northeast-2": "apne2.pure.cloud",
    "ap-northeast-3": "apne3.pure.cloud",
    "ap-south-1": "aps1.pure.cloud",
    "ap-southeast-1": "apse1.pure.cloud",
    "ap-southeast-2": "mypurecloud.com.au",
    "me-central-1": "mec1.pure.cloud",
}
"""The AWS region of each Genesys Cloud region, and its domain."""

DEFAULT_REGION = "us-east-1"

FORM_TOKEN_PATH = "/api/v2/oauth/token"  # noqa: S105 - a path
BASIC_TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path


class TokenStyle(StrEnum):
    """How the client's credentials go to the token URL."""

    FORM = "form"
    BASIC = "basic"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hosts:
    """The URLs of one organization; `is_org` is true for Genesys Cloud itself, false for a sandbox or proxy."""

    api_url: str
    token_url: str
    token_style: TokenStyle
    is_org: bool


def hosts_of_region(text: str) -> Hosts:
    """The hosts of a region, given as its AWS name, its domain, or the URL of one of its hosts."""
    domain = _domain(text)
    if domain is None:
        raise ValueError(_unknown(text))
    return Hosts(
        api_url=f"https://api.{domain}",
        token_url=f"https://login.{domain}{BASIC_TOKEN_PATH}",
        token_style=TokenStyle.BASIC,
        is_org=True,
    )


def hosts_of_url(api_url: str, token_url: str | None = None) -> Hosts:
    """The hosts behind an API URL; that of a region is the region, whatever the way of naming it.

    A token URL that ends in `/oauth/token`, but not in `/api/v2/oauth/token`, gets HTTP Basic, as the platform's do.
    """
    base = api_url.rstrip("/")
    domain = _domain_of_host(urlsplit(base).hostname or "")
    if domain is not None and token_url is None:
        return hosts_of_region(domain)
    token = token_url or f"{base}{FORM_TOKEN_PATH}"
    return Hosts(api_url=base, token_url=token, token_style=_style(token), is_org=domain is not None)


def _style(token_url: str) -> TokenStyle:
    path = urlsplit(token_url).path.rstrip("/")
    is_platforms = path.endswith(BASIC_TOKEN_PATH) and not path.endswith(FORM_TOKEN_PATH)
    return TokenStyle.BASIC if is_platforms else TokenStyle.FORM


def _domain(text: str) -> str | None:
    name = text.strip().lower().rstrip("/")
    if name in REGIONS:
        return REGIONS[name]
    return _domain_of_host((urlsplit(name).hostname or "") if "://" in name else name)


def _domain_of_host(host: str) -> str | None:
    bare = host
    for prefix in ("api.", "login.", "apps."):
        bare = bare.removeprefix(prefix)
    return bare if bare in REGIONS.values() else None


def _unknown(text: str) -> str:
    near = difflib.get_close_matches(text.strip().lower(), [*REGIONS, *REGIONS.values()], n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else "Give an AWS name such as 'eu-central-1' or a domain."
    return f"{text!r} is no Genesys Cloud region. {hint}"

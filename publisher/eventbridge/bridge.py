"""What is known of the bridge when its code is written; what is not is asked for when the code is applied."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from publisher.errors import UsageError
from publisher.settings import check_url

EVENT_SOURCE = re.compile(r"aws\.partner/genesys\.com/cloud/[^/\s]+/[A-Za-z0-9._-]{1,64}")
LONGEST_URL = 2048


@dataclass(frozen=True, kw_only=True, slots=True)
class Bridge:
    """Where events go, and the partner event source that they come from."""

    url: str | None = None
    event_source: str | None = None

    def __post_init__(self) -> None:
        """Refuse what AWS would refuse, only later."""
        if self.url is not None:
            check_destination(self.url)
        if self.event_source is not None and not EVENT_SOURCE.fullmatch(self.event_source):
            raise UsageError(
                f"--event-source is {self.event_source!r}; give the name of the partner event source as AWS shows it:"
                " aws.partner/genesys.com/cloud/ORGANIZATION/SUFFIX."
            )


def check_destination(url: str) -> None:
    """Refuse a URL that EventBridge cannot call."""
    check_url(url, name="the receiver's URL")
    if urlsplit(url).scheme != "https":
        raise UsageError(
            f"the receiver's URL is {url!r}; EventBridge calls https URLs only, so put a proxy with TLS before it."
        )
    if len(url) > LONGEST_URL or not url.isascii():
        raise UsageError(f"the receiver's URL is {url!r}; EventBridge takes at most {LONGEST_URL} ASCII characters.")

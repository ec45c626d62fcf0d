"""The storage beside the API, which takes uploads and gives downloads at signed addresses, without a token."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from publisher.genesys.errors import GenesysError, RefusedError, UnavailableError
from publisher.genesys.exchange import Response, quote

CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfer:
    """A file on its way to or from a signed address. The same again does no harm."""

    method: str
    url: str = field(repr=False)
    doing: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)


def storage_fault(transfer: Transfer, response: Response) -> GenesysError:
    """The error that an answer of the storage stands for. Its pages quote the signature: only their code is told."""
    found = CODE.search(response.body[:4096])
    said = f" ({quote(found.group(1).decode())})" if found else ""
    is_failure = response.status >= 500
    advice = "Try again later" if is_failure else "Its address is good for a short time only: run the command again"
    kind = UnavailableError if is_failure else RefusedError
    return kind(
        f"Could not {transfer.doing}: the storage answered {response.status}{said}. {advice}.",
        code=f"http.{response.status}",
        status=response.status,
    )

"""What can go wrong between us and Genesys Cloud. A message says what happened and what to do.

GenesysError
├── CredentialsError        the OAuth client was refused, or its token was even after a renewal
├── NotAllowedError         403: the client lacks a permission
├── MissingError            404: no such flow, version or registration
├── LockedError             409: someone else holds the lock
├── RefusedError            400, 422: what was sent cannot be taken as it is
├── LimitedError            429, still after every retry; `retry_after_s` says how long to wait
├── UnavailableError        5xx or no answer in time, still after every retry
├── UnreadableError         the answer is no JSON, or not the JSON that was asked for
├── UnreachableError        no connection: network, DNS, TLS or proxy
└── NoWebhookApiError       this host knows no webhook registrations
    └── NoWebhookListError  it may take one, but does not list them
"""


class GenesysError(Exception):
    """Anything that Genesys Cloud answers instead of what was asked for; `code` is what records call it.

    `may_have_happened` is true where a request with an effect was sent and no clear answer came back: look before
    you send it again.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int | None = None,
        correlation_id: str | None = None,
        may_have_happened: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.correlation_id = correlation_id
        self.may_have_happened = may_have_happened


class CredentialsError(GenesysError):
    """The OAuth client was refused, or its token was even after a renewal."""


class NotAllowedError(GenesysError):
    """The OAuth client lacks a permission."""


class MissingError(GenesysError):
    """No such flow, version or registration."""


class LockedError(GenesysError):
    """Someone else holds the lock."""


class RefusedError(GenesysError):
    """What was sent cannot be taken as it is."""


class LimitedError(GenesysError):
    """Too many requests, still after every retry; `retry_after_s` is how long the server wants us to wait."""

    retry_after_s: float | None = None


class UnavailableError(GenesysError):
    """The server failed or did not answer in time, still after every retry."""


class UnreadableError(GenesysError):
    """The answer is no JSON, or not the JSON that was asked for."""


class UnreachableError(GenesysError):
    """No connection: network, DNS, TLS or proxy."""


class NoWebhookApiError(GenesysError):
    """The host knows no webhook registrations."""


class NoWebhookListError(NoWebhookApiError):
    """The host may take a registration, but does not list those that it has."""

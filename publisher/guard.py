"""The guard in front of an organization: credentials of another one than the environment names send nothing."""

import asyncio
from typing import Any

from publisher.environments import FILE, Environment
from publisher.errors import ExitCode, PublisherError
from publisher.genesys import inventory
from publisher.genesys.errors import MissingError, NotAllowedError
from publisher.genesys.exchange import Request, Response
from publisher.genesys.model import Organization
from publisher.genesys.wire import Wire


class WrongOrganizationError(PublisherError):
    """The credentials belong to another organization than the environment says, or nobody can tell."""

    exit_code = ExitCode.NOT_ALLOWED
    default_code = "wrong-organization"


class GuardedWire(Wire):
    """A wire that asks which organization it leads to, before anything else goes over it."""

    def __init__(self, *arguments: Any, environment: Environment, **more: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*arguments, **more)
        self._environment = environment
        self._lock = asyncio.Lock()
        self._is_checked = environment.organization is None

    async def authenticate(self) -> None:
        """Make sure that there is a token, and that it is one of the right organization."""
        await super().authenticate()
        await self._check()

    async def send(self, request: Request) -> Response:
        """The answer to a call, made only in the right organization."""
        await self._check()
        return await super().send(request)

    async def _check(self) -> None:
        async with self._lock:
            if self._is_checked:
                return
            check_organization(self._environment, await self._organization())
            self._is_checked = True

    async def _organization(self) -> Organization:
        try:
            return inventory.read_organization(await super().send(inventory.get_organization()))
        except (MissingError, NotAllowedError) as exc:
            raise WrongOrganizationError(
                f"Environment {self._environment.name!r} is organization {self._environment.organization}, and whether"
                f" the credentials belong to it could not be found out, so nothing was sent: {exc}"
            ) from exc


def check_organization(environment: Environment, found: Organization) -> None:
    """Refuse an organization that is not the environment's."""
    if environment.organization in {None, found.id.lower()}:
        return
    name = f" ({found.name})" if found.name else ""
    raise WrongOrganizationError(
        f"The credentials belong to organization {found.id}{name}, but environment {environment.name!r} is"
        f" {environment.organization}. Nothing was sent. Give the credentials of {environment.name!r}, or correct"
        f" `organization` in {FILE}."
    )

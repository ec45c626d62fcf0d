"""Which flow a file was published to before, as the ledger tells: the file may have another name in it since then."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from posixpath import normpath

from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import MissingError
from publisher.genesys.model import Flow
from publisher.ledger.history import HistoryError
from publisher.ledger.ledger import Ledger
from publisher.publish.order import Order

Warn = Callable[[str], None]


class FormerFlows:
    """The flows that files were published to. The ledger is asked once, and only for a file that names no flow."""

    def __init__(self, client: GenesysClient, ledger: Ledger | None, *, warn: Warn | None = None) -> None:
        self._client = client
        self._ledger = ledger
        self._warn = warn
        """Told when the ledger cannot be asked, which is in the way where there is nobody to tell."""
        self._lock = asyncio.Lock()
        self._ids: Mapping[str, str] | None = None
        self.names: Collection[tuple[str, str | None]] = ()
        """Name and type of what is published together: a flow of one of these is none that was renamed."""

    async def flow_of(self, order: Order) -> Flow | None:
        """The flow that a file was published to last, if it is still there, as it now is."""
        flow_id = (await self._by_file(order)).get(normpath(order.provenance.file or ""))
        if flow_id is None:
            return None
        try:
            flow = await self._client.flow(flow_id)
        except MissingError:
            return None
        return flow if flow.type == order.type and (flow.name or "", flow.type) not in self.names else None

    async def _by_file(self, order: Order) -> Mapping[str, str]:
        async with self._lock:
            if self._ids is None:
                self._ids = await self._asked(order.provenance.environment)
            return self._ids

    async def _asked(self, environment: str | None) -> Mapping[str, str]:
        if self._ledger is None:
            return {}
        try:
            flows = await self._ledger.flows(environment=environment)
        except HistoryError as exc:
            if self._warn is None:
                raise
            self._warn(f"{exc} Whether a file that names no flow there is has got another name is not known.")
            return {}
        newest_last = sorted((flow.last for flow in flows if flow.last is not None), key=lambda entry: entry.at)
        return {normpath(entry.file): entry.flow_id for entry in newest_last if entry.file}

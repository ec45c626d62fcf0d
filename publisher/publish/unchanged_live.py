"""The last look before something goes live: whether anybody else has put something live since the first one."""

from publisher.errors import ExitCode, PublisherError
from publisher.genesys.model import Flow
from publisher.publish.work import Means


class OvertakenError(PublisherError):
    """Somebody else was faster."""

    exit_code = ExitCode.CONFLICT
    default_code = "publish.overtaken"


async def refuse_if_overtaken(means: Means, flow: Flow) -> None:
    """Go no further where another version is live than when the flow was looked at. An instant remains unseen."""
    if not means.looks_again:
        return
    seen = await means.client.flow(flow.id)
    if seen.published_version_id == flow.published_version_id:
        return
    was, now = (f"{each}" if each else "nothing" for each in (flow.published_version_id, seen.published_version_id))
    by = f" by {seen.published_by}" if seen.published_by else ""
    raise OvertakenError(
        f"While this was under way, {now}{by} went live in place of {was}; nothing was put live over it. Look at it"
        " (`publisher diff`), then publish again."
    )

"""The page of the door: which sources are heard, which secrets let in, what was refused, which config is in force."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from receiver.keyring import Standing
from receiver.relay import Relay
from receiver.web.doorkeeping import nearest_source
from receiver.web.pages import signed_in
from receiver.web.rendering import page
from receiver.web.session import Session
from receiver.web.sources import announcement_absences, source_sign
from receiver.web.wording import Sign, Tone

SHOWN = 100
SIGNS: Mapping[Standing, Sign] = {
    Standing.ACTIVE: Sign(tone=Tone.GOOD, text="active"),
    Standing.REVOKED: Sign(tone=Tone.BAD, text="revoked"),
    Standing.UNSET: Sign(tone=Tone.QUIET, text="not set"),
}


async def _door(request: Request, session: Session) -> Response:
    relay: Relay = request.app.state.relay
    names = [source.name for source in relay.config.sources]
    return page(
        request,
        "door.html",
        session=session,
        secrets=[(known, SIGNS[known.standing]) for known in await relay.keyring.listed()],
        sources=[(known, source_sign(known)) for known in await relay.hearing.sources()],
        absences=await announcement_absences(relay.database),
        refusals=[(each, nearest_source(each, names)) for each in relay.refusals.latest()[:SHOWN]],
        total=relay.refusals.total,
        warnings=tuple(relay.keyring.warnings()),
        reload=relay.present.last_reload,
        config=relay.config,
    )


routes: list[BaseRoute] = [Route("/door", signed_in(_door), methods=["GET"])]

"""The files that pages are made with: one stylesheet and one picture.

Their addresses change with their content, so that a browser keeps them for good and never shows an old one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from receiver.web.security import ASSET_HEADERS

_MEDIA_TYPES: Mapping[str, str] = {"app.css": "text/css; charset=utf-8", "mark.svg": "image/svg+xml"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """A file of ours that browsers ask for."""

    name: str
    media_type: str
    content: bytes

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/static/{hashlib.sha256(self.content).hexdigest()[:12]}/{self.name}"


@cache
def assets() -> Mapping[str, Asset]:
    """All assets, by name."""
    folder = files("receiver.web") / "static"
    return {
        name: Asset(name=name, media_type=media_type, content=(folder / name).read_bytes())
        for name, media_type in _MEDIA_TYPES.items()
    }


def asset_path(name: str) -> str:
    """Where an asset is served."""
    return assets()[name].path


async def serve_asset(request: Request) -> Response:
    """The asset at a path; an address of an older version gets the present one, and is not to be kept."""
    asset = assets().get(request.path_params["name"])
    if asset is None:
        return Response(status_code=404, headers=dict(ASSET_HEADERS) | {"Cache-Control": "no-store"})
    headers = dict(ASSET_HEADERS)
    if request.scope["path"] != asset.path:
        headers["Cache-Control"] = "no-store"
    return Response(asset.content, media_type=asset.media_type, headers=headers)


routes: list[BaseRoute] = [Route("/static/{digest}/{name}", serve_asset, methods=["GET"])]

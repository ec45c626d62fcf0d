"""Serving over real sockets: uvicorn, with a guard before its parser and an end that no client can put off.

`limits` are what clients may ask for, `guard` holds connections to them, `room` chooses who gives way to
others, `running` starts and ends the server.
"""

from receiver.server.limits import Limits
from receiver.server.running import Server, bind, url_of

__all__ = ["Limits", "Server", "bind", "url_of"]

"""Downstream systems: what each kind of target is asked, and the one sender that asks."""

from collections.abc import Mapping

from receiver.targets.http import Http
from receiver.targets.kind import Kind

KINDS: Mapping[str, Kind] = {
    "http": Http(),
}
"""Every kind of target, by the name that the config gives it."""

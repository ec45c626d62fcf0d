"""What a publish has to pass between checked and sent (`publisher.publish` says how)."""

from collections.abc import Sequence

from publisher.publish.gates import Gate


def gates_of() -> Sequence[Gate]:
    """The gates of a publish, in their order."""
    return ()

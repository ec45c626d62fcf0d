"""The command `publisher`."""


def main() -> None:
    """Run the command."""
    raise SystemExit(0)

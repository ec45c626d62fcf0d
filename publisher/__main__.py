"""The command `publisher`, from its first moment on: Ctrl-C while it still loads ends it as it does later."""

import sys

STOPPED = 130


def main() -> int:
    """Load the command and run it; its exit code."""
    try:
        from publisher.cli import main as run  # noqa: PLC0415 - loading takes a moment, and that can be stopped too

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("error: stopped.\n")
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())

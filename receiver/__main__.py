"""The command `receiver`, from its first moment on: Ctrl-C while it still loads ends it as it does later."""

import sys
import threading

STOPPED = 130


def told_too_late(args: threading.ExceptHookArgs) -> None:
    """Pass over a thread of the database that has its answer only when Ctrl-C has ended everything."""
    if str(args.exc_value) != "Event loop is closed":
        threading.__excepthook__(args)


def main() -> int:
    """Load the command and run it; its exit code."""
    threading.excepthook = told_too_late
    try:
        from receiver.cli import main as run  # noqa: PLC0415 - loading takes a moment, and that can be stopped too

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())

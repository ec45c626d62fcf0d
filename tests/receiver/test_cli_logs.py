"""Logs, keys and disks of the commands that serve."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from receiver.cli.disk import distant_home, short_lived_home
from receiver.cli.keys import secret_keys
from receiver.cli.logs import set_up_logs
from receiver.errors import ReceiverError
from receiver.settings import Settings


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def test_programs_get_a_json_object_a_line() -> None:
    stream = io.StringIO()
    set_up_logs(stream)

    structlog.get_logger().info("event recorded", source="gen\nesys")
    logging.getLogger("uvicorn.error").warning("odd %s", "thing")

    ours, theirs = map(json.loads, stream.getvalue().splitlines())
    assert (ours["event"], ours["level"], ours["source"]) == ("event recorded", "info", "gen\nesys")
    assert (theirs["event"], theirs["level"]) == ("odd thing", "warning")


def test_people_get_lines_that_steer_no_terminal() -> None:
    stream = Terminal()
    set_up_logs(stream)

    structlog.get_logger().warning("request refused", source="\x1b]0;canary\x07")

    assert "request refused" in stream.getvalue()
    assert "\x1b]0" not in stream.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["programs", "people"])
def test_a_traceback_shows_no_values(stream: io.StringIO) -> None:
    set_up_logs(stream)
    secret = "".join(["can", "ary"])  # whole in the variable alone, not in this line

    try:
        float(f"no {len(secret)} number")
    except ValueError:
        structlog.get_logger().exception("broke")

    assert "ValueError" in stream.getvalue()
    assert "canary" not in stream.getvalue()


def test_what_was_broken_off_at_the_end_is_no_news() -> None:
    stream = io.StringIO()
    set_up_logs(stream)

    logging.getLogger("uvicorn.error").error("broken off", exc_info=CancelledError())

    assert stream.getvalue() == ""


class CancelledError(BaseException):
    """Named as asyncio's, which must not be raised out of a task."""


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = secret_keys(Settings(), tmp_path / "receiver.db", new_secret=lambda: "the key")

    again = secret_keys(Settings(), tmp_path / "receiver.db", new_secret=lambda: "another")

    assert made == again == ["the key"]
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_given_is_used_and_none_is_made(tmp_path: Path) -> None:
    settings = Settings(secret_key="present", secret_key_previous="previous")

    assert secret_keys(settings, tmp_path / "receiver.db", new_secret=lambda: "x") == ["previous", "present"]
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret.key").mkdir()

    with pytest.raises(ReceiverError, match=r"secret\.key cannot be read"):
        secret_keys(Settings(), tmp_path / "receiver.db", new_secret=lambda: "x")


MOUNTS = """overlay / overlay rw 0 0
/dev/sda1 /var ext4 rw 0 0
files:/relay /net nfs4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
/dev/sda1 /srv ext4 rw 0 0
/dev/sdb1 /data\\040files ext4 rw 0 0
bad line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/app/var/receiver.db", "a container's own layer"),
        ("/tmp/receiver.db", "memory"),
        ("/var/tmp/receiver.db", "a folder that is cleared now and then"),
        ("/srv/receiver.db", None),
        ("/data files/receiver.db", None),
    ],
)
def test_a_disk_that_will_not_last_is_told_apart(path: str, kind: str | None) -> None:
    assert short_lived_home(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(("path", "system"), [("/net/receiver.db", "nfs4"), ("/srv/receiver.db", None)])
def test_a_disk_of_another_machine_is_told_apart(path: str, system: str | None) -> None:
    assert distant_home(Path(path), MOUNTS) == system


def test_where_nobody_says_what_is_mounted_nothing_is_claimed() -> None:
    assert short_lived_home(Path("/app/receiver.db"), "") is None

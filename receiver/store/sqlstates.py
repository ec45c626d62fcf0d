"""What PostgreSQL's error codes mean to us, and what a person can do."""

import re
from collections.abc import Mapping
from typing import Final

CONNECTION_LOST: Final = "08006"
READ_ONLY: Final = "25006"

# By class (the first two characters) or whole code; the longest that fits counts.
_HINTS: Final[Mapping[str, str]] = {
    "08": "Is PostgreSQL up, and is DATABASE_URL right?",
    READ_ONLY: "It is a standby, or set to be read-only: name the primary in DATABASE_URL.",
    "28": "Mend the user or the password in DATABASE_URL.",
    "3D000": "Create it with CREATE DATABASE, or mend DATABASE_URL.",
    "3F000": "Mend the search_path of the user.",
    "42501": "Grant the user what is missing, or make it the owner of the database.",
    "42P01": "`receiver db upgrade` makes the tables.",
    "53100": "Free space on its disk.",
    "53300": "Raise max_connections, or run fewer processes.",
    "55P03": "pg_stat_activity and pg_locks show who holds the lock.",
    "57014": "pg_stat_activity shows what keeps it busy.",
    "57P": "It is starting, stopping, or an administrator ended the connection.",
}
# What passes when somebody frees space, ends a lock, restarts a server or mends a network.
_PASSING: Final = ("08", READ_ONLY, "25P03", "40", "53", "55P03", "57", "58", "F0")
# The place is as it should be, and the others were first: worth another try at once.
_CONTENTION: Final = ("40001", "40P01")
_DAMAGE: Final = ("XX001", "XX002")
_NOT_OURS: Final = ("28", "3D")
# A connection that was refused has no code, only words: English ones, for nobody speaks to it in another language yet.
_REFUSED: Final = (
    (re.compile("too many c|remaining connection slots"), "53300"),
    (re.compile("password|authentication|role .* (not exist|permitted)|pg_hba"), "28000"),
    (re.compile('database ".*" does not exist'), "3D000"),
    (re.compile("session is read-only|hot standby"), READ_ONLY),
    (re.compile("starting up|shutting down|recovery"), "57P03"),
)


def code_of(orig: BaseException | None) -> str | None:
    """The code of a fault of PostgreSQL's driver; None for any other fault."""
    if type(orig).__module__.partition(".")[0] != "psycopg":
        return None
    found: str | None = getattr(orig, "sqlstate", None)
    if found is not None or type(orig).__name__ not in {"OperationalError", "ConnectionTimeout"}:
        return found or "XX000"
    return next((code for words, code in _REFUSED if words.search(str(orig))), CONNECTION_LOST)


def is_passing(code: str) -> bool:
    """Whether the same may succeed later."""
    return code.startswith(_PASSING)


def is_contention(code: str) -> bool:
    """Whether two transactions were in each other's way, and one had to give way."""
    return code in _CONTENTION


def is_of_the_database(code: str) -> bool:
    """Whether the place, and not the unit of work, is at fault."""
    return code.startswith((*_DAMAGE, *_NOT_OURS)) or (is_passing(code) and not is_contention(code))


def reason(orig: BaseException, code: str) -> str:
    """What the server says, in one line, without the values that it adds in further ones; and what to do."""
    primary = getattr(getattr(orig, "diag", None), "message_primary", None)
    # The client library adds what it supposes in lines of their own, indented; we have our own words for that.
    lines = [line.strip() for line in str(primary or orig).splitlines() if not line.startswith("\t")]
    said = " ".join(" ".join(lines).split()).rstrip(".")
    hint = next((_HINTS[code[:length]] for length in (5, 3, 2) if code[:length] in _HINTS), None)
    return f"{said}. {hint}" if hint else f"{said}."

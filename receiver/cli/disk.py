"""Disks that last only as long as a container, or as long as the machine has power."""

from pathlib import Path, PurePath

SHORT_LIVED = {
    "tmpfs": "memory",
    "ramfs": "memory",
    "overlay": "a container's own layer",
    "aufs": "a container's own layer",
}
"""Kinds of file system whose content goes away, and what they are."""

MOUNTS = Path("/proc/self/mounts")


def short_lived_home(path: Path, mounts: str) -> str | None:
    """What kind of short-lived disk a file lies on; None where it looks lasting, or nobody can tell."""
    home, kind = PurePath("/"), ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        mount = PurePath(fields[1].replace("\\040", " "))
        # Of mounts on one place the last one is seen.
        if path.is_relative_to(mount) and len(mount.parts) >= len(home.parts):
            home, kind = mount, fields[2]
    return SHORT_LIVED.get(kind)


def read_mounts() -> str:
    """What is mounted where; empty on systems that do not say."""
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

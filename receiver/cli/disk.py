"""Disks that an SQLite file should not lie on: those that do not last, and those of other machines."""

from pathlib import Path, PurePath

SHORT_LIVED = {
    "tmpfs": "memory",
    "ramfs": "memory",
    "overlay": "a container's own layer",
    "aufs": "a container's own layer",
}
"""Kinds of file system whose content goes away, and what they are."""
DISTANT = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs"})
"""Kinds of file system over which locks and shared memory do not reach."""
TEMPORARY = tuple(PurePath(name) for name in ("/tmp", "/var/tmp"))  # noqa: S108 - to warn of, not to use
MOUNTS = Path("/proc/self/mounts")


def short_lived_home(path: Path, mounts: str) -> str | None:
    """What kind of short-lived place a file lies in; None where it looks lasting, or nobody can tell."""
    kind = SHORT_LIVED.get(file_system(path, mounts))
    if kind is None and any(path.is_relative_to(folder) for folder in TEMPORARY):
        return "a folder that is cleared now and then"
    return kind


def distant_home(path: Path, mounts: str) -> str | None:
    """The network file system that a file lies on; None where it lies on a local disk, or nobody can tell."""
    kind = file_system(path, mounts)
    return kind if kind in DISTANT else None


def file_system(path: Path, mounts: str) -> str:
    """The kind of file system that a file lies on; empty where nobody can tell."""
    home, kind = PurePath("/"), ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        mount = PurePath(fields[1].replace("\\040", " "))
        # Of mounts on one place the last one is seen.
        if path.is_relative_to(mount) and len(mount.parts) >= len(home.parts):
            home, kind = mount, fields[2]
    return kind


def read_mounts() -> str:
    """What is mounted where; empty on systems that do not say."""
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

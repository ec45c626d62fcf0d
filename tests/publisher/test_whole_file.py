"""Files that are written in one go."""

from pathlib import Path

from publisher.whole_file import write_whole


def test_a_link_stays_a_link_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    link.symlink_to(real)

    write_whole(link, "{}")

    assert (link.is_symlink(), real.read_text()) == (True, "{}")


def test_who_could_not_read_the_old_one_cannot_read_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.touch(mode=0o600)

    write_whole(file, "{}")

    assert (file.stat().st_mode & 0o777, file.read_text()) == (0o600, "{}")

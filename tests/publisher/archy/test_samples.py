import re

from publisher.archy import ArchyFile, check_archy, parse_values
from publisher.loader import read_file
from publisher.problems import CODES
from tests.publisher.archy.flows import SAMPLES

VALUES = parse_values((SAMPLES / "values.yaml").read_text(encoding="utf-8"), file="values.yaml")
FAULTY = SAMPLES / "faulty.yaml"


def test_a_flow_as_people_write_it_has_no_problems() -> None:
    file = read_file(SAMPLES / "service-line.yaml", values=VALUES)

    assert isinstance(file, ArchyFile)
    assert check_archy(file) == ()
    assert (file.name, file.flow_type, file.division) == ("DEV Service Line", "INBOUNDCALL", "Home")
    assert file.content_hash.startswith("sha256:")
    assert [(each.kind.value, each.name) for each in file.dependencies] == [
        ("division", "Home"),
        ("queue", "Sales EU"),
        ("prompt", "AllBusy"),
        ("schedule_group", "Office Hours EU"),
        ("data_action", "Note Call"),
    ]


def test_every_fault_is_found_in_its_line() -> None:
    lines = FAULTY.read_text(encoding="utf-8").splitlines()
    marks = ((number, re.search(r"# (archy\.[a-z-]+)$", line)) for number, line in enumerate(lines, start=1))
    wanted = {(number, mark.group(1)) for number, mark in marks if mark}

    file = read_file(FAULTY)

    assert isinstance(file, ArchyFile)
    found = {(problem.place.line, problem.code) for problem in check_archy(file)}
    assert wanted - found == set()
    assert {code for _, code in found} == {code for code in CODES if code.startswith("archy.")} - {
        "archy.missing-field",
        "archy.value-changes-meaning",
    }

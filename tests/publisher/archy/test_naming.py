"""A flow as it is called in another environment."""

import pytest

from publisher.archy import ArchyFile, check_archy, named_elsewhere, parse_archy
from publisher.archy.values import NO_VALUES
from tests.publisher.archy.flows import a_file, a_task, a_text


def uat(name: str) -> str:
    return name if name.startswith("UAT ") else f"UAT {name}"


def in_uat(file: ArchyFile, division: str | None = None) -> ArchyFile:
    return named_elsewhere(file, flow_name=uat, division=division)


def again(file: ArchyFile) -> ArchyFile:
    """What is uploaded, read as a file of its own."""
    return parse_archy(file.resolved, file="uploaded.yaml")


def test_the_flow_is_uploaded_under_its_other_name() -> None:
    file = in_uat(a_file(a_text()), division="Test")

    assert (file.name, file.division) == ("UAT Main", "Test")
    assert (again(file).name, again(file).division) == ("UAT Main", "Test")
    assert check_archy(again(file)) == ()


def test_the_hash_is_that_of_what_is_uploaded() -> None:
    file = a_file(a_text())

    assert in_uat(file).content_hash not in {file.content_hash, in_uat(file, division="Test").content_hash}
    assert in_uat(in_uat(file)).content_hash == in_uat(file).content_hash


def test_a_flow_that_is_called_so_already_stays_as_it_was_written() -> None:
    file = a_file(a_text().replace("Main", "UAT Main", 1) + "# a comment\n")

    assert in_uat(file) is file
    assert "# a comment" in file.resolved


@pytest.mark.parametrize(
    "action",
    [
        "- transferToFlow: {name: Go, targetFlow: {lit: {name: Greeter}}}",
        "- transferToFlow: {name: Go, targetFlow: {name: Greeter}}",
        "- callBotFlow: {name: Ask, botFlow: {Greeter: {inputs: {}}}}",
        "- callCommonModule: {name: Call, commonModule: {Greeter: {ver_latestPublished: {}}}}",
    ],
    ids=["literal", "name", "key", "module"],
)
def test_flows_that_it_names_are_called_so_too(action: str) -> None:
    file = a_file(a_text(a_task(action, "- disconnect: {name: Bye}")))

    there = in_uat(file)

    assert [each.name for each in again(there).flow_references] == ["UAT Greeter"]
    assert [(each.name, each.place) for each in there.flow_references] == [
        ("UAT Greeter", file.flow_references[0].place)
    ]


def test_other_things_keep_their_names() -> None:
    action = "- transferToAcd: {name: Go, targetQueue: {lit: {name: Sales}}}"

    there = in_uat(a_file(a_text(a_task(action))))

    assert [each.name for each in again(there).dependencies] == ["Sales"]


def test_what_an_alias_repeats_is_renamed_wherever_it_stands() -> None:
    actions = ("- callBotFlow: {name: One, botFlow: &bot {Greeter: {}}}", "- callBotFlow: {name: Two, botFlow: *bot}")

    there = in_uat(a_file(a_text(a_task(*actions))))

    assert [each.name for each in again(there).flow_references] == ["UAT Greeter", "UAT Greeter"]


def test_the_division_that_is_looked_for_is_that_of_the_environment() -> None:
    file = a_file(a_text().replace("  defaultLanguage", "  division: Home\n  defaultLanguage"))

    assert [each.name for each in in_uat(file, division="Test").dependencies] == ["Test"]


def test_a_division_that_the_file_does_not_name_is_looked_for_too() -> None:
    file = in_uat(a_file(a_text()), division="Test")

    assert [(each.name, str(each.place)) for each in file.dependencies] == [("Test", "1:1")]


def test_a_text_that_is_no_flow_stays_what_it_is() -> None:
    file = parse_archy("inboundCall: [", file="flow.yaml", values=NO_VALUES)

    assert in_uat(file) is file

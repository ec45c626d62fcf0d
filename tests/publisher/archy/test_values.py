import pytest

from publisher.archy import Values, parse_setting, parse_values
from publisher.errors import UsageError


def test_a_file_of_values_names_texts() -> None:
    values = parse_values("greeting: Hello\nregion: 'EU'\n", file="values.yaml")

    assert values.texts == {"greeting": "Hello", "region": "EU"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", "1"), ("true", "true"), ("-2.5", "-2.5"), ("yes", "yes"), ("12:30", "12:30"), ("2026-01-31", "2026-01-31")],
)
def test_a_value_is_taken_as_it_is_written(text: str, value: str) -> None:
    assert parse_values(f"x: {text}", file="values.yaml").texts == {"x": value}


@pytest.mark.parametrize("text", ["1.10", "0123", "1e3", "0x1F", "+1", "True"])
def test_a_number_that_would_change_has_to_be_quoted(text: str) -> None:
    with pytest.raises(UsageError, match=r"values.yaml:2:4: x is read as the number .*; put it in quotes"):
        parse_values(f"a: b\nx: {text}", file="values.yaml")


def test_an_options_file_of_archy_is_right() -> None:
    text = "clientId: abc\nsubstitutions:\n  greeting: Hello\n"

    assert parse_values(text, file="options.yaml").texts == {"greeting": "Hello"}


def test_an_empty_file_holds_no_values() -> None:
    assert parse_values("# none yet\n", file="values.yaml") == Values()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x: [", "values.yaml:1:5: this is not YAML"),
        ("- x", "values.yaml:1:1: a file of values is a mapping"),
        ("a: b\nx: {y: z}", "values.yaml:2:4: x has more than one text"),
        ("x:", "values.yaml:1:3: x has nothing"),
    ],
    ids=["no YAML", "a list", "nested", "empty"],
)
def test_what_is_no_value_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_values(text, file="values.yaml")


@pytest.mark.parametrize(("setting", "text"), [("a=b", "b"), ("a = b", " b"), ("a=", ""), ("a=b=c", "b=c")], ids=repr)
def test_a_setting_sets_one_value(setting: str, text: str) -> None:
    assert parse_setting(setting).texts == {"a": text}


@pytest.mark.parametrize("setting", ["a", "=b", ""])
def test_a_setting_without_a_name_or_a_value_is_refused(setting: str) -> None:
    with pytest.raises(UsageError, match="give it as NAME=VALUE"):
        parse_setting(setting)


def test_dots_that_stand_for_a_value_are_not_taken_for_one() -> None:
    with pytest.raises(UsageError, match=r"--set a=\.\.\.: put the value in place of the dots"):
        parse_setting("a=...")


def test_of_two_values_the_nearer_one_counts() -> None:
    near, far = Values(texts={"a": "near"}), Values(texts={"a": "far", "b": "far"})

    assert near.over(far).texts == {"a": "near", "b": "far"}

import yaml
from hypothesis import given
from hypothesis import strategies as st

from publisher.archy.writing import write_yaml
from publisher.genesys.documents import read_document

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff")),
    st.sampled_from(
        ["yes", "no", "on", "0o17", "0123", "1_000", "1e3", "12:30", "2026-01-31", ".5", "~", "null", "=", "<<"]
    ),
)
data = st.recursive(
    scalars, lambda each: st.one_of(st.lists(each), st.dictionaries(st.text("abxyz", max_size=3), each))
)


@given(data)
def test_what_was_written_reads_the_same(value: object) -> None:
    assert read_document(write_yaml({"a": value})).data == {"a": value}


@given(data)
def test_and_by_the_older_rules_of_yaml_too(value: object) -> None:
    assert yaml.load(write_yaml({"a": value}), Loader=yaml.CSafeLoader) == {"a": value}


def test_what_an_alias_stood_for_is_written_out() -> None:
    shared = {"name": "Sales"}

    assert write_yaml([shared, shared]) == "- name: Sales\n- name: Sales\n"

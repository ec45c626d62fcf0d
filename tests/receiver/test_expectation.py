"""What counts as absent: decided from a config, from when sources were heard, and from announcements."""

from datetime import datetime

import pytest

from receiver.config import Config, parse_config, parse_environments
from receiver.expectation import absences
from receiver.silence import Absence, AbsenceKind, Announcement, Heard
from tests.receiver.store.makers import NOON, after

DOOR = "sources: {genesys: {secrets: [A], expect_within: 1h}}"


def a_config(text: str = DOOR, *, environments: str = "prod: {region: eu-central-1}") -> Config:
    return parse_config(
        text, file="f", environments=parse_environments(f"environments: {{{environments}}}", file="environments.yaml")
    )


def heard(source: str = "genesys", *, at: datetime | None = None, told_at: datetime | None = None) -> dict[str, Heard]:
    return {source: Heard(source=source, watched_since=NOON, last_event_at=at, last_told_at=told_at)}


def an_announcement(**changes: str | None) -> Announcement:
    plain: dict[str, str | None] = {
        "event_id": "e",
        "type": "flow.version.published",
        "source": "genesys",
        "environment": "prod",
        "flow_id": "flow",
        "flow_name": "Main menu",
        "version_id": "3.0",
    }
    return Announcement(**{**plain, **changes}, announced_at=NOON)  # type: ignore[arg-type]  # texts, all of them


@pytest.mark.parametrize(
    ("last_at", "now", "since"),
    [
        (after(60), after(60 + 3600), None),
        (after(60), after(60 + 3601), after(60)),
        (None, after(3600), None),
        (None, after(3601), NOON),
        (after(7200), after(60), None),
    ],
    ids=["just in time", "too long", "new", "never heard", "clock put back"],
)
def test_a_source_is_silent_once_it_was_for_longer_than_it_expects(
    last_at: datetime | None, now: datetime, since: datetime | None
) -> None:
    found = list(absences(a_config(), heard(at=last_at), (), now=now))

    assert [one.since for one in found] == [at for at in (since,) if at]


def test_a_poll_is_silent_where_nothing_has_gone_live_for_too_long() -> None:
    config = a_config("sources: {asking: {poll: prod, expect_within: 1h}}")

    assert list(absences(config, heard("asking", at=NOON), (), now=after(4000))) == [
        Absence(kind=AbsenceKind.EVENTS, subject="asking", since=NOON)
    ]


def test_a_source_that_expects_nothing_is_never_silent() -> None:
    config = a_config("sources: {genesys: {secrets: [A]}}")

    assert list(absences(config, heard(at=NOON), (), now=after(10**7))) == []


ASKING = "sources: {genesys: {secrets: [A]}, asking: {poll: prod}}"
TWO_DOORS = "sources: {genesys: {secrets: [A]}, aws: {secrets: [A], environment: prod}}"


@pytest.mark.parametrize(
    ("config", "told_at", "announcement", "is_absent"),
    [
        (ASKING, None, an_announcement(), True),
        (ASKING, None, an_announcement(environment="test"), False),
        (ASKING, None, an_announcement(environment=None), False),
        (TWO_DOORS, None, an_announcement(), True),
        (TWO_DOORS, None, an_announcement(environment="test"), False),
        (TWO_DOORS, None, an_announcement(source="aws"), False),
        (DOOR, None, an_announcement(), False),
        (DOOR, NOON, an_announcement(), True),
        (DOOR, NOON, an_announcement(environment=None), True),
        (DOOR, None, an_announcement(type="flow.version.publishing"), True),
    ],
    ids=[
        "polled",
        "another is polled",
        "of no environment",
        "another door",
        "another door of another",
        "only that door",
        "a door that brings announcements alone",
        "a door that has brought more",
        "the same of no environment",
        "under way",
    ],
)
def test_an_announcement_is_missed_only_by_a_source_that_should_tell_of_it(
    config: str, told_at: datetime | None, announcement: Announcement, *, is_absent: bool
) -> None:
    found = list(absences(a_config(config), heard(told_at=told_at), [announcement], now=after(301)))

    assert [one.subject for one in found] == ["e"] * is_absent


@pytest.mark.parametrize(("name", "is_absent"), [("Sales menu", True), ("Main menu", False)])
def test_a_poll_is_waited_for_only_where_the_flow_is_among_its_own(name: str, *, is_absent: bool) -> None:
    config = a_config(ASKING, environments="prod: {region: eu-central-1, name_prefix: 'Sales ', division: d}")

    found = list(absences(config, heard(), [an_announcement(flow_name=name)], now=after(301)))

    assert len(found) == is_absent

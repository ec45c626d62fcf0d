"""What a doctor finds: the clock and the room that is left, judged by what an answer tells."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.doctor import PERMISSIONS, Health, clock_finding, rate_finding
from publisher.genesys.budget import RateLimit
from publisher.genesys.inventory import PROBES

PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("date", ["Mon, 04 May 2026 12:00:00 GMT", "Mon, 04 May 2026 11:59:01 GMT"])
def test_a_clock_that_agrees_is_fine(date: str) -> None:
    assert clock_finding(date, now=NOON).health is Health.OK


@pytest.mark.parametrize(
    ("date", "found"),
    [
        ("Mon, 04 May 2026 11:50:00 GMT", "this machine is 600 s ahead"),
        ("Mon, 04 May 2026 12:02:05 GMT", "this machine is 125 s behind"),
    ],
    ids=["ahead", "behind"],
)
def test_a_clock_that_is_wrong_is_worth_a_warning(date: str, found: str) -> None:
    finding = clock_finding(date, now=NOON)

    assert (finding.health, finding.found) == (Health.WARNING, found)
    assert finding.advice is not None


@pytest.mark.parametrize("date", [None, "", "noon", "Mon, 04 May 2026 12:00:00", "Mon, 04 May 2026 12:00:00 -0000"])
def test_a_time_that_is_not_told_is_not_compared_with(date: str | None) -> None:
    assert clock_finding(date, now=NOON).health is Health.SKIPPED


@pytest.mark.parametrize(("count", "health"), [(3, Health.OK), (240, Health.OK), (241, Health.WARNING)])
def test_little_room_is_worth_a_warning(count: int, health: Health) -> None:
    finding = rate_finding(RateLimit(allowed=300, count=count, reset_s=30))

    assert finding.health is health
    assert finding.found == f"{300 - count} of 300 calls are left for the next 30 s"


def test_a_limit_that_is_not_told_is_not_judged() -> None:
    assert rate_finding(None).health is Health.SKIPPED


def test_every_permission_that_can_be_tried_is() -> None:
    assert set(PROBES) <= {permission.name for permission in PERMISSIONS}


@pytest.mark.parametrize("permission", [permission.name for permission in PERMISSIONS])
def test_every_permission_is_in_the_docs(permission: str) -> None:
    assert f"`{permission}`" in PAGE.read_text()

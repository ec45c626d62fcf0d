from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from receiver.config import Config, Retention
from receiver.doctor import Finding, Health, Surface, file_findings, library_finding, server_findings
from receiver.store import ServerVitals, Vitals
from receiver.store.schema import REVISIONS
from tests.receiver.store.makers import NOON

GB = 10**9
SOUND = Vitals(
    path=Path("/data/receiver.db"),
    mode=0o600,
    size=GB,
    log_size=0,
    free=10 * GB,
    owner=None,
    revision=REVISIONS[-1],
    used=GB,
    newest_at=NOON,
)

SERVED = ServerVitals(version="17.2", used=GB, newest_at=NOON)


def of_server(vitals: ServerVitals) -> list[Finding]:
    return list(server_findings(vitals, Config(), now=NOON))


def findings(vitals: Vitals, surface: Surface | None = None, config: Config | None = None) -> list[Finding]:
    return list(file_findings(vitals, surface or Surface(), config or Config(), now=NOON))


def unhealthy(vitals: Vitals, surface: Surface | None = None, config: Config | None = None) -> list[str]:
    return [each.found for each in findings(vitals, surface, config) if each.health is not Health.OK]


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 2)])
def test_versions_with_the_fault_are_warned_of(version: tuple[int, ...]) -> None:
    finding = library_finding(version)

    assert finding.health is Health.WARNING
    assert "3.51.3" in (finding.advice or "")


@pytest.mark.parametrize("version", [(3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 53, 0)])
def test_versions_in_which_it_is_mended_are_fine(version: tuple[int, ...]) -> None:
    assert library_finding(version).health is Health.OK


def test_a_sound_database_is_fine() -> None:
    assert unhealthy(SOUND) == []


@pytest.mark.parametrize(
    ("vitals", "found"),
    [
        pytest.param(replace(SOUND, revision="0001"), "schema 0001, which is older", id="older"),
        pytest.param(replace(SOUND, mode=0o644), "644: others on this machine may read", id="mode"),
        pytest.param(replace(SOUND, free=20_000_000), "20.0 MB free, which is little", id="little room"),
        pytest.param(replace(SOUND, free=None), "does not say how much room", id="unknown room"),
        pytest.param(replace(SOUND, log_size=100_000_000), "the write-ahead log has 100.0 MB", id="log"),
        pytest.param(replace(SOUND, aside=2), "deliveries that could not be recorded as events: 2", id="aside"),
        pytest.param(replace(SOUND, used=4 * GB), "4.0 GB of 5.0 GB", id="nearly full"),
        pytest.param(replace(SOUND, newest_at=NOON + timedelta(hours=1)), "the last event came in at", id="clock"),
    ],
)
def test_what_should_be_seen_to_is_found(vitals: Vitals, found: str) -> None:
    [finding] = unhealthy(vitals)

    assert found in finding


def test_a_disk_that_does_not_fit_is_found() -> None:
    found = unhealthy(SOUND, Surface(short_lived="memory", distant="nfs4"))

    assert found == ["the file lies in memory", "the file lies on another machine's disk (nfs4)"]


@pytest.mark.parametrize(
    ("used", "newest_in_h", "found"),
    [
        pytest.param(GB, 0, ["ok", "ok", "ok", "ok"], id="sound"),
        pytest.param(4 * GB, 0, ["ok", "ok", "warning", "ok"], id="nearly full"),
        pytest.param(GB, 1, ["ok", "ok", "ok", "warning"], id="clock"),
    ],
)
def test_a_database_on_a_server_is_looked_at(used: int, newest_in_h: int, found: list[str]) -> None:
    looked_at = of_server(replace(SERVED, used=used, newest_at=NOON + timedelta(hours=newest_in_h)))

    assert looked_at[0].found == "PostgreSQL 17.2, with the schema of this release"
    assert [each.health for each in looked_at] == found


@pytest.mark.parametrize(
    ("ahead_s", "found", "follows"),
    [
        pytest.param(
            12.4,
            "it is 12 s ahead of the database server's",
            "what others have leased it takes over too early",
            id="ahead",
        ),
        pytest.param(
            -7200,
            "it is 7,200 s behind the database server's",
            "what it has leased others take over too early",
            id="behind",
        ),
    ],
)
def test_a_clock_that_is_not_the_servers_is_told_with_what_follows(ahead_s: float, found: str, follows: str) -> None:
    [finding] = [each for each in of_server(replace(SERVED, ahead=timedelta(seconds=ahead_s))) if each.advice]

    assert (finding.check, finding.health, finding.found) == ("clock", Health.WARNING, found)
    assert follows in (finding.advice or "")


@pytest.mark.parametrize("ahead_s", [-2.0, 0.0, 1.9])
def test_a_clock_that_is_near_the_servers_is_fine(ahead_s: float) -> None:
    found = of_server(replace(SERVED, ahead=timedelta(seconds=ahead_s)))

    assert [each.health for each in found] == ["ok"] * 4


def test_a_server_that_does_not_log_whole_pages_is_warned_of() -> None:
    [finding] = [each for each in of_server(replace(SERVED, writes_full_pages=False)) if each.advice]

    assert (finding.check, finding.health) == ("database", Health.WARNING)
    assert "full_page_writes = off" in finding.found


def test_who_uses_it_is_told() -> None:
    [finding] = [each for each in findings(replace(SOUND, owner="4711")) if each.check == "owner"]

    assert finding.found == "process 4711 uses it"
    assert finding.command == "receiver events list"


def test_without_a_limit_nothing_is_full() -> None:
    config = Config(retention=Retention(max_bytes=None))

    assert [each.check for each in findings(replace(SOUND, used=500), config=config)].count("size") == 0

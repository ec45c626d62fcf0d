"""Where a change came from, as the CI system's own variables say it."""

from collections.abc import Mapping

import pytest

from publisher.provenance import CI_SYSTEMS, Provenance, provenance_of

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/ivr",
    "GITHUB_SHA": "c0ffee",
    "GITHUB_REF": "refs/pull/12/merge",
    "GITHUB_RUN_ID": "77",
    "GITHUB_ACTOR": "kim",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_PROJECT_URL": "https://gitlab.example.com/acme/ivr",
    "CI_COMMIT_SHA": "c0ffee",
    "CI_COMMIT_REF_NAME": "main",
    "CI_JOB_URL": "https://gitlab.example.com/acme/ivr/-/jobs/9",
    "CI_ENVIRONMENT_NAME": "prod",
    "GITLAB_USER_LOGIN": "kim",
}
JENKINS = {
    "JENKINS_URL": "https://ci.example.com/",
    "GIT_URL": "https://kim:hunter2@git.example.com/acme/ivr.git",
    "GIT_COMMIT": "c0ffee",
    "GIT_BRANCH": "origin/main",
    "BUILD_URL": "https://ci.example.com/job/ivr/5/",
}
AZURE = {
    "TF_BUILD": "True",
    "BUILD_REPOSITORY_URI": "https://acme@dev.azure.com/acme/_git/ivr",
    "BUILD_SOURCEVERSION": "c0ffee",
    "BUILD_SOURCEBRANCH": "refs/heads/main",
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/",
    "SYSTEM_TEAMPROJECT": "voice",
    "BUILD_BUILDID": "31",
    "BUILD_REQUESTEDFOR": "Kim Doe",
}
BUILDKITE = {
    "BUILDKITE": "true",
    "BUILDKITE_REPO": "git@github.com:acme/ivr.git",
    "BUILDKITE_COMMIT": "c0ffee",
    "BUILDKITE_BRANCH": "main",
    "BUILDKITE_PULL_REQUEST": "false",
    "BUILDKITE_BUILD_URL": "https://buildkite.com/acme/ivr/builds/4",
    "BUILDKITE_BUILD_CREATOR": "Kim",
}


@pytest.mark.parametrize(
    ("environ", "provenance"),
    [
        (
            GITHUB,
            Provenance(
                repository="https://github.com/acme/ivr",
                commit="c0ffee",
                ref="refs/pull/12/merge",
                pull_request="12",
                run_url="https://github.com/acme/ivr/actions/runs/77",
                actor="kim",
            ),
        ),
        (
            GITLAB,
            Provenance(
                repository="https://gitlab.example.com/acme/ivr",
                commit="c0ffee",
                ref="main",
                run_url="https://gitlab.example.com/acme/ivr/-/jobs/9",
                environment="prod",
                actor="kim",
            ),
        ),
        (
            JENKINS,
            Provenance(
                repository="https://git.example.com/acme/ivr.git",
                commit="c0ffee",
                ref="origin/main",
                run_url="https://ci.example.com/job/ivr/5/",
            ),
        ),
        (
            AZURE,
            Provenance(
                repository="https://dev.azure.com/acme/_git/ivr",
                commit="c0ffee",
                ref="refs/heads/main",
                run_url="https://dev.azure.com/acme/voice/_build/results?buildId=31",
                actor="Kim Doe",
            ),
        ),
        (
            BUILDKITE,
            Provenance(
                repository="git@github.com:acme/ivr.git",
                commit="c0ffee",
                ref="main",
                run_url="https://buildkite.com/acme/ivr/builds/4",
                actor="Kim",
            ),
        ),
        ({"USER": "kim"}, Provenance(actor="kim")),
        ({}, Provenance()),
    ],
    ids=["GitHub", "GitLab", "Jenkins", "Azure", "Buildkite", "by hand", "nothing known"],
)
def test_each_ci_system_is_read_by_its_own_names(environ: Mapping[str, str], provenance: Provenance) -> None:
    assert provenance_of(environ) == provenance


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", "12"), ("https://github.com/acme/ivr/pull/12", "12"), ("false", None), ("release-12", None)],
)
def test_a_pull_request_is_known_by_its_number(text: str, number: str | None) -> None:
    environ = {"CIRCLECI": "true", "CIRCLE_PULL_REQUEST": text}

    assert provenance_of(environ).pull_request == number


def test_a_branch_that_ends_in_a_number_is_no_pull_request() -> None:
    assert provenance_of(GITHUB | {"GITHUB_REF": "refs/heads/fix/12"}).pull_request is None


def test_a_url_of_which_a_part_is_unknown_is_left_out() -> None:
    assert provenance_of(GITHUB | {"GITHUB_RUN_ID": ""}).run_url is None


def test_every_ci_system_says_at_least_commit_ref_and_run() -> None:
    assert all(system.commit and system.ref and system.run_url for system in CI_SYSTEMS)

"""Where a change came from, as the CI system's own variables say it.

One table; another system is one more entry. A template counts only when all its variables are set, and the first that
counts is taken.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """Which change a version was made from, and who set it off. What is not known is None."""

    repository: str | None = None
    commit: str | None = None
    ref: str | None = None
    pull_request: str | None = None
    run_url: str | None = None
    file: str | None = None
    content_hash: str | None = None
    environment: str | None = None
    governance_id: str | None = None
    actor: str | None = None
    reason: str | None = None
    """Why somebody did it by hand: rolled back, blocked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CiSystem:
    """A CI system: the variable that tells it, and the templates of what it knows."""

    name: str
    marker: str
    repository: Sequence[str] = ()
    commit: Sequence[str] = ()
    ref: Sequence[str] = ()
    pull_request: Sequence[str] = ()
    run_url: Sequence[str] = ()
    environment: Sequence[str] = ()
    actor: Sequence[str] = ()


CI_SYSTEMS: Sequence[CiSystem] = (
    CiSystem(
        name="GitHub Actions",  # Forgejo and Gitea set the same variables
        marker="GITHUB_ACTIONS",
        repository=["{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}"],
        commit=["{GITHUB_SHA}"],
        ref=["{GITHUB_REF}"],
        pull_request=["{GITHUB_REF}"],
        run_url=["{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}"],
        actor=["{GITHUB_TRIGGERING_ACTOR}", "{GITHUB_ACTOR}"],
    ),
    CiSystem(
        name="GitLab",
        marker="GITLAB_CI",
        repository=["{CI_PROJECT_URL}"],
        commit=["{CI_COMMIT_SHA}"],
        ref=["{CI_COMMIT_REF_NAME}"],
        pull_request=["{CI_MERGE_REQUEST_IID}"],
        run_url=["{CI_JOB_URL}", "{CI_PIPELINE_URL}"],
        environment=["{CI_ENVIRONMENT_NAME}"],
        actor=["{GITLAB_USER_LOGIN}"],
    ),
    CiSystem(
        name="Jenkins",
        marker="JENKINS_URL",
        repository=["{GIT_URL}", "{GIT_URL_1}"],
        commit=["{GIT_COMMIT}"],
        ref=["{BRANCH_NAME}", "{GIT_BRANCH}"],
        pull_request=["{CHANGE_ID}"],
        run_url=["{BUILD_URL}"],
        actor=["{BUILD_USER_ID}", "{CHANGE_AUTHOR}"],
    ),
    CiSystem(
        name="Azure Pipelines",
        marker="TF_BUILD",
        repository=["{BUILD_REPOSITORY_URI}"],
        commit=["{BUILD_SOURCEVERSION}"],
        ref=["{BUILD_SOURCEBRANCH}"],
        pull_request=["{SYSTEM_PULLREQUEST_PULLREQUESTNUMBER}", "{SYSTEM_PULLREQUEST_PULLREQUESTID}"],
        run_url=["{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}"],
        environment=["{ENVIRONMENT_NAME}"],
        actor=["{BUILD_REQUESTEDFOR}"],
    ),
    CiSystem(
        name="Buildkite",
        marker="BUILDKITE",
        repository=["{BUILDKITE_REPO}"],
        commit=["{BUILDKITE_COMMIT}"],
        ref=["{BUILDKITE_BRANCH}"],
        pull_request=["{BUILDKITE_PULL_REQUEST}"],
        run_url=["{BUILDKITE_BUILD_URL}"],
        actor=["{BUILDKITE_BUILD_CREATOR}"],
    ),
    CiSystem(
        name="CircleCI",
        marker="CIRCLECI",
        repository=["{CIRCLE_REPOSITORY_URL}"],
        commit=["{CIRCLE_SHA1}"],
        ref=["{CIRCLE_BRANCH}", "{CIRCLE_TAG}"],
        pull_request=["{CIRCLE_PULL_REQUEST}"],
        run_url=["{CIRCLE_BUILD_URL}"],
        actor=["{CIRCLE_USERNAME}"],
    ),
    CiSystem(
        name="Bitbucket Pipelines",
        marker="BITBUCKET_BUILD_NUMBER",
        repository=["{BITBUCKET_GIT_HTTP_ORIGIN}"],
        commit=["{BITBUCKET_COMMIT}"],
        ref=["{BITBUCKET_BRANCH}", "{BITBUCKET_TAG}"],
        pull_request=["{BITBUCKET_PR_ID}"],
        run_url=["{BITBUCKET_GIT_HTTP_ORIGIN}/pipelines/results/{BITBUCKET_BUILD_NUMBER}"],
        environment=["{BITBUCKET_DEPLOYMENT_ENVIRONMENT}"],
        actor=["{BITBUCKET_STEP_TRIGGERER_UUID}"],
    ),
    CiSystem(
        name="AWS CodeBuild",
        marker="CODEBUILD_BUILD_ARN",
        repository=["{CODEBUILD_SOURCE_REPO_URL}"],
        commit=["{CODEBUILD_RESOLVED_SOURCE_VERSION}"],
        ref=["{CODEBUILD_WEBHOOK_HEAD_REF}", "{CODEBUILD_SOURCE_VERSION}"],
        pull_request=["{CODEBUILD_WEBHOOK_TRIGGER}"],
        run_url=["{CODEBUILD_BUILD_URL}"],
        actor=["{CODEBUILD_INITIATOR}"],
    ),
    CiSystem(
        name="Drone",
        marker="DRONE",
        repository=["{DRONE_REPO_LINK}"],
        commit=["{DRONE_COMMIT_SHA}"],
        ref=["{DRONE_COMMIT_REF}"],
        pull_request=["{DRONE_PULL_REQUEST}"],
        run_url=["{DRONE_BUILD_LINK}"],
        environment=["{DRONE_DEPLOY_TO}"],
        actor=["{DRONE_COMMIT_AUTHOR}"],
    ),
    CiSystem(
        name="Woodpecker",
        marker="CI_PIPELINE_FORGE_URL",
        repository=["{CI_REPO_URL}"],
        commit=["{CI_COMMIT_SHA}"],
        ref=["{CI_COMMIT_REF}"],
        pull_request=["{CI_COMMIT_PULL_REQUEST}"],
        run_url=["{CI_PIPELINE_URL}"],
        environment=["{CI_PIPELINE_DEPLOY_TARGET}"],
        actor=["{CI_COMMIT_AUTHOR}"],
    ),
)

BY_HAND = CiSystem(name="by hand", marker="", actor=["{USER}", "{LOGNAME}", "{USERNAME}"])
"""What is known where no CI system runs the command."""

PULL_REQUEST = re.compile(r"(?:.*/pulls?/|pr/)?(?P<number>[0-9]+)(?:/(?:merge|head))?")
"""A number by itself, or as it stands in a ref (`refs/pull/12/merge`), a URL or a trigger (`pr/12`)."""


def provenance_of(environ: Mapping[str, str]) -> Provenance:
    """What the variables of the CI system that runs the command tell; by hand, only the user's name."""
    system = next((system for system in CI_SYSTEMS if environ.get(system.marker)), BY_HAND)
    return Provenance(
        repository=_without_password(_first(environ, system.repository)),
        commit=_first(environ, system.commit),
        ref=_first(environ, system.ref),
        pull_request=_number(_first(environ, system.pull_request)),
        run_url=_without_password(_first(environ, system.run_url)),
        environment=_first(environ, system.environment),
        actor=_first(environ, system.actor),
    )


def _first(environ: Mapping[str, str], templates: Sequence[str]) -> str | None:
    """The first of the templates whose variables are all set, filled in."""
    return next((text for template in templates if (text := _filled(environ, template))), None)


def _filled(environ: Mapping[str, str], template: str) -> str | None:
    names = re.findall(r"\{(\w+)\}", template)
    return template.format_map(environ) if all(environ.get(name) for name in names) else None


def _number(text: str | None) -> str | None:
    """The pull request's number; None for a branch, or Buildkite's `false`."""
    found = PULL_REQUEST.fullmatch(text or "")
    return found["number"] if found else None


def _without_password(url: str | None) -> str | None:
    """The URL without user name and password, which CI systems put into the URLs that they clone from."""
    if url is None or "://" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

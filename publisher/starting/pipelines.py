"""The pipelines that a project begins with: changes are checked, and what is merged is published."""

from publisher.settings import RECEIVER_TOKEN, WEBHOOK_SECRET
from publisher.starting.beginning import Beginning, NewFile


def github_workflow(beginning: Beginning) -> NewFile:
    """A workflow for GitHub: pull requests are checked and planned, the default branch is published."""
    names = _ci_names(beginning)
    environ = "\n".join(f"      {name}: ${{{{ secrets.{name} }}}}" for name in names)
    text = f"""\
# Checks the flow files of pull requests, says in a comment what publishing them would change, and publishes those of
# the main branch. It needs these secrets in the repository's settings:
# {", ".join(names)}
name: flows
on:
  pull_request:
    paths: [flows/**, config/**]
  push:
    branches: [main]
    paths: [flows/**, config/**]
permissions:
  contents: read
jobs:
  validate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with: {{python-version: "3.12"}}
      - run: pip install --quiet flow-relay=={beginning.version}
      - run: publisher config check
      - run: publisher validate --format github
  plan:
    needs: validate
    if: github.event_name == 'pull_request' && !github.event.pull_request.head.repo.fork
    runs-on: ubuntu-latest
    permissions: {{contents: read, pull-requests: write}}
    env:
{environ}
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with: {{python-version: "3.12"}}
      - run: pip install --quiet flow-relay=={beginning.version}
      - run: publisher plan --env {beginning.environment} --report markdown=plan.md
      - if: ${{{{ !cancelled() && hashFiles('plan.md') != '' }}}}
        env:
          GH_TOKEN: ${{{{ github.token }}}}
          PR: ${{{{ github.event.number }}}}
        run: gh pr comment "$PR" --body-file plan.md --edit-last --create-if-none
  publish:
    needs: validate
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    concurrency: {{group: "publish-{beginning.environment}", cancel-in-progress: false}}
    env:
{environ}
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with: {{python-version: "3.12"}}
      - run: pip install --quiet flow-relay=={beginning.version}
      - run: publisher publish --env {beginning.environment}   # of a protected environment: --yes
"""
    return NewFile(path=".github/workflows/flows.yml", text=text)


def gitlab_pipeline(beginning: Beginning) -> NewFile:
    """A pipeline for GitLab: merge requests are checked and planned, the default branch is published."""
    text = f"""\
# Checks the flow files of merge requests, says what publishing them would change, and publishes those of the default
# branch. It needs these CI/CD variables, masked and protected: {", ".join(_ci_names(beginning))}
.flow-relay:
  image: python:3.12-slim
  before_script:
    - pip install --quiet --root-user-action=ignore flow-relay=={beginning.version}

validate-flows:
  extends: .flow-relay
  stage: test
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - publisher config check
    - publisher validate --report junit=flow-relay.xml
  artifacts:
    when: always
    reports: {{junit: flow-relay.xml}}

plan-flows:
  extends: .flow-relay
  stage: test
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  # Protected variables are not there for branches that are not: then there is nothing to ask with, and it ends with 2.
  allow_failure: {{exit_codes: 2}}
  script:
    - publisher plan --env {beginning.environment} --report markdown=plan.md
  artifacts:
    when: always
    expose_as: flow-relay plan
    paths: [plan.md]

publish-flows:
  extends: .flow-relay
  stage: deploy
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  resource_group: publish-{beginning.environment}
  environment: {beginning.environment}
  script:
    - publisher publish --env {beginning.environment}   # of a protected environment: --yes
"""
    return NewFile(path=".gitlab-ci.yml", text=text)


def _ci_names(beginning: Beginning) -> list[str]:
    return [beginning.client_id, beginning.client_secret, "CI_WEBHOOK_URL", WEBHOOK_SECRET, RECEIVER_TOKEN]

"""The code for Amazon EventBridge, read as Terraform and CloudFormation would read it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from publisher.errors import UsageError
from publisher.eventbridge import Bridge, cloudformation, terraform

hcl2 = pytest.importorskip("hcl2")

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "samples" / "eventbridge"
DOCS = (ROOT / "docs" / "eventbridge.md").read_text()
URL = "https://relay.example.com/webhooks/genesys"
EVENT_SOURCE = "aws.partner/genesys.com/cloud/23faea37-1117-4c0a-88a2-572c46780b03/ci"
HEADER = "X-Genesys-Webhook-Secret"
KNOWN = Bridge(url=URL, event_source=EVENT_SOURCE)
DAY_S = 86_400


class Template(yaml.SafeLoader):
    """Reads a template's short forms as the long ones: `!Ref X` is {"Ref": "X"}."""

    def read_function(self, tag: str, node: yaml.Node) -> dict[str, Any]:
        if isinstance(node, yaml.SequenceNode):
            value: Any = self.construct_sequence(node, deep=True)
        else:
            value = self.construct_scalar(node)  # type: ignore[arg-type]  # they stand before lists and texts alone
        return {tag if tag == "Ref" else f"Fn::{tag}": value}


Template.add_multi_constructor("!", Template.read_function)


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever HCL holds
    """What the HCL parser gives, without the quotes that it leaves around texts and names."""
    match value:
        case dict():
            return {plain(key): plain(each) for key, each in value.items() if key != "__is_block__"}
        case list():
            return [plain(each) for each in value]
        case str():
            return value.strip('"')
    return value


def module(bridge: Bridge = KNOWN) -> Mapping[str, Any]:
    """A module's blocks by their kind; resources by their type, variables by their name."""
    read = plain(hcl2.loads(terraform(bridge)))
    resources = {kind: next(iter(named.values())) for block in read["resource"] for kind, named in block.items()}
    variables = {name: each for block in read["variable"] for name, each in block.items()}
    return {"resource": resources, "variable": variables, "output": read["output"]}


def template(bridge: Bridge = KNOWN) -> Mapping[str, Any]:
    read: Mapping[str, Any] = yaml.load(cloudformation(bridge), Template)  # noqa: S506 - a SafeLoader
    return read


def resources(read: Mapping[str, Any]) -> dict[str, Any]:
    """A template's resources by their type."""
    return {each["Type"]: each["Properties"] for each in read["Resources"].values()}


def sample_topic() -> str:
    """The topic of a real event, as a rule sees it."""
    return str(json.loads((SAMPLES / "flow-publish-success.json").read_text())["detail-type"])


def test_terraform_takes_the_events_of_flows() -> None:
    rule = module()["resource"]["aws_cloudwatch_event_rule"]

    assert rule["event_pattern"] == f'${{jsonencode({{"detail-type" = ["{sample_topic()}"]}})}}'


def test_cloudformation_takes_the_events_of_flows() -> None:
    rule = resources(template())["AWS::Events::Rule"]

    assert rule["EventPattern"] == {"detail-type": [sample_topic()]}


def test_terraform_sends_them_with_the_header_that_the_receiver_knows() -> None:
    read = module()["resource"]

    connection = read["aws_cloudwatch_event_connection"]
    (parameters,) = connection["auth_parameters"]
    assert connection["authorization_type"] == "API_KEY"
    assert parameters["api_key"] == [{"key": HEADER, "value": "${var.webhook_secret}"}]
    destination = read["aws_cloudwatch_event_api_destination"]
    assert (destination["invocation_endpoint"], destination["http_method"]) == ("${var.webhook_url}", "POST")


def test_cloudformation_sends_them_with_the_header_that_the_receiver_knows() -> None:
    read = resources(template())

    assert read["AWS::Events::Connection"]["AuthorizationType"] == "API_KEY"
    assert read["AWS::Events::Connection"]["AuthParameters"] == {
        "ApiKeyAuthParameters": {"ApiKeyName": HEADER, "ApiKeyValue": {"Ref": "WebhookSecret"}}
    }
    assert read["AWS::Events::ApiDestination"]["InvocationEndpoint"] == {"Ref": "WebhookUrl"}
    assert read["AWS::Events::ApiDestination"]["HttpMethod"] == "POST"


def test_terraform_keeps_what_could_not_be_delivered() -> None:
    read = module()["resource"]

    target = read["aws_cloudwatch_event_target"]
    assert target["dead_letter_config"] == [{"arn": "${aws_sqs_queue.undelivered.arn}"}]
    assert target["retry_policy"] == [{"maximum_event_age_in_seconds": DAY_S, "maximum_retry_attempts": 185}]
    assert "aws_cloudwatch_event_rule.flows.arn" in read["aws_sqs_queue_policy"]["policy"]
    assert read["aws_sqs_queue"]["message_retention_seconds"] == 14 * DAY_S
    assert read["aws_cloudwatch_metric_alarm"]["dimensions"] == {"QueueName": "${aws_sqs_queue.undelivered.name}"}


def test_cloudformation_keeps_what_could_not_be_delivered() -> None:
    read = resources(template())

    (target,) = read["AWS::Events::Rule"]["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": "Undelivered.Arn"}}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": DAY_S, "MaximumRetryAttempts": 185}
    (allowed,) = read["AWS::SQS::QueuePolicy"]["PolicyDocument"]["Statement"]
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": "FlowEvents.Arn"}}}
    assert read["AWS::SQS::Queue"]["MessageRetentionPeriod"] == 14 * DAY_S


def test_what_is_known_is_a_default() -> None:
    variables, parameters = module()["variable"], template()["Parameters"]

    assert variables["webhook_url"]["default"] == parameters["WebhookUrl"]["Default"] == URL
    assert variables["event_source"]["default"] == parameters["EventSource"]["Default"] == EVENT_SOURCE


def test_what_is_not_known_is_asked_for() -> None:
    variables, parameters = module(Bridge())["variable"], template(Bridge())["Parameters"]

    assert [name for name, each in variables.items() if "default" not in each] == [
        "webhook_secret",
        "webhook_url",
        "event_source",
    ]
    assert [name for name, each in parameters.items() if "Default" not in each] == [
        "WebhookSecret",
        "WebhookUrl",
        "EventSource",
    ]


def test_the_secret_is_asked_for_in_secret() -> None:
    assert module()["variable"]["webhook_secret"]["sensitive"] is True
    assert template()["Parameters"]["WebhookSecret"]["NoEcho"] is True


def test_nothing_in_terraform_leads_nowhere() -> None:
    text = terraform(KNOWN)
    named = set(re.findall(r"\b(aws_[a-z_]+\.[a-z]+)\b", text)) | set(re.findall(r"\bvar\.[a-z_]+", text))
    made = {f"{kind}.{name}" for kind, name in re.findall(r'^resource "(\w+)" "(\w+)"', text, re.MULTILINE)}
    variables = {f"var.{name}" for name in re.findall(r'^variable "(\w+)"', text, re.MULTILINE)}

    assert named - made - {"aws_caller_identity.current"} == variables


def test_nothing_in_the_template_leads_nowhere() -> None:
    text, read = cloudformation(KNOWN), template()

    named = set(re.findall(r"!(?:Ref|GetAtt) (\w+)", text))
    assert named - set(read["Parameters"]) - set(read["Resources"]) == set()
    assert set(read["Parameters"]) - named == set()


def test_an_address_is_no_code() -> None:
    bridge = Bridge(url='https://relay.example.com/${var.x}%{if}"\\/#:')

    assert 'default     = "https://relay.example.com/$${var.x}%%{if}\\"\\\\/#:"\n' in terraform(bridge)
    assert template(bridge)["Parameters"]["WebhookUrl"]["Default"] == bridge.url


@pytest.mark.parametrize(
    "url",
    [
        "http://relay.example.com/webhooks/genesys",
        "relay.example.com",
        "https://a:b@relay.example.com/",
        f"{URL}/{'x' * 2048}",
    ],
    ids=["no TLS", "no URL", "password", "too long"],
)
def test_an_address_that_eventbridge_cannot_call_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="the receiver's URL"):
        Bridge(url=url)


@pytest.mark.parametrize(
    "name", ["genesys", "aws.partner/genesys.com/cloud/x", f"{EVENT_SOURCE}\n", "aws.partner/other.com/a/b"]
)
def test_an_event_source_of_another_kind_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="partner event source"):
        Bridge(event_source=name)


@pytest.mark.parametrize("name", [*module()["variable"], *template()["Parameters"]])
def test_everything_that_can_be_set_is_in_the_docs(name: str) -> None:
    assert f"`{name}`" in DOCS

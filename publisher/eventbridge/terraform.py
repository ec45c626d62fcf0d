"""The bridge as a Terraform module in one file."""

import json

from publisher.eventbridge.bridge import Bridge

MODULE = r"""# Hands Genesys Cloud's flow events to flow-relay's receiver.
# Made by `publisher eventbridge terraform`.
#
# Before: in Genesys Cloud, activate the integration "Amazon EventBridge Source" for this account and region, with the
# topic v2.flows.{id}. AWS then shows a partner event source that waits to be associated: its name is event_source.
#
#   export TF_VAR_webhook_secret=...    # the receiver's CI_WEBHOOK_SECRET
#   terraform init && terraform apply

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "webhook_secret" {
  description = "What the receiver knows Genesys Cloud by. It comes to stand in the state: keep that private."
  type        = string
  sensitive   = true
  validation {
    condition     = can(regex("^[!-~]{1,512}$", var.webhook_secret))
    error_message = "Give printable ASCII without spaces, at most 512 characters."
  }
}

variable "webhook_url" {
  description = "Where the receiver listens, path included: https://relay.example.com/webhooks/genesys"
  type        = string
@url@  validation {
    condition     = can(regex("^https://", var.webhook_url))
    error_message = "EventBridge calls https URLs only."
  }
}

variable "event_source" {
  description = "The partner event source of your organization: aws.partner/genesys.com/cloud/ORGANIZATION/SUFFIX"
  type        = string
@source@  validation {
    condition     = can(regex("^aws\\.partner/genesys\\.com/", var.event_source))
    error_message = "Give the name as AWS shows it: aws.partner/genesys.com/cloud/ORGANIZATION/SUFFIX."
  }
}

variable "create_event_bus" {
  description = "false where the event source has its event bus already: there is one at most."
  type        = bool
  default     = true
}

variable "name" {
  description = "What the names of the resources begin with."
  type        = string
  default     = "flow-relay"
}

variable "alarm_actions" {
  description = "Whom to tell of events that could not be delivered: ARNs of SNS topics."
  type        = list(string)
  default     = []
}

data "aws_caller_identity" "current" {}

locals {
  event_bus = var.create_event_bus ? aws_cloudwatch_event_bus.genesys[0].name : var.event_source
}

resource "aws_cloudwatch_event_bus" "genesys" {
  count             = var.create_event_bus ? 1 : 0
  name              = var.event_source
  event_source_name = var.event_source
}

# "v2.flows.{id}" is meant literally, braces and all: the flow's id stands in detail.topicName. Every operation on a
# flow comes through; the receiver knows which of them is a publication, and keeps the others as its history.
resource "aws_cloudwatch_event_rule" "flows" {
  name           = "${var.name}-flows"
  description    = "Operations on Genesys Cloud flows, for flow-relay."
  event_bus_name = local.event_bus
  event_pattern  = jsonencode({ "detail-type" = ["v2.flows.{id}"] })
}

resource "aws_cloudwatch_event_connection" "receiver" {
  name               = "${var.name}-receiver"
  description        = "The header that flow-relay's receiver knows Genesys Cloud by."
  authorization_type = "API_KEY"
  auth_parameters {
    api_key {
      key   = "X-Genesys-Webhook-Secret"
      value = var.webhook_secret
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "receiver" {
  name                = "${var.name}-receiver"
  description         = "flow-relay's receiver."
  invocation_endpoint = var.webhook_url
  http_method         = "POST"
  connection_arn      = aws_cloudwatch_event_connection.receiver.arn
}

resource "aws_iam_role" "deliver" {
  name = "${var.name}-deliver"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "deliver" {
  name = "call-the-receiver"
  role = aws_iam_role.deliver.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "events:InvokeApiDestination"
      Resource = aws_cloudwatch_event_api_destination.receiver.arn
    }]
  })
}

# Tried for a day, as often as EventBridge can; then the event waits here for two weeks.
resource "aws_cloudwatch_event_target" "receiver" {
  rule           = aws_cloudwatch_event_rule.flows.name
  event_bus_name = local.event_bus
  arn            = aws_cloudwatch_event_api_destination.receiver.arn
  role_arn       = aws_iam_role.deliver.arn
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }
  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }
}

resource "aws_sqs_queue" "undelivered" {
  name                      = "${var.name}-undelivered"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "undelivered" {
  queue_url = aws_sqs_queue.undelivered.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.undelivered.arn
      Principal = { Service = "events.amazonaws.com" }
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.flows.arn } }
    }]
  })
}

resource "aws_cloudwatch_metric_alarm" "undelivered" {
  alarm_name          = "${var.name}-undelivered"
  alarm_description   = "Flow events did not reach flow-relay's receiver."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.undelivered.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
}

output "undelivered_queue_url" {
  description = "Where events wait that could not be delivered."
  value       = aws_sqs_queue.undelivered.url
}
"""


def terraform(bridge: Bridge) -> str:
    """The module; what the bridge does not say is a variable without a default."""
    return MODULE.replace("@url@", default(bridge.url)).replace("@source@", default(bridge.event_source))


def default(value: str | None) -> str:
    """The line that gives a variable its default, where there is one."""
    return "" if value is None else f"  default     = {literal(value)}\n"


def literal(text: str) -> str:
    """A text as HCL writes it: like JSON, but `${` and `%{` would begin an expression."""
    return json.dumps(text).replace("${", "$${").replace("%{", "%%{")

"""The bridge as a CloudFormation template."""

import json

from publisher.eventbridge.bridge import Bridge

TEMPLATE = r"""# Hands Genesys Cloud's flow events to flow-relay's receiver.
# Made by `publisher eventbridge cloudformation`.
#
# Before: in Genesys Cloud, activate the integration "Amazon EventBridge Source" for this account and region, with the
# topic v2.flows.{id}. AWS then shows a partner event source that waits to be associated: its name is EventSource.
#
#   aws cloudformation deploy --stack-name flow-relay --template-file FILE --capabilities CAPABILITY_IAM \
#     --parameter-overrides "WebhookSecret=$CI_WEBHOOK_SECRET"
AWSTemplateFormatVersion: "2010-09-09"
Description: Hands Genesys Cloud's flow events to flow-relay's receiver.

Parameters:
  WebhookSecret:
    Description: What the receiver knows Genesys Cloud by, its CI_WEBHOOK_SECRET.
    Type: String
    NoEcho: true
    AllowedPattern: ^[!-~]{1,512}$
    ConstraintDescription: printable ASCII without spaces, at most 512 characters
  WebhookUrl:
    Description: Where the receiver listens, path included, such as https://relay.example.com/webhooks/genesys
    Type: String
@url@    AllowedPattern: ^https://\S+$
    ConstraintDescription: an https URL, for EventBridge calls no others
  EventSource:
    Description: The partner event source of your organization, aws.partner/genesys.com/cloud/ORGANIZATION/SUFFIX
    Type: String
@source@    AllowedPattern: ^aws\.partner/genesys\.com/\S+$
    ConstraintDescription: the name as AWS shows it, aws.partner/genesys.com/cloud/ORGANIZATION/SUFFIX
  CreateEventBus:
    Description: no, where the event source has its event bus already (there is one at most).
    Type: String
    Default: "yes"
    AllowedValues: ["yes", "no"]
  AlarmTopic:
    Description: Whom to tell of events that could not be delivered, the ARN of an SNS topic; or nobody.
    Type: String
    Default: ""

Conditions:
  MakesEventBus: !Equals [!Ref CreateEventBus, "yes"]
  HasAlarmTopic: !Not [!Equals [!Ref AlarmTopic, ""]]

Resources:
  EventBus:
    Type: AWS::Events::EventBus
    Condition: MakesEventBus
    Properties:
      Name: !Ref EventSource
      EventSourceName: !Ref EventSource

  # "v2.flows.{id}" is meant literally, braces and all: the flow's id stands in detail.topicName. Every operation on a
  # flow comes through; the receiver knows which of them is a publication, and keeps the others as its history.
  # Tried for a day, as often as EventBridge can; then the event waits in the queue for two weeks.
  FlowEvents:
    Type: AWS::Events::Rule
    Properties:
      Description: Operations on Genesys Cloud flows, for flow-relay.
      EventBusName: !If [MakesEventBus, !Ref EventBus, !Ref EventSource]
      EventPattern:
        detail-type: ["v2.flows.{id}"]
      Targets:
        - Id: receiver
          Arn: !GetAtt Receiver.Arn
          RoleArn: !GetAtt DeliverRole.Arn
          RetryPolicy:
            MaximumEventAgeInSeconds: 86400
            MaximumRetryAttempts: 185
          DeadLetterConfig:
            Arn: !GetAtt Undelivered.Arn

  ReceiverConnection:
    Type: AWS::Events::Connection
    Properties:
      Description: The header that flow-relay's receiver knows Genesys Cloud by.
      AuthorizationType: API_KEY
      AuthParameters:
        ApiKeyAuthParameters:
          ApiKeyName: X-Genesys-Webhook-Secret
          ApiKeyValue: !Ref WebhookSecret

  Receiver:
    Type: AWS::Events::ApiDestination
    Properties:
      Description: flow-relay's receiver.
      InvocationEndpoint: !Ref WebhookUrl
      HttpMethod: POST
      ConnectionArn: !GetAtt ReceiverConnection.Arn

  DeliverRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: sts:AssumeRole
            Principal: {Service: events.amazonaws.com}
            Condition: {StringEquals: {"aws:SourceAccount": !Ref "AWS::AccountId"}}
      Policies:
        - PolicyName: call-the-receiver
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: events:InvokeApiDestination
                Resource: !GetAtt Receiver.Arn

  Undelivered:
    Type: AWS::SQS::Queue
    UpdateReplacePolicy: Retain
    DeletionPolicy: Retain
    Properties:
      MessageRetentionPeriod: 1209600
      SqsManagedSseEnabled: true

  UndeliveredPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Undelivered]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: sqs:SendMessage
            Resource: !GetAtt Undelivered.Arn
            Principal: {Service: events.amazonaws.com}
            Condition: {ArnEquals: {"aws:SourceArn": !GetAtt FlowEvents.Arn}}

  UndeliveredAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: Flow events did not reach flow-relay's receiver.
      Namespace: AWS/SQS
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions: [{Name: QueueName, Value: !GetAtt Undelivered.QueueName}]
      Statistic: Maximum
      Period: 300
      EvaluationPeriods: 1
      ComparisonOperator: GreaterThanThreshold
      Threshold: 0
      TreatMissingData: notBreaching
      AlarmActions: !If [HasAlarmTopic, [!Ref AlarmTopic], !Ref "AWS::NoValue"]

Outputs:
  UndeliveredQueueUrl:
    Description: Where events wait that could not be delivered.
    Value: !Ref Undelivered
"""


def cloudformation(bridge: Bridge) -> str:
    """The template; what the bridge does not say is a parameter without a default."""
    return TEMPLATE.replace("@url@", default(bridge.url)).replace("@source@", default(bridge.event_source))


def default(value: str | None) -> str:
    """The line that gives a parameter its default, where there is one."""
    return "" if value is None else f"    Default: {json.dumps(value)}\n"

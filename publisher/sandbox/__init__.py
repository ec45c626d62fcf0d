"""A Genesys Cloud organization in memory, for trying things out and for tests; it misbehaves on request."""

from publisher.sandbox.app import create_sandbox as create_sandbox
from publisher.sandbox.envelopes import EventStyle as EventStyle
from publisher.sandbox.faults import Fault as Fault
from publisher.sandbox.faults import FaultKind as FaultKind
from publisher.sandbox.settings import FLOW_ID as FLOW_ID
from publisher.sandbox.settings import FLOW_NAME as FLOW_NAME
from publisher.sandbox.settings import ORGANIZATION_ID as ORGANIZATION_ID
from publisher.sandbox.settings import SandboxSettings as SandboxSettings
from publisher.sandbox.settings import SeedFlow as SeedFlow
from publisher.sandbox.settings import Thing as Thing
from publisher.sandbox.settings import WebhookApi as WebhookApi

"""Checks flows: every problem in one pass, in time that grows with the size of the flow and no faster."""

from publisher.checks.flow import DEFAULT_MAX_NODES as DEFAULT_MAX_NODES
from publisher.checks.flow import check as check

"""What a doctor looks at before anything is published: the way to the organization, and what one may do there."""

from publisher.doctor.examination import clock_finding, examine, rate_finding
from publisher.doctor.finding import Finding, Health
from publisher.doctor.permissions import PERMISSIONS, Permission

__all__ = ["PERMISSIONS", "Finding", "Health", "Permission", "clock_finding", "examine", "rate_finding"]

"""What a doctor looks at before and while a receiver serves; nothing is changed, and no secret is shown."""

from receiver.doctor.database import Surface, file_findings, library_finding, server_findings
from receiver.doctor.finding import Finding, Health, failed
from receiver.doctor.reach import Place, called_places, reach_findings

__all__ = [
    "Finding",
    "Health",
    "Place",
    "Surface",
    "called_places",
    "failed",
    "file_findings",
    "library_finding",
    "reach_findings",
    "server_findings",
]

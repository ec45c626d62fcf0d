"""What was found, put into words: for people, for programs, for CI systems and editors."""

from publisher.reports.findings import Findings as Findings
from publisher.reports.problems import Format as Format
from publisher.reports.problems import counted as counted
from publisher.reports.problems import render as render
from publisher.reports.problems import summary as summary
from publisher.reports.problems import view as view
from publisher.reports.simulation import simulation_lines as simulation_lines
from publisher.reports.simulation import simulation_view as simulation_view

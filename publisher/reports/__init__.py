"""What was found, put into lines: for people, for programs, for GitHub."""

from publisher.reports.problems import Format as Format
from publisher.reports.problems import counted as counted
from publisher.reports.problems import render as render
from publisher.reports.problems import summary as summary
from publisher.reports.problems import view as view
from publisher.reports.simulation import simulation_lines as simulation_lines
from publisher.reports.simulation import simulation_view as simulation_view

"""Reads flow files: graph files in JSON or YAML, and Archy files."""

from publisher.flow_text import FlowText as FlowText
from publisher.loader.flow_file import FlowFile as FlowFile
from publisher.loader.kinds import Flow as Flow
from publisher.loader.kinds import parse_file as parse_file
from publisher.loader.kinds import read_file as read_file
from publisher.loader.reading import MAX_FILE_BYTES as MAX_FILE_BYTES
from publisher.loader.reading import parse_flow as parse_flow
from publisher.loader.reading import read_flow as read_flow
from publisher.loader.reading import read_text as read_text

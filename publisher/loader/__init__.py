"""Reads flow files: graph files in JSON or YAML."""

from publisher.flow_text import FlowText as FlowText
from publisher.loader.flow_file import FlowFile as FlowFile
from publisher.loader.reading import MAX_FILE_BYTES as MAX_FILE_BYTES
from publisher.loader.reading import parse_flow as parse_flow
from publisher.loader.reading import read_flow as read_flow

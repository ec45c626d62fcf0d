"""Archy files: the YAML that people write for Genesys Cloud, read, checked, and made ready to upload."""

from publisher.archy.archy_file import ArchyFile as ArchyFile
from publisher.archy.checks import check_archy as check_archy
from publisher.archy.dependencies import Dependency as Dependency
from publisher.archy.dependencies import DependencyKind as DependencyKind
from publisher.archy.naming import named_elsewhere as named_elsewhere
from publisher.archy.reading import is_archy_data as is_archy_data
from publisher.archy.reading import is_archy_text as is_archy_text
from publisher.archy.reading import parse_archy as parse_archy
from publisher.archy.reading import read_archy as read_archy
from publisher.archy.values import NO_VALUES as NO_VALUES
from publisher.archy.values import UNSAID as UNSAID
from publisher.archy.values import Values as Values
from publisher.archy.values import parse_setting as parse_setting
from publisher.archy.values import parse_values as parse_values
from publisher.archy.vocabulary import FLOW_TYPES as FLOW_TYPES

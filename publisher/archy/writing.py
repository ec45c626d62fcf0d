"""Writes a flow's data as YAML that reads the same by the rules of YAML 1.1 and 1.2."""

import yaml

from publisher.archy.data import Data

MAX_WIDTH = 2**30
TEXT_TAG = "tag:yaml.org,2002:str"


class Writer(yaml.CSafeDumper):
    """Quotes each text that either version would take for something else; repeats what an alias stood for."""

    def ignore_aliases(self, data: Data) -> bool:  # noqa: ARG002 - the library calls it so
        """Write nothing as an alias."""
        return True


def text_node(writer: Writer, text: str) -> yaml.ScalarNode:
    """A text; one that reads as a number or a word of YAML 1.2 is quoted (the library itself minds those of 1.1)."""
    return writer.represent_scalar(TEXT_TAG, text, style=None if is_plain(text) else '"')


def is_plain(text: str) -> bool:
    """Whether a text cannot be taken for anything else."""
    return not (text[:1] in "-+.0123456789" or text.lower() in {"", "null", "true", "false", "~"})


Writer.add_representer(str, text_node)


def write_yaml(data: Data) -> str:
    """The data as one YAML document."""
    return yaml.dump(data, Dumper=Writer, sort_keys=False, allow_unicode=True, width=MAX_WIDTH)

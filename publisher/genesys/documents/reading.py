"""Tells JSON from YAML by content, and reads either."""

import re

from publisher.genesys.documents.document import Document, DocumentError, place_at
from publisher.genesys.documents.json_text import JsonReader, NotJsonError
from publisher.genesys.documents.yaml_text import read_yaml

JSON_BEGINNING = re.compile(r"""\s*(?:\{\s*["}]|\[\s*["\[{])""")
"""How text begins that can only be meant as JSON."""


def read_document(text: str) -> Document:
    """The data of a YAML 1.2 or JSON text, with places; DocumentError says what is wrong and where."""
    text = text.removeprefix("\ufeff")
    check_characters(text)
    if text.lstrip()[:1] not in {"{", "[", '"'}:
        return read_yaml(text)
    try:
        return JsonReader(text).read()
    except NotJsonError:
        # `{name: x}` and `"a key": x` begin like JSON, and are YAML.
        if JSON_BEGINNING.match(text):
            raise
        return read_yaml(text)


def check_characters(text: str) -> None:
    """Refuse text that could not be written to a file: half characters that came out of another escape."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise DocumentError("this text has half a character (a lone surrogate).", place_at(text, exc.start)) from exc

"""YAML 1.2 and JSON text, read into plain data that remembers where each value stands."""

from publisher.genesys.documents.document import Document as Document
from publisher.genesys.documents.document import DocumentError as DocumentError
from publisher.genesys.documents.document import Lines as Lines
from publisher.genesys.documents.document import Place as Place
from publisher.genesys.documents.reading import read_document as read_document

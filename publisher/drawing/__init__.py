"""Draws flows: as SVG, laid out by rows from the entry downwards, and as Mermaid, which others lay out."""

from publisher.drawing.mermaid import MOST_MERMAID_CHARS as MOST_MERMAID_CHARS
from publisher.drawing.mermaid import MOST_MERMAID_EDGES as MOST_MERMAID_EDGES
from publisher.drawing.mermaid import mermaid as mermaid
from publisher.drawing.notes import summary_of as summary_of
from publisher.drawing.picture import Picture as Picture
from publisher.drawing.picture import picture_of as picture_of
from publisher.drawing.routes import MOST_NODES as MOST_NODES
from publisher.drawing.svg import svg as svg

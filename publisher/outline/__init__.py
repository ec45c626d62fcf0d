"""The outline of a flow: its graph, what people call its nodes, and what the file says of each; for pictures and words.

Whatever kind of file a flow comes from, it is drawn and compared by its outline.
"""

from publisher.outline.model import Fields as Fields
from publisher.outline.model import Outline as Outline
from publisher.outline.model import Spot as Spot
from publisher.outline.reading import outline_of as outline_of

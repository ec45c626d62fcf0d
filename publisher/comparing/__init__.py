"""Compares two outlines of a flow: what was added, removed and changed, as words and as signs for a picture.

Nodes are the same when they have the same id; where that has changed, when all else about them is the same and they are
the only ones like that.
"""

from publisher.comparing.change import Change as Change
from publisher.comparing.change import Sign as Sign
from publisher.comparing.comparison import Comparison as Comparison
from publisher.comparing.comparison import compare as compare

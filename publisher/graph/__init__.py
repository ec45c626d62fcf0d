"""A flow as a graph: nodes, edges, where it is entered and where it ends, and how to walk it."""

from publisher.graph.cycles import Cycle as Cycle
from publisher.graph.cycles import find_cycles as find_cycles
from publisher.graph.cycles import knots as knots
from publisher.graph.cycles import topological_order as topological_order
from publisher.graph.model import ALWAYS as ALWAYS
from publisher.graph.model import KNOWN_TYPES as KNOWN_TYPES
from publisher.graph.model import TERMINAL_TYPES as TERMINAL_TYPES
from publisher.graph.model import TRIGGER as TRIGGER
from publisher.graph.model import Edge as Edge
from publisher.graph.model import Graph as Graph
from publisher.graph.reach import Paths as Paths
from publisher.graph.reach import leading_to as leading_to
from publisher.graph.reach import reached_from as reached_from
from publisher.graph.reach import shortest_paths as shortest_paths

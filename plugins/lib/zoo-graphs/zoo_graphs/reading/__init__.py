"""The one reader of graphs: whatever a person has, as a `Graph` or as a `GraphSet`."""

from zoo_graphs.reading.node_view import read_graph
from zoo_graphs.reading.set_view import read_graphs
from zoo_graphs.reading.training import read_training_graph, read_training_graphs

__all__ = ["read_graph", "read_graphs", "read_training_graph", "read_training_graphs"]

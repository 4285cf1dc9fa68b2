"""Traffic: speeds on a road graph, with the clusters of its sensors as an input."""

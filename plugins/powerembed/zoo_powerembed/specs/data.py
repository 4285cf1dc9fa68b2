"""Nothing of its own: the graphs, their splits and their files are registered by zoo-graphs."""

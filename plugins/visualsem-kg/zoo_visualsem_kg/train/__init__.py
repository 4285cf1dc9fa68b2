"""The recipes: models of triples alone, and models of graphs, glosses and images."""

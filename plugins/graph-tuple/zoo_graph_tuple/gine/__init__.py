"""Graph isomorphism layers with edge features (GINE) in views of a graph, and on molecules."""

"""The claims, measured: texts, graphs, and triples alone."""

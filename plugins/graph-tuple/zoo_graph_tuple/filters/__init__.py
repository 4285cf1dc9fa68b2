"""Linear filters of words over several operators on one graph: the theory, and a model."""

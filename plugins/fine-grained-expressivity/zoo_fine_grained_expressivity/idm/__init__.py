"""Iterated degree measures: what they are, transport between them, the distances of graphs."""

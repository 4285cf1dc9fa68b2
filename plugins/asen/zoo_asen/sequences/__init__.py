"""Sequences: tasks of different symmetries, and the networks that learn them together."""

"""Merger trees of haloes: made, read, prepared, and the networks on them."""

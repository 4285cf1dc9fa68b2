"""The graphs: families that are exactly specified, pairs of them, and the registered datasets."""

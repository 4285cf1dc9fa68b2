"""Bytes to data objects: sentences with the entity that each is an example of."""

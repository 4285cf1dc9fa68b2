"""Equivariant message passing (EGNN) in views of a cloud of points."""

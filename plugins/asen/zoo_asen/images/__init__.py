"""Images: pixels are told apart by positions, and positions that are shared are a symmetry."""

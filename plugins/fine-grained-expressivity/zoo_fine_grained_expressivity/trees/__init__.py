"""Trees: homomorphism densities, a classifier on them, and the tree distance."""

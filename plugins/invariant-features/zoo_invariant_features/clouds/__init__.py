"""Point clouds: invariants under turning and ordering, lower bounds of Gromov-Wasserstein."""

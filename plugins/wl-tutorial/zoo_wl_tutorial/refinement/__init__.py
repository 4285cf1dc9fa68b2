"""The update rules of the five tests, and their rounds until nothing splits any more."""

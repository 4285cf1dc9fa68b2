"""Blocks whose weights are set by hand: associative recall, keep-n-th and Haar coefficients."""

"""Bytes to tables: the real ones and their files, and samples of the simulations."""

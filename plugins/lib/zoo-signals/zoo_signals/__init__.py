"""Signals on fixed graphs."""

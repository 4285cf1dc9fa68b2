"""Forecasts of speeds on a road graph, by weights that sensors of one cluster share."""

"""The second room: modules from names, weights and data files; the Hub and its cache."""

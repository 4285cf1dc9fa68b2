"""What the plugin registers: the paper, its claims, models and data."""

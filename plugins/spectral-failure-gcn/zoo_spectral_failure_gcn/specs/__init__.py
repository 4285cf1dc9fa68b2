"""What this plugin registers: the paper, its claims, models and datasets. No torch here."""

"""What is registered: the paper, its claims, models and data; nothing heavy is imported here."""

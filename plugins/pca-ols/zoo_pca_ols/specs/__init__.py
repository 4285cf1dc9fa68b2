"""What is registered: paper, claims, models, data. Nothing heavy is imported here."""

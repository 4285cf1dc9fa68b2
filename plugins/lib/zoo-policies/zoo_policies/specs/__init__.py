"""What is registered; nothing heavy is imported here."""

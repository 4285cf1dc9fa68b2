"""What is registered: the metrics; nothing heavy is imported here."""

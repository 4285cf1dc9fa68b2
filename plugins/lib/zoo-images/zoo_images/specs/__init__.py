"""What is registered: the datasets; nothing heavy is imported here."""

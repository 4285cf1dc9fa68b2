"""What is registered: datasets of molecules and their metrics; nothing heavy is imported here."""

"""What is registered, a file for each kind of signal; nothing heavy is imported here."""

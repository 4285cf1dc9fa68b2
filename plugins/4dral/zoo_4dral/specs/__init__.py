"""What is registered, as data: to be read in a minute, and imported without torch."""

"""What the plugin registers: no torch, readable in a minute."""

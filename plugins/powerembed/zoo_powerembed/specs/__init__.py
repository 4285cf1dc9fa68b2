"""What the plugin registers: no torch, no NumPy."""

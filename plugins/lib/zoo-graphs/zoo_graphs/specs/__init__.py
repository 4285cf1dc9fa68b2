"""What this library registers, and where its files come from: no torch, no NumPy."""

"""What the paper registers, readable without the method: no torch, no numpy."""

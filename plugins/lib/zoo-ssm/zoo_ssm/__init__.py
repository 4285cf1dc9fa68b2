"""State-space mixers in plain PyTorch: scans, SSD, S4D, convolution, and the blocks they make."""

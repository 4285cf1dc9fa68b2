"""The claims, measured: checkpoints, the first state of a student, decoding, recipes."""

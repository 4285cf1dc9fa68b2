"""The claims, measured: by section of the paper, and on tables of real measurements."""

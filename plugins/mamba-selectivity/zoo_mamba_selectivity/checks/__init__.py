"""The claims, measured: what the exact models do, what the trained ones do, what none can."""

"""The claims, measured: what the tests separate, and how accurate the kernels are."""

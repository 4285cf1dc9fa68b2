"""The claims, measured: the linear theory, molecules, clouds."""

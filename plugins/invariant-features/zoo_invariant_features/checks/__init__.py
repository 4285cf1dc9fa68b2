"""The claims, measured: on molecules, on clouds, and the theorems by brute force."""

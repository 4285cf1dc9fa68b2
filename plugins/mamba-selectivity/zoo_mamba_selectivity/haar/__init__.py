"""Haar wavelets: their basis, layers that learn their coefficients, and the error of those."""

"""The data: tasks on token sequences (MQAR, keep-n-th), and signals for Haar coefficients."""

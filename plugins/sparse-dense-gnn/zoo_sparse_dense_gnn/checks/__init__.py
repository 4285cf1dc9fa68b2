"""The checks of the paper's claims: each trains the methods anew and compares them by run."""

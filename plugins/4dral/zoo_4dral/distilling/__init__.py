"""How the networks are trained: triplets, and what a student takes from its teacher."""

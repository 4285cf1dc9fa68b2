"""Parts of work: how they are described, where they run, and what is kept of them."""

"""The verbs, each a function that imports what it needs when it is called."""

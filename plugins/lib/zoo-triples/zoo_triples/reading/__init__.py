"""What a person has, to a `TripleSet`: files, tables, arrays, and what other libraries hold."""

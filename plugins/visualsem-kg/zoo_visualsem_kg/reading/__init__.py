"""What a user has to data objects: graphs, sentences."""

"""Sentences to entities: dense retrieval over names and glosses."""

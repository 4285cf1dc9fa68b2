"""What language models do with entities: verbs in another language, names in a text."""

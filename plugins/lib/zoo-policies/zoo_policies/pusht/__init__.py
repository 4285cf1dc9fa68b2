"""PushT: its geometry, its simulator, its demonstrations."""

"""What the plugin registers, in words and numbers; nothing here imports torch."""

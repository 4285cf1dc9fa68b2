"""The first room: specs, hooks, and what the installed plugins registered and stored."""

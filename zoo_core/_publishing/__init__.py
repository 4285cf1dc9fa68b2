"""The fourth room: cards, pictures, and repositories of the Hub."""

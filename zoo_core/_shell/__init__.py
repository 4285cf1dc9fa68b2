"""The sixth room: the shell's verbs, and facts about this installation."""

"""``python -m zoo_core`` is ``zoo``."""

from zoo_core._shell.shell import main

main()

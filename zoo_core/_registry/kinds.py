"""The kinds of plugin that the core brings for ``zoo new``, and what a folder of one must be."""

import re
from pathlib import Path

from zoo_core.errors import SpecError

TEMPLATES = Path(__file__).parents[1] / "_authoring" / "templates"
SUFFIX = ".j2"
KINDS = tuple(TEMPLATES / "kinds" / name for name in ("estimator", "sequence", "algorithm"))


def check_kind(folder: Path) -> None:
    """Raise `SpecError` unless a folder has a kind's name and templates in it."""
    if re.fullmatch("[a-z0-9]+(?:-[a-z0-9]+)*", folder.name) is None:
        raise SpecError(
            f"zoo_kinds returned {str(folder)!r}; expected a folder whose name is lower-case "
            "letters and digits joined by '-'"
        )
    if not (folder / "PACKAGE").is_dir():  # and no search of the files: listing must stay fast
        raise SpecError(
            f"zoo_kinds returned {str(folder)!r}, which has no templates; expected a folder with a "
            f"folder PACKAGE of files *{SUFFIX} in it"
        )

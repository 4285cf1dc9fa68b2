"""What was measured is kept with the user (in ``ZOO_HOME/parts``), and is not measured again.

One file a part, named by its key (`Part.key`), written whole by the process that asked for it:
several may write the same one at once. A file that cannot be read counts as none.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zoo_core._disk import cause, write_json
from zoo_core._home import home
from zoo_core._notices import notice
from zoo_core._running.code import code_here
from zoo_core._running.parts import Outcome, Part
from zoo_core.errors import WeightsError

FOLDER = "parts"


def place_of(key: str) -> Path:
    """Return the file of a key."""
    return Path(home()) / FOLDER / key[:2] / f"{key}.json"


def find(part: Part) -> Outcome | None:
    """Return what is kept of a part; None where nothing is."""
    if part.key is None:
        return None
    kept = _read(place_of(part.key))
    if kept is None:
        return None
    return Outcome(
        value=kept["value"], notices=kept["notices"], seconds=kept["seconds"], at=kept["at"]
    )


def keep(part: Part, outcome: Outcome) -> bool:
    """Keep what came of a part, unless it is an error; tell whether it is kept.

    Where it cannot be kept a notice says why: what was measured is worth more than that.
    """
    if part.key is None or part.code is None or outcome.error is not None:
        return False
    content = {
        "label": part.label,
        "of": list(part.code.of),
        "code": part.code.hash,
        "at": time.time(),
        "seconds": round(outcome.seconds, 3),
        "notices": list(outcome.notices),
        "value": outcome.value,
    }
    try:
        write_json(place_of(part.key), content)
    except WeightsError as error:
        notice(f"What was measured is not kept: {error}")
        return False
    return True


def forget(part: Part) -> None:
    """Delete what is kept of a part: what it made is not there any more."""
    if part.key is not None:
        with contextlib.suppress(OSError):
            place_of(part.key).unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
        good = isinstance(found["at"], int | float) and isinstance(found["seconds"], int | float)
        good = good and isinstance(found["notices"], list) and "value" in found
        good = good and isinstance(found["of"], list) and isinstance(found["code"], str)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if good else None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is kept of one distribution's parts: "measured" by today's code, or "outdated".

    The fields are those of `zoo_core._loading.cache.Entry`, beside which it is listed.
    """

    repo: str
    revision: None = None
    model: None = None
    state: str
    size: int
    path: str

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return asdict(self)


def entries() -> list[Entry]:
    """Return what is kept, by distribution and state; damaged files are outdated."""
    return [
        Entry(
            repo=of,
            state=state,
            size=sum(path.stat().st_size for path in paths),
            path=str(Path(home()) / FOLDER),
        )
        for (of, state), paths in _sorted().items()
    ]


def clean(*, every: bool = False, dry_run: bool = False) -> Iterator[Entry]:
    """Delete what no code measures so any more, or with `every` all; yields what is gone.

    Raises `WeightsError` for what cannot be deleted.
    """
    there = _sorted()
    for entry in entries():
        if not (every or entry.state == "outdated"):
            continue
        if not dry_run:
            for path in there[entry.repo, entry.state]:
                try:
                    path.unlink(missing_ok=True)
                except OSError as error:
                    raise WeightsError(
                        f"{path} could not be deleted ({cause(error)}); make {entry.path} "
                        "writable, and clean again."
                    ) from error
        yield entry


def _sorted() -> dict[tuple[str, str], list[Path]]:
    found: dict[tuple[str, str], list[Path]] = {}
    today: dict[tuple[str, ...], str] = {}
    for path in sorted((Path(home()) / FOLDER).glob("*/*.json")):
        content = _read(path)
        of = tuple(content["of"]) if content else ()
        if of not in today:
            today[of] = code_here(*of).hash
        current = content is not None and content["code"] == today[of]
        state = "measured" if current else "outdated"
        found.setdefault((", ".join(of) or "zoo-core", state), []).append(path)
    return dict(sorted(found.items()))

"""Writes ``results/data.json`` of plugins: how large the datasets are that they register.

Run where the data can be had, without names for all that are not generated:
``python -m zoo_core._authoring.sizes [DATASET …]``.
"""

from __future__ import annotations

import sys
from typing import Any

from zoo_core._loading.files import recorded
from zoo_core._measuring import opening
from zoo_core._notices import collected
from zoo_core._registry.registry import registry
from zoo_core._registry.results import store_sizes
from zoo_core._running import places
from zoo_core._running.parts import Part
from zoo_core._running.processes import Processes
from zoo_core._running.running import Task, run, value_of

HERE = "zoo_core._authoring.sizes"


def sizes(name: str) -> dict[str, Any]:
    """Return the bytes of the files that a dataset takes, and how many items each split has.

    A split that has no items of its own (one of a single whole) is left out. Raises `UnknownName`,
    and `DataError` where the data cannot be had.
    """
    spec = registry().dataset(name)
    with collected(), recorded() as files:
        data = opening.dataset(name)
        views = {split: data.split(split) for split in spec.splits}
    items = {
        split: len(view.indices)
        for split, view in views.items()
        if getattr(view, "indices", None) is not None
    }
    return {"bytes": sum(files.values()), "splits": items}


def main() -> None:
    """Measure each dataset in a process of its own, so that none finds what another has read."""
    chosen = sys.argv[1:] or [one.name for one in registry().datasets if one.origin != "generated"]
    parts = [
        Task(Part(label=name, call=f"{HERE}:sizes", arguments={"name": name}), value_of)
        for name in chosen
    ]
    with Processes(1) as processes, places.opened(executor=processes) as place:
        for ended in run(parts, place):
            if ended.error is None:
                store_sizes(ended.label, ended.value)
            print(f"{ended.label}: {ended.error or ended.value}", flush=True)


if __name__ == "__main__":
    main()

"""Long trainings that survive an interruption: what a recipe keeps in its run's folder.

    kept = Progress.of(run.folder, "stage2", {"seed": run.seed, **config})
    for step in range(kept.restore(module, optimizer), steps):
        ...
        kept.save(module, optimizer, step + 1)   # at most once a minute

A resumed run goes on bit for bit when each step draws from a generator of its own, seeded by the
run's seed and the step.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._disk import whole_file
from zoo_core.errors import WeightsError

if TYPE_CHECKING:
    import torch

EVERY = 60.0
"""Seconds between two writings."""


@dataclass
class Progress:
    """One stage of a training: its file (None: nothing is kept), and what the run is made of.

    A file that another configuration or seed wrote is not gone on from.

    `path` is that file, `identity` what the run is made of, and `written` when the file was last
    written, in seconds of `time.monotonic`.

    >>> stage = zoo_core.Progress(None, "one configuration and seed")  # nothing is kept
    >>> stage.path is None
    True
    """

    path: Path | None
    identity: str
    written: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, folder: Path | None, stage: str, identity: Mapping[str, Any]) -> Progress:
        """Return the progress of a stage; `identity` (JSON values) decides its whole course."""
        path = folder / f"{stage}.safetensors" if folder is not None else None
        return cls(path, json.dumps(identity, sort_keys=True))

    def restore(self, module: torch.nn.Module, optimizer: torch.optim.Optimizer) -> int:
        """Take up what was kept; return the number of steps done, 0 where there is nothing.

        Raises `WeightsError` for a file that is damaged or of other tensors.
        """
        if self.path is None or not self.path.is_file():
            return 0
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path, framework="pt") as stored:
                known: Mapping[str, str] = stored.metadata() or {}
                # What `safe_open` gives is no mapping, and cannot be gone through without keys().
                tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise WeightsError(
                f"{self.path} cannot be read ({error}); remove it to start the training anew."
            ) from error
        if known.get("identity") != self.identity:
            return 0
        whole = optimizer.state_dict()
        whole["state"] = {
            int(index): _under(f"optimizer.{index}.", tensors)
            for index in {name.split(".")[1] for name in tensors if name.startswith("optimizer.")}
        }
        try:
            module.load_state_dict(_under("module.", tensors))
            optimizer.load_state_dict(whole)
            return int(known["done"])
        except (RuntimeError, ValueError, KeyError) as error:
            raise WeightsError(
                f"{self.path} does not fit this training (another version of the code wrote it, or "
                "it is damaged); remove it to start the training anew."
            ) from error

    def save(
        self,
        module: torch.nn.Module,
        optimizer: torch.optim.Optimizer,
        done: int,
        *,
        now: bool = False,
    ) -> None:
        """Keep everything after `done` steps, whole or not at all; seldom, unless `now`.

        Raises `WeightsError` when the disk is full or read-only.
        """
        if self.path is None or not (now or time.monotonic() - self.written > EVERY):
            return
        from safetensors import SafetensorError
        from safetensors.torch import save_file

        tensors = {f"module.{name}": value for name, value in module.state_dict().items()}
        for index, state in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": value for name, value in state.items()}
        tensors = {name: value.detach().clone().contiguous() for name, value in tensors.items()}
        with whole_file(self.path) as part:
            try:
                save_file(tensors, part, metadata={"identity": self.identity, "done": str(done)})
            except SafetensorError as error:
                raise OSError(str(error)) from error  # what `whole_file` tells of
        self.written = time.monotonic()


def _under(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}

"""The three interfaces, Model, Dataset and Metric, and what passes between them.

The core knows no modality. It moves opaque data from a dataset to a model, and what the model
yields to a metric; only these names are agreed. How each kind of research fits:

======================  =========================  ==========================  ===================
kind                    Dataset (one object)       outputs_and_targets yields  Metric, predict
======================  =========================  ==========================  ===================
node labels of one      a graph with masks, its    logits and labels of the    accuracy; a graph
big graph               fold an option             split's nodes, once         -> label and score
graph-level regression  a list of graphs, its      predicted and true value    mae; graphs ->
                        splits index lists         of a batch of graphs        numbers with units
point clouds            clouds and targets         output and target a batch   mae, or a field's
                                                                               error; cloud -> ...
token sequences, with   a token stream, cut in     logits (B, T, V) and next   perplexity; prompt
generation              windows by split           tokens (B, T)               -> iterator of text
images                  images and labels          logits and labels a batch   accuracy; files ->
                                                                               labels and scores
triples, retrieval      entity and relation ids,   scores of all candidates,   mrr, hits@k; head
                        filters of known triples   the true ones' indices      and relation -> rows
robot policies          an environment factory     success and return of one   success rate; an
                        and its seeds, or demos    rollout, seed by seed       observation -> act
fitted estimators       arrays X, y                predictions and y; what     r2, mse; a table ->
                                                   was fitted are buffers      numbers
pure algorithms         pairs or lists of graphs   a verdict and the truth;    accuracy; two graphs
(Weisfeiler-Leman)                                 the module has no tensors   -> verdict, figure
======================  =========================  ==========================  ===================

A module without tensors (a pure algorithm) has an empty safetensors file: it is loaded, hashed,
evaluated and verified like any other. What fits no metric is a claim: its check is a plain
function that measures what it likes and returns a `Finding`, which the core judges.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    import torch

Verdict = Literal["holds", "fails", "not established"]
"""The last is for what the measurement's own spread does not resolve."""


@dataclass(frozen=True)
class Estimate:
    """A mean, its standard error, half of its 95 percent interval's width, and how many runs.

    Made by `zoo_core.estimate`, `paired` and `bootstrap`. Raises `ValueError` for what is no
    result: numbers that are not finite, a spread below zero.
    """

    mean: float
    error: float
    reach: float
    runs: int = 1

    def __post_init__(self) -> None:
        for name in ("mean", "error", "reach"):
            number = float(getattr(self, name))
            if not math.isfinite(number) or (name != "mean" and number < 0):
                raise ValueError(f"An estimate cannot have {name}={number}; it is no result.")
            object.__setattr__(self, name, number)
        if self.runs < 1:
            raise ValueError(f"An estimate is of one run or more, not of {self.runs}.")

    def __neg__(self) -> Estimate:
        return Estimate(-self.mean, self.error, self.reach, self.runs)

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.mean - self.reach

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return self.mean + self.reach


Quantity: TypeAlias = (
    Estimate | Sequence[float] | Mapping[str, Sequence[float]] | float | int | bool
)
"""What a bound is held against: an estimate or one number a run (`value`, `gain`), such a row for
each name (`order`), or a number or bool without spread (`exact`)."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the check of a claim measured: a quantity for each of the claim's bounds, by its name.

    There is no verdict in it: the core judges, by the claim's bounds. `told` is what else is to be
    said to people. `figures` are JSON values, kept with the seeds that made them (for pictures,
    see `zoo_core.figures`).
    """

    quantities: Mapping[str, Quantity]
    told: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    seeds: Sequence[int] = (0,)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training run: its data (a Dataset object), its seed, and a folder to resume from.

    `folder` outlives an interrupted run of the same command: a recipe that runs over ten minutes
    keeps its state there, written whole or not at all, and goes on from it.
    """

    data: Any
    seed: int
    folder: Path | None = None


class Model(Protocol):
    """Any `torch.nn.Module` whose constructor takes the config's keys as keyword arguments.

    Only `forward` is needed to be loaded. The other methods open the verbs of the same name.
    """

    def forward(self, *inputs: Any) -> Any:
        """Compute from tensors, as in any training loop."""

    def predict(self, *sources: Any, **options: Any) -> Any:
        """Turn what a person has (a graph, a file, a prompt) into what a person wants.

        Returns JSON values: a list of rows (mappings with the same keys), a mapping, a text, or an
        iterator of text pieces, which the shell prints as they come. With no source, predict on
        what the model itself carries. Raises `zoo_core.errors.BadInput` for anything unusable.
        """

    def outputs_and_targets(self, data: Any, split: str) -> Iterable[tuple[Any, ...]]:
        """Yield the arguments of `metric.update`, batch by batch, for one split of a dataset."""

    def example_inputs(self, seed: int) -> tuple[Any, ...]:
        """Return small valid inputs of `forward` for the test kit, the same for the same seed."""


class Dataset(Protocol):
    """Whatever a spec's factory returns; the model that is evaluated on it knows its fields."""

    metric_options: Mapping[str, Any]
    """Keyword arguments that metrics of this data need, such as {"num_classes": 7}; optional."""


class Metric(Protocol):
    """A `torchmetrics.Metric`."""

    def update(self, *arguments: Any) -> None:
        """Take in one batch of what `Model.outputs_and_targets` yields."""

    def compute(self) -> torch.Tensor:
        """Return the value, a scalar."""


class Trainer(Protocol):
    """A recipe: trains one module for each run, all with the same config.

    Several runs (folds, seeds) come in one call, so that a recipe may batch them. `config` holds
    the architecture's and the model's hyperparameters; `progress` is called as `tqdm.tqdm` is.
    The module carries its full constructor config as `module.config`. Deterministic for given
    seeds; never looks at a test split.
    """

    def __call__(
        self, runs: Sequence[Run], config: Mapping[str, Any], progress: Callable[..., Any]
    ) -> Sequence[torch.nn.Module]:
        """Return the trained modules, in eval mode, in the order of the runs."""

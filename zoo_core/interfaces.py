"""The interfaces: Model, Dataset, Metric, Trainer, Policy, and what passes between them.

The core knows no modality. It moves a split of opaque data to a model, and the outputs that the
model yields by name to a metric, which says which of them it takes; only these names are agreed:
"logits" (scores of classes), "prediction" (numbers), "target" (what is true), and whatever a field
adds for its own metrics. How each kind of research fits:

======================  ==========================  ===========================  ==================
kind                    Dataset.split gives         Model.outputs yields         Metric, predict
======================  ==========================  ===========================  ==================
node labels of one      the graph and the split's   logits and target of the     accuracy; a graph
big graph               node indices                split's nodes, once          -> label and score
graph-level regression  graphs and an index list    prediction and target of a   mae; graphs ->
                                                    batch of graphs              numbers with units
point clouds            ragged clouds and indices   prediction and target a      mae, or a field's
                                                    batch                        error; cloud -> …
token sequences, with   the stream and the split's  logits (B, T, V) and target  perplexity; prompt
generation              range of it                 (B, T), the next tokens      -> pieces of text
images                  images and indices          logits and target a batch    accuracy; files ->
                                                                                 labels and scores
triples, retrieval      all triples (for filters)   scores of all candidates,    mrr, hits@k; head
                        and indices                 -inf where known, and the    and relation ->
                                                    true one's target            rows
robot policies          the environment and the     success, score, return: one  a metric each;
                        split's seeds               value an episode             observation -> act
fitted estimators       a table and a slice of it   prediction and target        r2, mae; a table ->
                                                                                 numbers
pure algorithms         pairs of graphs, indices    logits (a verdict) and       accuracy; two
(Weisfeiler-Leman)                                  target; no tensors in the    graphs -> verdict,
                                                    module                       figure
======================  ==========================  ===========================  ==================

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

from zoo_core.errors import BadInput

if TYPE_CHECKING:
    import torch

Verdict = Literal["holds", "fails", "not established"]
"""The last is for what the measurement's own spread does not resolve."""


@dataclass(frozen=True)
class Estimate:
    """A mean, its standard error, half of its 95 percent interval's width, and how many runs.

    Made by `zoo_core.estimate`, `paired`, `resampled` and `bootstrap`. Raises `ValueError` for what
    is no result: numbers that are not finite, a spread below zero.

    `mean`, `error` and `reach` are in the unit of what was measured; the interval goes from mean -
    reach to mean + reach; `runs` is how many values it was made of.

    >>> zoo_core.Estimate(mean=0.8, error=0.01, reach=0.02, runs=10).reach
    0.02
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
    said to people. `figures` are JSON values, or arrays and tensors in their place; they are kept
    with five significant digits, beside the seeds that made them (for pictures, see
    `zoo_core.figures`).

    `quantities` are estimates, numbers, yes or no, or values by run, as the bound of that name
    takes them; `seeds` are those that were run.

    >>> accuracy = zoo_core.estimate([0.81, 0.83, 0.82])
    >>> zoo_core.Finding(quantities={"accuracy": accuracy}, told="100 rows", seeds=[0, 1, 2]).told
    '100 rows'
    """

    quantities: Mapping[str, Quantity]
    told: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    seeds: Sequence[int] = (0,)


class Make(Protocol):
    """Makes modules of one architecture: the only way in which a recipe gets one.

    The core seeds torch with the run's seed, constructs, checks the arguments against the
    signature, takes up the tensors that the run starts from, moves the module to the run's device,
    and records what it was made with.

    >>> def recipe(run, progress):
    ...     module = run.make(**run.shape)
    ...     return module
    """

    def __call__(self, **shape: Any) -> Any:
        """Return a module of the run's shape, updated by `shape` (what the data decide).

        Raises `BadInput` for arguments that the architecture does not take.
        """


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training run: what a recipe gets.

    `data` is a Dataset object and `seed` the run's; `shape` and `recipe` the two halves of its
    configuration, complete; `make` makes its module. `given` are frozen modules by name (a
    teacher). `started` is true where `make` gives the weights of another training to go on from.
    `device` is where the module is. `folder` outlives an interrupted run of the same
    command: a recipe that runs over ten minutes keeps its state there, written whole or not at all,
    and goes on from it (`zoo_core.Progress`).

    >>> def train(run, progress):
    ...     module = run.make(**run.shape)
    ...     for step in range(run.recipe["steps"]):
    ...         progress(step=step)
    ...     return module
    """

    data: Any
    seed: int
    make: Make
    shape: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, torch.nn.Module] = field(default_factory=dict)
    started: bool = False
    device: torch.device | None = None
    folder: Path | None = None


@dataclass(frozen=True)
class Split:
    """A view of a dataset: the whole `data`, with the `indices` (or seeds) of one of its splits.

    What a split needs of the rest (known triples, neighbours, a simulator) stays in reach.

    `name` is the split's own.

    >>> split = zoo_core.Split(data=[10, 20, 30], name="test", indices=[2])
    >>> [split.data[index] for index in split.indices]
    [30]
    """

    data: Any
    name: str
    indices: Any = None


@dataclass(frozen=True)
class Media:
    """What `predict` returns when it is no JSON: an image, a film, a file.

    `contents` maps each suffix in which it can be written (".png", ".svg", ".g2o") to its bytes, or
    to a function that makes them; the first is the usual one. `told` says what is to be seen.

    >>> picture = zoo_core.Media({".svg": b"<svg/>"}, told="nothing")
    >>> picture.as_bytes(".svg")
    b'<svg/>'
    """

    contents: Mapping[str, bytes | Callable[[], bytes]]
    told: str = ""

    def as_bytes(self, suffix: str | None = None) -> bytes:
        """Return the content for a suffix (default: the first).

        Raises `BadInput` for a suffix that it cannot be written in.
        """
        chosen = next(iter(self.contents)) if suffix is None else suffix
        if chosen not in self.contents:
            raise BadInput(
                f"This cannot be written as {chosen or 'a file without a suffix'}; "
                f"expected {', '.join(self.contents)}."
            )
        content = self.contents[chosen]
        return content if isinstance(content, bytes) else content()


class Model(Protocol):
    """Any `torch.nn.Module` whose constructor takes the shape's keys as keyword arguments.

    Only `forward` is needed to be loaded. The other methods open the verbs of the same name. The
    core calls them in eval mode, without gradients, and leaves the module as it was; checks of
    values belong into them and not into `forward`, which runs on whatever device its parameters
    are on.
    """

    def forward(self, *inputs: Any) -> Any:
        """Compute from tensors, as in any training loop."""

    def predict(self, *sources: Any, **options: Any) -> Any:
        """Turn what a person has (a graph, a file, a prompt) into what a person wants.

        Returns JSON values: a list of rows (mappings with the same keys), a mapping, a text, or an
        iterator of text pieces, which the shell prints as they come; or `Media`. With no source,
        predict on what the model itself carries. The signature says how many sources one call
        takes: ``*sources`` are given together, and where there are more than parameters the shell
        calls once for each. A parameter annotated as a text gets texts as they are; others get the
        data in place of a registered dataset's name. Raises `BadInput` for anything unusable.
        """

    def embed(self, *sources: Any, **options: Any) -> torch.Tensor:
        """Return the representation of each thing in the sources, as rows (m, d).

        The sources are those of `predict`, or one view of a split (a `Split`) of the data that the
        model is measured on. The documentation says which numbers they are (features before the
        head, the last hidden state, a mean over positions). No row depends on what else is given;
        where the things belong together (the nodes of a graph) the sources are one of a kind.
        Raises `BadInput` as `predict` does.
        """

    def outputs(self, split: Any, **options: Any) -> Iterable[Mapping[str, Any]]:
        """Yield named outputs, batch by batch, for one split of a dataset.

        `split` is what ``data.split(name)`` returned. Takes ``batch_size`` where that makes sense.
        Raises `BadInput` for data that do not fit the model.
        """

    def more_metrics(self, split: Any) -> Sequence[str]:
        """Return what a split is measured by beside the usual metrics, where nobody chose any."""

    def example_inputs(self, seed: int) -> tuple[Any, ...]:
        """Return small valid inputs of `forward` for the test kit, the same for the same seed."""

    def example_sources(self, seed: int) -> Sequence[Any]:
        """Return small valid sources of `embed` for the test kit, the same for the same seed.

        Where `embed` takes any number of sources, each is one thing. Without an `embed` they are
        those of `predict`.
        """

    def assets(self) -> Mapping[str, bytes]:
        """Return what travels beside the weights and is no tensor (a vocabulary), by file name."""

    def use_assets(self, assets: Mapping[str, bytes]) -> None:
        """Take up assets; called once, after the tensors are in place."""


class Dataset(Protocol):
    """Whatever a spec's factory, or an architecture's reader, returns."""

    splits: Sequence[str]
    """The names of the splits that it has; optional where they are those of its spec."""

    metric_options: Mapping[str, Any]
    """Keyword arguments that metrics of this data need, such as {"num_classes": 7}; optional."""

    facts: Mapping[str, int | str]
    """What a card says of the data, such as {"nodes": 2708, "classes": 7}; optional."""

    folds: int | None
    """How many folds a user's own source brings, which readers' option `fold` chooses; optional."""

    def split(self, name: str) -> Any:
        """Return the view of one split (usually a `Split`); the core has checked the name."""


class Metric(Protocol):
    """A `torchmetrics.Metric`; its spec's `takes` says which outputs go to `update`."""

    def update(self, *arguments: Any) -> None:
        """Take in one batch of the model's outputs."""

    def compute(self) -> torch.Tensor:
        """Return the value, a scalar."""


class Policy(Protocol):
    """A model that acts: its state is explicit, so that many episodes go on in lockstep.

    It yields one output for each metric of a rollout ("success", "coverage", "return"), each a
    value an episode; nothing that an episode leaves behind stays in the module.
    """

    def act(self, observation: Any, state: Any = None) -> tuple[Any, Any]:
        """Return the actions for a batch of observations, and the state for the next step.

        `state` is None at the start of the episodes, and is whatever the policy returned before.
        """


class Environment(Protocol):
    """Episodes in lockstep: what a `Policy` is rolled out in."""

    def reset(self, seeds: Sequence[int]) -> Any:
        """Begin an episode for each seed; return the batch of first observations."""

    def step(self, actions: Any) -> tuple[Any, Mapping[str, Any], Any]:
        """Return the next observations, what is measured so far by name, and which are over."""


class Index(Protocol):
    """What grows with use and is saved as an object: places seen, entities known.

    A model's predict takes it as an option and returns answers from it; the module stays as it is.
    """

    def add(self, items: Any) -> None:
        """Take in further items."""

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""

    @classmethod
    def open(cls, path: Path) -> Index:
        """Read what `save` wrote; raises `BadInput` for anything else."""


class Trainer(Protocol):
    """A recipe: trains the module of one run, deterministic for its seed.

    It gets its modules from ``run.make``, returns one of them, and never looks at a test split.
    `progress` is called as `tqdm.tqdm` is. Where its architecture states ``batches_runs`` it gets
    the list of all runs in one call, and returns their modules in the same order.
    """

    def __call__(self, run: Run, progress: Callable[..., Any]) -> torch.nn.Module:
        """Return the trained module."""

"""`Asen`: sequences of tokens to classes; `AsenRegressor`: sequences of numbers to a number.

Both are one stack of coloured attention with a table of colours for each task; which group they
commute with is an input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from zoo_asen.attention import ColouredStack
from zoo_asen.colours import (
    as_group,
    closure_note,
    colour_count,
    merged,
    pair_colours,
    tied,
)
from zoo_asen.data import Sequences, count_of
from zoo_asen.linear import LinearStack
from zoo_asen.sequences.written import as_codes, as_numbers
from zoo_core import BadInput, closest, notice

BLOCK = 2**23
"""Numbers of one layer's pairs (B, n, n, channels) that are held at a time."""
SMALLEST, LARGEST = 2, 200
BASES = ("attention", "linear")


class Colours(NamedTuple):
    """What breaks the symmetry: the row `places` (n, n) of `table` (r, h) of each ordered pair."""

    places: Tensor
    table: Tensor


class Coloured(nn.Module):
    """A stack of coloured attention with a table of colours for each task; the door to them.

    `tasks` are the tasks' names with their groups, or the names alone of tasks that all have
    `group`. A group is a name or generators, as `zoo_asen.colours.as_group` takes them. With `base`
    "linear" the table has matrices, of equivariant linear layers in place of attention. Raises
    `BadInput` for what is no group of `n` points, for n below 2 and above 200, and for another
    base.
    """

    def __init__(
        self,
        n: int,
        tasks: Mapping[str, Any] | Sequence[str],
        group: Any,
        hidden: int,
        layers: int,
        heads: int,
        self_loop: str,
        base: str = "attention",
    ) -> None:
        super().__init__()
        if base not in BASES:
            raise BadInput(f"base={base!r}; expected one of {', '.join(BASES)}.")
        if isinstance(n, bool) or not isinstance(n, int) or not SMALLEST <= n <= LARGEST:
            raise BadInput(f"n={n!r}; expected {SMALLEST} to {LARGEST} positions.")
        if not tasks or isinstance(tasks, str):
            raise BadInput(f"tasks={tasks!r}; expected their names, or a group for each name.")
        if isinstance(tasks, Mapping):
            if group is not None:
                raise BadInput("Give the group of each task, or one group for all; not both.")
            groups = dict(tasks)
        else:
            if len(set(tasks)) < len(tasks):
                raise BadInput(f"tasks={list(tasks)}; one is named twice.")
            groups = dict.fromkeys(tasks, "trivial" if group is None else group)
        self.n, self.hidden = n, hidden
        self._groups = {name: as_group(one, n) for name, one in groups.items()}
        self._pairs = {name: pair_colours(one) for name, one in self._groups.items()}
        counts = [colour_count(pairs) for pairs in self._pairs.values()]
        self._begins = dict(zip(groups, [sum(counts[:i]) for i in range(len(counts))], strict=True))
        linear = LinearStack(hidden, layers, n) if base == "linear" else None
        self.edges = nn.Embedding(sum(counts), hidden if linear is None else linear.width)
        if linear is not None:
            linear.reset(self.edges.weight)
        self.stack = linear or ColouredStack(hidden, layers, heads, self_loop=self_loop)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of the tasks."""
        return tuple(self._groups)

    def colours(self, task: str | None = None, *, group: Any = None) -> Colours:
        """Return the colours of a task, or of a group that a person writes down.

        A group is served where the task's own is a part of it: pairs that it moves onto each other
        get the mean of what was learnt for them. Without a `task`, it is the only one, or else the
        only one whose group is a part of `group`.

        Raises `BadInput` for an unknown task, for what is no group, and for one that no table
        serves: then the sentence says what to train.
        """
        if group is None:
            name = self.task(task)
            return Colours(
                self._pairs[name].to(self.edges.weight.device) + self._begins[name],
                self.edges.weight,
            )
        wanted = as_group(group, self.n)
        pairs = pair_colours(wanted)
        note = closure_note(wanted)
        if note:
            notice(note)
        name = self._serving(pairs, task)
        begin, own = self._begins[name], self._pairs[name]
        table = self.edges.weight[begin : begin + colour_count(own)]
        return Colours(pairs.to(table.device), tied(table, own, pairs))

    def task(self, name: str | None) -> str:
        """Return the task of that name, or the only one; raises `BadInput` for another."""
        if name is None:
            if len(self.tasks) > 1:
                raise BadInput(f"Say which task: {', '.join(self.tasks)}.")
            return self.tasks[0]
        if name not in self._groups:
            raise BadInput(
                f"There is no task {name!r}{closest(str(name), self.tasks)} The model knows "
                f"{', '.join(self.tasks)}."
            )
        return name

    def _serving(self, pairs: Tensor, task: str | None) -> str:
        """Return the task whose table serves a group's colours."""
        asked = self.tasks if task is None else (self.task(task),)
        served = [name for name in asked if merged(self._pairs[name], pairs) is not None]
        if not served:
            known = ", ".join(f"{name} {colour_count(self._pairs[name])}" for name in asked)
            raise BadInput(
                f"The group has {colour_count(pairs)} colours of pairs, which tell more apart than "
                f"what was learnt ({known}); train with --group, or take a larger group."
            )
        if len(served) > 1:
            raise BadInput(f"Several tasks serve this group; say which: {', '.join(served)}.")
        return served[0]

    @property
    def at_a_time(self) -> int:
        """How many sequences fit into a block of memory."""
        return max(1, BLOCK // (self.n**2 * self.hidden))

    def batches(
        self, data: Any, indices: Tensor, batch_size: int | None
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield tasks with indices of some of their sequences; raises `BadInput` for other data."""
        if not isinstance(data, Sequences):
            raise BadInput(f"A {type(data).__name__} has no sequences, which the model takes.")
        if data.values.shape[1] != self.n:
            raise BadInput(
                f"The sequences have {data.values.shape[1]} positions; the model takes {self.n}."
            )
        for name, rows in data.by_task(indices).items():
            self.task(name)
            for part in torch.split(rows, min(batch_size or self.at_a_time, self.at_a_time)):
                yield name, part


class Asen(Coloured):
    """Codes of tokens (…, n) and colours (…, n, n) to logits (…, n, classes).

    Each task has its own tokens and its own colours; everything else is shared (section 5.1 of the
    paper). `tokens` and `classes` are how many there are, or their names. With `readout` "sequence"
    there is one answer for a sequence, of the sum over positions: logits (…, classes). `self_loop`
    is that of `zoo_asen.attention.ColouredGATv2`, and `dropout` is applied to the logits, as
    published. `base` "linear" takes the layers of `zoo_asen.linear.LinearStack`, which have no
    `heads` and no `self_loop`.

    Raises `BadInput` for what does not fit together.
    """

    def __init__(
        self,
        n: int = 10,
        tasks: Mapping[str, Any] | Sequence[str] = ("labels",),
        group: Any = None,
        tokens: int | Sequence[str] = 81,
        classes: int | Sequence[str] = 2,
        readout: str = "position",
        hidden: int = 128,
        layers: int = 4,
        heads: int = 8,
        self_loop: str = "mean",
        dropout: float = 0.1,
        base: str = "attention",
    ) -> None:
        super().__init__(n, tasks, group, hidden, layers, heads, self_loop, base)
        if readout not in ("position", "sequence"):
            raise BadInput(f"readout={readout!r}; expected 'position' or 'sequence'.")
        if count_of(tokens) < 1 or count_of(classes) < 2:
            raise BadInput("A task has one token or more, and two classes or more.")
        self.token_names, self.class_names, self.readout = tokens, classes, readout
        self.tokens = nn.Embedding(len(self.tasks) * count_of(tokens), hidden)
        self.enter = nn.Sequential(
            nn.LayerNorm(hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.LayerNorm(hidden)
        )
        self.head = nn.Linear(hidden, count_of(classes))
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, places: Tensor, table: Tensor | None = None) -> Tensor:
        """Return logits, for rows (…, n) of the table of tokens and rows (…, n, n) of colours.

        `encode` and `colours` give both; `table` (r, …) stands in for the learnt colours.
        """
        points = self.enter(self.tokens(tokens))
        points = self.stack(points, self.edges.weight if table is None else table, places)
        if self.readout == "sequence":
            points = points.sum(-2)
        logits: Tensor = self.dropout(self.head(points))
        return logits

    def encode(self, sequences: Any, task: str | None = None) -> Tensor:
        """Return rows (m, n) of the table of tokens for sequences as a person has them.

        Raises `BadInput` for another length, for tokens that are unknown, and for an unknown task.
        """
        return self.rows_of_tokens(as_codes(sequences, self.n, self.token_names), self.task(task))

    def rows_of_tokens(self, codes: Tensor, task: str) -> Tensor:
        """Return where the table of tokens has what codes (m, n) stand for in a task."""
        offset = self.tasks.index(task) * count_of(self.token_names)
        return codes.to(self.edges.weight.device) + offset

    def example_inputs(self, seed: int) -> tuple[Tensor, Tensor]:
        """Return random sequences, each of another task, with the colours of their tasks."""
        generator = torch.Generator().manual_seed(seed)
        count = 3 if self.n != 3 else 5
        names = [self.tasks[i % len(self.tasks)] for i in range(count)]
        values = torch.randint(count_of(self.token_names), (count, self.n), generator=generator)
        offsets = torch.tensor([self.tasks.index(name) for name in names])
        places = torch.stack([self.colours(name).places for name in names])
        rows = values + offsets[:, None] * count_of(self.token_names)
        return rows.to(places.device), places

    def outputs(self, split: Any, *, batch_size: int | None = None) -> Iterator[dict[str, Tensor]]:
        """Yield logits (N, classes) and target (N,) of all positions, or of sequences.

        Beside them is "cross-entropy" (N,), in nats, and "exact" (B,), 1 for each sequence all of
        whose labels are right. Raises `BadInput` for sequences of another length or of unknown
        tasks, and for other tokens or classes.
        """
        data = split.data
        for name, rows in self.batches(data, split.indices, batch_size):
            values, targets = self._known_codes(data, rows)
            logits = self(self.rows_of_tokens(values, name), *self.colours(name))
            target = targets.to(logits.device)
            right = (logits.argmax(-1) == target).reshape(len(rows), -1).all(1)
            flat = logits.flatten(0, -2)
            yield {
                "logits": flat,
                "target": target.flatten(),
                "cross-entropy": nn.functional.cross_entropy(
                    flat, target.flatten(), reduction="none"
                ),
                "exact": right.to(logits.dtype),
            }

    def _known_codes(self, data: Sequences, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return tokens and classes of some sequences by the model's codes."""
        if data.targets.is_floating_point() or data.values.is_floating_point():
            raise BadInput("These sequences have numbers for targets; train asen-regression.")
        per_sequence = data.targets.dim() == 1
        if per_sequence != (self.readout == "sequence"):
            raise BadInput(
                f"The labels are one a {'sequence' if per_sequence else 'position'}; the model "
                f"says one a {self.readout}."
            )
        if count_of(data.classes) != count_of(self.class_names):
            raise BadInput(
                f"The data have {count_of(data.classes)} classes; the model knows "
                f"{count_of(self.class_names)}."
            )
        values = recoded(data.values[rows], data.tokens, self.token_names, "token")
        return values, recoded(data.targets[rows], data.classes, self.class_names, "class")

    def predict(
        self, sequences: Any = None, *, task: str | None = None, group: Any = None
    ) -> list[dict[str, Any]]:
        """Return a row for each sequence, with its labels and the least of their probabilities.

        `sequences` is one, as text ("3 1 4 1 5 9 2 6 5 3") or a list, or several: a list of them,
        an array (m, n), or a text file or table with one a row. `task` is whose labels are wanted,
        and `group` what the answer shall commute with (default: the task's group). Raises
        `BadInput` for sequences of another length, for unknown tokens, tasks and groups.
        """
        if sequences is None:
            raise BadInput(f"Give a sequence of {self.n} tokens, such as {self._shown()!r}.")
        name = self.task(task)
        codes = as_codes(sequences, self.n, self.token_names)
        rows_of_tokens, colours = self.rows_of_tokens(codes, name), self.colours(name, group=group)
        parts = torch.split(rows_of_tokens, self.at_a_time)
        sure, found = torch.cat([self(part, *colours) for part in parts]).softmax(-1).max(-1)
        rows = []
        for tokens, labels, chance in zip(codes, found, sure, strict=True):
            answer = {"sequence": " ".join(str(named(i, self.token_names)) for i in tokens)}
            if self.readout == "position":
                several = [named(i, self.class_names) for i in labels]
                rows.append({**answer, "labels": several, "probability": _short(chance.min())})
            else:
                one = named(labels, self.class_names)
                rows.append({**answer, "label": one, "probability": _short(chance)})
        return rows

    def _shown(self) -> str:
        names = self.token_names
        return " ".join(str(named(i % count_of(names), names)) for i in range(self.n))


class AsenRegressor(Coloured):
    """Numbers (…, n) and colours (…, n, n) to one number (…) that the group leaves as it is.

    The numbers enter by one linear map, and the positions are added up (the invariant variant of
    section 5.1). What training measured of each task is taken off and put back: a mean and spread
    of the numbers, and of the targets; `rows` (…) of a batch say whose.

    Raises `BadInput` for what does not fit together.
    """

    in_mean: Tensor
    in_std: Tensor
    out_mean: Tensor
    out_std: Tensor

    def __init__(
        self,
        n: int = 8,
        tasks: Mapping[str, Any] | Sequence[str] = ("targets",),
        group: Any = None,
        hidden: int = 40,
        layers: int = 3,
        heads: int = 8,
        self_loop: str = "mean",
    ) -> None:
        super().__init__(n, tasks, group, hidden, layers, heads, self_loop)
        self.enter = nn.Sequential(nn.Linear(1, hidden), nn.LayerNorm(hidden), nn.ReLU())
        self.head = nn.Linear(hidden, 1)
        for name in ("in", "out"):
            self.register_buffer(f"{name}_mean", torch.zeros(len(self.tasks)))
            self.register_buffer(f"{name}_std", torch.ones(len(self.tasks)))

    def forward(
        self, numbers: Tensor, places: Tensor, rows: Tensor, table: Tensor | None = None
    ) -> Tensor:
        """Return numbers (…) in the targets' units; `rows` (…) are the places of the tasks."""
        given = (numbers - self.in_mean[rows][..., None]) / self.in_std[rows][..., None]
        points = self.enter(given[..., None])
        points = self.stack(points, self.edges.weight if table is None else table, places)
        found: Tensor = self.head(points.sum(-2)).squeeze(-1)
        return found * self.out_std[rows] + self.out_mean[rows]

    def example_inputs(self, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return random numbers, each row of another task, with colours and places of tasks."""
        generator = torch.Generator().manual_seed(seed)
        count = 3 if self.n != 3 else 5
        rows = torch.arange(count) % len(self.tasks)
        places = torch.stack([self.colours(self.tasks[i]).places for i in rows.tolist()])
        numbers = torch.randn(count, self.n, generator=generator)
        device = places.device
        return numbers.to(device), places, rows.to(device)

    def outputs(self, split: Any, *, batch_size: int | None = None) -> Iterator[dict[str, Tensor]]:
        """Yield prediction (B,) and target (B,), in the targets' units.

        Raises `BadInput` for sequences of another length, of unknown tasks, or with labels.
        """
        data = split.data
        for name, indices in self.batches(data, split.indices, batch_size):
            if not data.targets.is_floating_point():
                raise BadInput("These sequences have classes; train asen.")
            yield {
                "prediction": self._found(data.values[indices], name, None),
                "target": data.targets[indices].to(self.out_std),
            }

    def predict(
        self, sequences: Any = None, *, task: str | None = None, group: Any = None
    ) -> list[dict[str, Any]]:
        """Return a row with the number for each sequence; `Asen.predict` tells of the arguments.

        Raises `BadInput` for sequences of another length, for what is no number, and for unknown
        tasks and groups.
        """
        if sequences is None:
            raise BadInput(f"Give a sequence of {self.n} numbers, or several.")
        name = self.task(task)
        numbers = as_numbers(sequences, self.n)
        found = torch.cat(
            [self._found(part, name, group) for part in torch.split(numbers, self.at_a_time)]
        )
        return [
            {"sequence": " ".join(f"{x:g}" for x in row), "prediction": round(value, 6)}
            for row, value in zip(numbers.tolist(), found.tolist(), strict=True)
        ]

    def _found(self, numbers: Tensor, task: str, group: Any) -> Tensor:
        rows = torch.full((len(numbers),), self.tasks.index(task), device=self.out_std.device)
        places, table = self.colours(task, group=group)
        found: Tensor = self(numbers.to(self.out_std), places, rows, table)
        return found


def named(code: Tensor | int, names: int | Sequence[str]) -> int | str:
    """Return what a code stands for."""
    return int(code) if isinstance(names, int) else names[int(code)]


def recoded(
    codes: Tensor, given: int | Sequence[str], own: int | Sequence[str], what: str
) -> Tensor:
    """Return codes by `given` names as those by the model's `own`; raises `BadInput` for others."""
    if isinstance(given, int) and isinstance(own, int):
        if given > own:
            raise BadInput(f"The data have the {what} {given - 1}; the model knows 0 to {own - 1}.")
        return codes
    if isinstance(given, int) or isinstance(own, int):
        words, numbers = ("data", "model") if isinstance(own, int) else ("model", "data")
        raise BadInput(f"Each {what} is a word in the {words} and a number in the {numbers}.")
    known = list(own)
    unknown = [name for name in given if name not in known]
    if unknown:
        raise BadInput(f"The model knows no {what} {unknown[0]!r}{closest(unknown[0], known)}")
    return torch.tensor([known.index(name) for name in given])[codes]


def _short(number: Tensor) -> float:
    return round(float(number), 4)


def moved_together(inputs: tuple[Tensor, ...], generator: torch.Generator) -> Any:
    """Permute positions and colours alike: what the network commutes with, whatever the colours."""
    values, places, *others = inputs
    order = torch.randperm(values.shape[1], generator=generator)
    acted = (values[:, order], places[:, order][:, :, order], *others)
    return acted, lambda found: found[:, order] if found.dim() == 3 else found

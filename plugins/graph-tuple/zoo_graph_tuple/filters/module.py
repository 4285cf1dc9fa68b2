"""`TupleFilter`: a linear filter of words over operators, fitted by least squares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from zoo_core import BadInput, Run
from zoo_graph_tuple.filters.data import Filtered
from zoo_graph_tuple.filters.theory import Word, named, words_up_to

KINDS = ("tuple", "first", "sum")


class TupleFilter(nn.Module):
    """Signals (m, n) to sum over words w of c_w w(A_1, A_2, …) x, on one graph of n nodes.

    The words are all those up to length `degree`; `operators` says over what: each of the `count`
    operators ("tuple"), the first alone ("first"), or their sum ("sum", the dense graph). The
    operators are buffers, which `train_filter` fills. Raises `BadInput` for what is none of these.
    """

    matrices: Tensor

    def __init__(
        self, operators: str = "tuple", degree: int = 2, nodes: int = 3, count: int = 2
    ) -> None:
        super().__init__()
        if operators not in KINDS or min(degree, nodes, count) < 1:
            raise BadInput(
                f"operators={operators!r}, degree={degree}, nodes={nodes}, count={count}; expected "
                f"{', '.join(KINDS)}, and 1 or more."
            )
        self.operators, self.nodes = operators, nodes
        self.words = words_up_to(count if operators == "tuple" else 1, degree)
        self.register_buffer("matrices", torch.zeros(count, nodes, nodes))
        self.weights = nn.Parameter(torch.zeros(len(self.words)))

    def forward(self, signals: Tensor) -> Tensor:
        """Return filtered signals (m, n)."""
        return torch.einsum("w,wmn->mn", self.weights, self.filtered(signals))

    def filtered(self, signals: Tensor) -> Tensor:
        """Return the signals (words, m, n) along each word; its last operator acts first."""
        used = {"first": self.matrices[:1], "sum": self.matrices.sum(0, keepdim=True)}
        matrices = used.get(self.operators, self.matrices)
        found: dict[Word, Tensor] = {(): signals}
        for word in self.words[1:]:
            found[word] = found[word[1:]] @ matrices[word[0]].T
        return torch.stack([found[word] for word in self.words])

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return four random signals."""
        return (torch.randn(4, self.nodes, generator=torch.Generator().manual_seed(seed)),)

    def outputs(self, split: Any, batch_size: int = 1024) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets of nodes (m n,); raises `BadInput` for another graph."""
        data = split.data
        if not isinstance(data, Filtered) or data.inputs.shape[1] != self.nodes:
            raise BadInput(f"The filter takes signals on its graph of {self.nodes} nodes.")
        for rows in split.indices.split(batch_size):
            found = self(data.inputs[rows].to(self.weights))
            yield {
                "prediction": found.flatten(),
                "target": data.targets[rows].to(found).flatten(),
            }

    def predict(self, signals: Any = None) -> list[dict[str, Any]]:
        """Return filtered signals, a row each; without any, the weight of each word.

        `signals` are (n,) or (m, n). Raises `BadInput` for what is not on the filter's graph.
        """
        if signals is None:
            return [
                {"word": named(word), "weight": float(weight)}
                for word, weight in zip(self.words, self.weights, strict=True)
            ]
        given = signals.inputs if isinstance(signals, Filtered) else signals
        try:
            found = np.atleast_2d(np.asarray(given, dtype=np.float64))
        except (TypeError, ValueError) as error:
            raise BadInput(f"The signals are no numbers: {error}.") from error
        if found.ndim != 2 or found.shape[1] != self.nodes or not np.isfinite(found).all():
            raise BadInput(
                f"The signals have the shape {found.shape}; expected ({self.nodes},) or (m, "
                f"{self.nodes}) of finite numbers."
            )
        filtered = self(torch.from_numpy(found).to(self.weights))
        return [
            {"signal": row, "filtered": [float(one) for one in each]}
            for row, each in enumerate(filtered)
        ]


def train_filter(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Fit the weights of the words by least squares on the training signals. Nothing is random.

    Raises `BadInput` for data of another kind.
    """
    data = run.data
    if not isinstance(data, Filtered):
        raise BadInput("gt-filter is fitted to signals, targets and operators of one graph.")
    module: Any = run.make(nodes=data.inputs.shape[1], count=len(data.operators))
    module.double()
    with torch.no_grad():
        module.matrices.copy_(data.operators)
        rows = data.rows["train"]
        design = module.filtered(data.inputs[rows].double()).flatten(1).T
        # By singular values, so that words that say the same share a weight.
        found = torch.linalg.lstsq(
            design, data.targets[rows].double().reshape(-1, 1), driver="gelsd"
        )
        module.weights.copy_(found.solution[:, 0])
    trained: nn.Module = module.float()
    return trained

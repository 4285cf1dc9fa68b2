"""The networks that are trained: embedding, blocks on a residual stream, norm and head.

The form is zoology's (arXiv:2312.04927): LayerNorm before each block and before the head, no
positions, no feed-forward layers; where answers are tokens, the head is the embedding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from zoo_ssm.blocks import S4D, Mamba, Mamba2

from zoo_core.errors import BadInput
from zoo_mamba_selectivity.prompts import one_source, read_question, read_tokens
from zoo_mamba_selectivity.sequences import SequenceTask

EMBEDDING_STD = 0.02
KEEP_STD = 0.3
"""Smaller than time and the constant, so that a LayerNorm does not drown these."""
ROWS = 250
"""Sequences measured at once."""
MIXERS = ("mamba", "mamba2", "s4d-real", "s4d-lin")


class SequenceNetwork(nn.Module):
    """What the networks of both tasks share: L blocks, each after a LayerNorm, and a last norm.

    Subclasses embed tokens and read answers.

    Args:
        vocabulary: V.
        mixer: "mamba" (S6), "mamba2", "s4d-real" or "s4d-lin"; see `zoo_ssm.blocks`.
        width: d, of the residual stream.
        layers: L.
        inner: D, the channels of the mixer; by default 2 d.
        state_size: N.
        heads: H, of Mamba-2; the other mixers have none.
        conv_width: w, the taps of the convolution; 1 switches it off.
        gate: whether blocks are gated.
        decay: what the initial decay rates of an S4D mixer are multiplied by.
        steps: the range of its initial steps.
    """

    def __init__(
        self,
        vocabulary: int,
        mixer: str,
        width: int,
        layers: int,
        inner: int | None,
        state_size: int,
        heads: int,
        conv_width: int,
        gate: bool,
        decay: float = 1.0,
        steps: tuple[float, float] = (1e-3, 1e-1),
    ) -> None:
        if mixer not in MIXERS:
            raise ValueError(f"mixer is {mixer!r}; expected one of {', '.join(MIXERS)}.")
        if vocabulary < 2 or layers < 1:
            raise ValueError(
                f"vocabulary={vocabulary} and layers={layers} are wrong; give 2 tokens and 1 layer "
                "or more."
            )
        super().__init__()
        self.vocabulary = vocabulary

        def block() -> nn.Module:
            common: dict[str, Any] = {"conv_width": conv_width, "gate": gate}
            if mixer == "mamba":
                return Mamba(width, inner, state_size, **common)
            if mixer == "mamba2":
                return Mamba2(width, inner, state_size, heads, **common)
            kind = mixer.removeprefix("s4d-")
            return S4D(width, inner, state_size, kind, decay=decay, steps=steps, **common)

        self.blocks = nn.ModuleList(block() for _ in range(layers))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.last_norm = nn.LayerNorm(width)

    def embed(self, tokens: Tensor) -> Tensor:
        """Return (b, T, d) of tokens (b, T)."""
        raise NotImplementedError

    def read(self, hidden: Tensor) -> Tensor:
        """Return logits (…, V) of the normed residual stream (…, d)."""
        raise NotImplementedError

    def forward(self, tokens: Tensor, places: Tensor | None = None) -> Tensor:
        """Return the logits (b, T, V) of tokens (b, T), or (b, k, V) at `places` (b, k) only.

        Position t sees the tokens up to t. Raises `BadInput` for what are no tokens.
        """
        self._check(tokens)
        hidden = self.embed(tokens)
        for norm, block in zip(self.norms, self.blocks, strict=True):
            hidden = hidden + block(norm(hidden))[0]
        if places is not None:
            # Before the head: its cost grows with the vocabulary, and little is asked.
            hidden = hidden.gather(1, places.unsqueeze(-1).expand(-1, -1, hidden.shape[-1]))
        return self.read(self.last_norm(hidden))

    def outputs_and_targets(self, data: Any, split: str) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield logits (n, V) and answers (n,) wherever one is asked, batch by batch.

        Raises `BadInput` for other data, an unknown split, or another vocabulary.
        """
        if not isinstance(data, SequenceTask):
            raise BadInput(
                f"A {type(data).__name__} is no task on sequences; give the data 'mqar' or "
                "'keepnth'."
            )
        if data.vocabulary != self.vocabulary:
            raise BadInput(
                f"The data have {data.vocabulary} tokens, but this model knows {self.vocabulary}; "
                f"give data with the option vocabulary={self.vocabulary}."
            )
        part = data.part(split)
        arrays = [torch.from_numpy(array) for array in (part.tokens, *part.queries())]
        for rows in zip(*(array.split(ROWS) for array in arrays), strict=True):
            tokens, places, answers = (row.to(self._device) for row in rows)
            yield self(tokens, places).flatten(0, 1), answers.flatten()

    def example_inputs(self, seed: int = 0) -> tuple[Tensor]:
        """Return two short rows of random tokens for `forward`."""
        generator = torch.Generator().manual_seed(seed)
        return (torch.randint(self.vocabulary, (2, 12), generator=generator),)

    @property
    def _device(self) -> torch.device:
        return self.last_norm.weight.device

    def _check(self, tokens: Tensor) -> None:
        if tokens.dim() != 2 or tokens.is_floating_point() or tokens.shape[1] == 0:
            raise BadInput(
                f"The tokens are {tokens.dtype} of shape {tuple(tokens.shape)}; give integers "
                "(b, T), one or more in a row."
            )
        low, high = (int(tokens.min()), int(tokens.max())) if len(tokens) else (0, 0)
        if low < 0 or high >= self.vocabulary:
            raise BadInput(
                f"Token {low if low < 0 else high} is out of the vocabulary; this model knows 0 to "
                f"{self.vocabulary - 1}."
            )

    @torch.no_grad()
    def _probabilities(self, tokens: list[int], places: list[int]) -> Tensor:
        """Return (k, V) of one sequence at the places (k,)."""
        inputs = (torch.tensor([row], device=self._device) for row in (tokens, places))
        found: Tensor = self(*inputs)[0].double().softmax(dim=-1)
        return found


class RecallNetwork(SequenceNetwork):
    """Associative recall (MQAR): at a key that stood before, the value that followed it.

    Arguments as of `SequenceNetwork`. The head is the embedding.
    """

    def __init__(
        self,
        vocabulary: int,
        mixer: str = "mamba2",
        width: int = 64,
        layers: int = 1,
        inner: int | None = None,
        state_size: int = 32,
        heads: int = 4,
        conv_width: int = 4,
        gate: bool = True,
        decay: float = 1.0,
        steps: tuple[float, float] = (1e-3, 1e-1),
    ) -> None:
        super().__init__(
            vocabulary,
            mixer,
            width,
            layers,
            inner,
            state_size,
            heads,
            conv_width,
            gate,
            decay,
            steps,
        )
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=EMBEDDING_STD)

    def embed(self, tokens: Tensor) -> Tensor:
        """Return (b, T, d) of tokens (b, T)."""
        found: Tensor = self.embedding(tokens)
        return found

    def read(self, hidden: Tensor) -> Tensor:
        """Return logits (…, V) of the normed residual stream (…, d)."""
        return hidden @ self.embedding.weight.T

    def predict(self, *source: Any) -> list[dict[str, Any]]:
        """Answer the queries of a prompt.

        Args:
            *source: tokens, as a text such as "8 150 3 140 8 0 3" or as integers, where every key
                that stands again is a query; or ``{"pairs": [[8, 150], [3, 140]], "queries":
                [8, 3]}``. Keys are 1 to V/2 - 1, values V/2 to V - 1, and 0 is blank.

        Returns:
            For each query a row: its position, the key asked, the answer and its probability.

        Raises:
            BadInput: no prompt, tokens that are none or unknown, or nothing is asked.
        """
        tokens, places = read_question(one_source(source), self.vocabulary)
        return [
            {
                "position": place,
                "query": tokens[place],
                "answer": int(row.argmax()),
                "probability": float(row.max()),
            }
            for place, row in zip(places, self._probabilities(tokens, places), strict=True)
        ]


class KeepNetwork(SequenceNetwork):
    """Keep-n-th: after the last symbol, the n-th one.

    A symbol's embedding has two more places, its time s and the constant 1, so that a layer can
    tell where it is. Arguments as of `SequenceNetwork`, and

    Args:
        position: n, counted from 0: what the network is trained to tell.
        length: T, of the sequences it is trained on; the time of position s is s/T.
    """

    def __init__(
        self,
        vocabulary: int,
        position: int,
        length: int,
        mixer: str = "mamba",
        width: int = 64,
        layers: int = 1,
        inner: int | None = None,
        state_size: int = 32,
        heads: int = 4,
        conv_width: int = 4,
        gate: bool = True,
        decay: float = 1.0,
        steps: tuple[float, float] = (1e-3, 1e-1),
    ) -> None:
        if width < 3 or not 0 <= position < length:
            raise ValueError(
                f"width={width}, position={position} and length={length} are wrong; give a width "
                "of 3 or more, and a position below the length."
            )
        super().__init__(
            vocabulary,
            mixer,
            width,
            layers,
            inner,
            state_size,
            heads,
            conv_width,
            gate,
            decay,
            steps,
        )
        self.position, self.length = position, length
        self.embedding = nn.Embedding(vocabulary, width - 2)
        nn.init.normal_(self.embedding.weight, std=KEEP_STD)
        self.head = nn.Linear(width, vocabulary)

    def embed(self, tokens: Tensor) -> Tensor:
        """Return (b, T, d) of tokens (b, T): embedding, time and 1."""
        symbols = self.embedding(tokens)
        time = torch.arange(tokens.shape[1], device=tokens.device).to(symbols.dtype) / self.length
        place = torch.stack([time, torch.ones_like(time)], dim=-1)
        return torch.cat([symbols, place.expand(len(tokens), -1, -1)], dim=-1)

    def read(self, hidden: Tensor) -> Tensor:
        """Return logits (…, V) of the normed residual stream (…, d)."""
        found: Tensor = self.head(hidden)
        return found

    def predict(self, *source: Any) -> list[dict[str, Any]]:
        """Tell the n-th symbol of a sequence, read after its last one.

        Args:
            *source: symbols from 0 to V - 1, as a text such as "3 15 0 7" or as integers; more
                than n, and as many as in training (T) for the accuracy measured.

        Returns:
            One row: the position n, the answer and its probability.

        Raises:
            BadInput: no sequence, symbols that are none or unknown, or too few of them.
        """
        tokens = read_tokens(one_source(source), self.vocabulary)
        if len(tokens) <= self.position:
            raise BadInput(
                f"The sequence has {len(tokens)} symbols, and this model tells the one at position "
                f"{self.position} (from 0); give more than {self.position}."
            )
        row = self._probabilities(tokens, [len(tokens) - 1])[0]
        return [
            {
                "position": self.position,
                "answer": int(row.argmax()),
                "probability": float(row.max()),
            }
        ]

"""What the networks that are trained share: blocks on a residual stream, with norms.

The form is zoology's (arXiv:2312.04927): LayerNorm before each block and before the head, no
positions, no feed-forward layers; where answers are tokens, the head is the embedding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from zoo_ssm.blocks import S4D, Mamba, Mamba2

from zoo_core import BadInput, Split
from zoo_mamba_selectivity.data.sequences import SequenceTask
from zoo_mamba_selectivity.reading import one_source, read_tokens

ROWS = 250
"""Sequences measured at once."""
MIXERS = ("mamba", "mamba2", "s4d-real", "s4d-lin")


class SequenceNetwork(nn.Module):
    """L blocks, each after a LayerNorm, and a last norm; subclasses embed tokens and read answers.

    `vocabulary` is V, `width` is d (of the residual stream), `layers` is L. The `mixer` is "mamba"
    (S6), "mamba2", "s4d-real" or "s4d-lin", see `zoo_ssm.blocks`, with `inner` channels D (2 d by
    default), `state_size` N, `heads` H (of Mamba-2; the other mixers have none) and `conv_width`
    taps of the convolution (1 switches it off); `gate` says whether blocks are gated. The initial
    decay rates of S6 and S4D are multiplied by `decay`; S4D's initial steps are in the range
    `steps`.
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

        def block() -> Mamba | Mamba2 | S4D:
            if mixer == "mamba":
                return Mamba(
                    width, inner, state_size, conv_width=conv_width, gate=gate, decay=decay
                )
            if mixer == "mamba2":
                return Mamba2(width, inner, state_size, heads, conv_width=conv_width, gate=gate)
            return S4D(
                width,
                inner,
                state_size,
                mixer.removeprefix("s4d-"),
                conv_width=conv_width,
                gate=gate,
                decay=decay,
                steps=steps,
            )

        self.blocks = nn.ModuleList(block() for _ in range(layers))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.last_norm = nn.LayerNorm(width)

    def embed_tokens(self, tokens: Tensor) -> Tensor:
        """Return (b, T, d) of tokens (b, T)."""
        raise NotImplementedError

    def read(self, hidden: Tensor) -> Tensor:
        """Return logits (…, V) of the normed residual stream (…, d)."""
        raise NotImplementedError

    def forward(self, tokens: Tensor, places: Tensor | None = None) -> Tensor:
        """Return the logits (b, T, V) of tokens (b, T), or (b, k, V) at `places` (b, k) only.

        Position t sees the tokens up to t. Raises `BadInput` for tensors that cannot be tokens.
        """
        if tokens.dim() != 2 or tokens.is_floating_point() or tokens.shape[1] == 0:
            raise BadInput(
                f"The tokens are {tokens.dtype} of shape {tuple(tokens.shape)}; give integers "
                "(b, T), one or more in a row."
            )
        hidden = self.hidden(tokens)
        if places is not None:
            # Before the head: its cost grows with the vocabulary, and little is asked.
            index = places.to(self._device).unsqueeze(-1).expand(-1, -1, hidden.shape[-1])
            hidden = hidden.gather(1, index)
        return self.read(self.last_norm(hidden))

    def hidden(self, tokens: Tensor) -> Tensor:
        """Return the residual stream (b, T, d) behind the last block."""
        stream = self.embed_tokens(tokens.to(self._device))
        for norm, block in zip(self.norms, self.blocks, strict=True):
            stream = stream + block(norm(stream))[0]
        return stream

    @torch.no_grad()
    def embed(self, *sources: Any) -> Tensor:
        """Return the last hidden state (m, d) of each sequence, normed, as the head reads it.

        A source is a sequence of tokens: a text such as "8 150 3 140", a file with one, an array or
        a list of integers; or a split of a task, whose sequences then are read to their ends.
        Raises `BadInput` for no sequence, and for tokens that are none or unknown.
        """
        if len(sources) == 1 and isinstance(sources[0], Split):
            data, name = sources[0].data, sources[0].name
            batches = data.asked(name, self.vocabulary, ROWS)
            rows = [torch.from_numpy(tokens) for tokens, _, _ in batches]
        else:
            if not sources:
                raise BadInput("No sequence was given; give tokens, such as '8 15 3 12'.")
            read = (read_tokens(one_source([source]), self.vocabulary) for source in sources)
            rows = [torch.tensor([tokens]) for tokens in read]
        return torch.cat([self.last_norm(self.hidden(tokens)[:, -1]) for tokens in rows])

    def outputs(self, split: Split, batch_size: int = ROWS) -> Iterator[Mapping[str, Tensor]]:
        """Yield logits (n, V) and the target (n,) wherever one is asked, batch by batch.

        Raises `BadInput` for other data, or another vocabulary.
        """
        data = split.data
        if not isinstance(data, SequenceTask):
            raise BadInput(
                f"A {type(data).__name__} is no task on sequences; give the data 'mqar' or "
                "'keepnth'."
            )
        for arrays in data.asked(split.name, self.vocabulary, batch_size):
            tokens, places, answers = (torch.from_numpy(a).to(self._device) for a in arrays)
            yield {
                "logits": self(tokens, places).flatten(0, 1),
                "target": answers.flatten(),
            }

    def example_inputs(self, seed: int = 0) -> tuple[Tensor]:
        """Return two short rows of random tokens for `forward`."""
        generator = torch.Generator().manual_seed(seed)
        return (torch.randint(self.vocabulary, (2, 12), generator=generator),)

    @torch.no_grad()
    def probabilities(self, tokens: list[int], places: list[int]) -> Tensor:
        """Return (k, V) float64 of one sequence (T,) at the places (k,)."""
        logits: Tensor = self(torch.tensor([tokens]), torch.tensor([places]))[0]
        return logits.double().softmax(dim=-1)

    @property
    def _device(self) -> torch.device:
        return self.last_norm.weight.device

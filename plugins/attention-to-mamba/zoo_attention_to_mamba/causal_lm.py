"""Causal language models: the Transformers that teach, and the students they become."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from zoo_attention_to_mamba import generation
from zoo_attention_to_mamba.network import Network


class CausalLM(Network):
    """A `Network` that writes text and is measured on it, whether it is a teacher or a student."""

    def predict(
        self,
        *prompts: str,
        prompt: str | None = None,
        tokens: int = 256,
        temperature: float = 1.0,
        top_k: int = 0,
        seed: int = 0,
        beyond: bool = False,
    ) -> Iterator[str] | list[dict[str, str]]:
        """Go on writing behind a prompt: yield it and then pieces of text as they are made.

        Several prompts give rows ``{"prompt", "text"}`` instead. `temperature` 0 always takes the
        likeliest token; `top_k` 0 draws from all; `beyond` goes on beyond the context, which
        attention cannot. See `zoo_attention_to_mamba.generation.write`; raises `BadInput`.
        """
        return generation.write(
            self,
            prompts if prompt is None else (*prompts, prompt),
            tokens=tokens,
            temperature=temperature,
            top_k=top_k,
            seed=seed,
            beyond=beyond,
        )

    def outputs_and_targets(self, data: Any, split: str) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield logits (B, T, V) and next tokens (B, T) over a split's consecutive windows.

        `data` is a `Text`; windows are of its `window` tokens (fewer if the context is), each
        scored from its own first token.
        """
        window = min(data.window, self.context)
        inputs, targets = data.windows(self.text_tokenizer, split, window)
        for batch, wanted in zip(inputs.split(16), targets.split(16), strict=True):
            logits = self(batch)
            yield logits, wanted.to(logits.device)

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return random token ids (2, 11)."""
        generator = torch.Generator().manual_seed(seed)
        return (torch.randint(self.embedding.num_embeddings, (2, 11), generator=generator),)

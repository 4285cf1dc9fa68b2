"""Causal language models: the Transformers that teach, and the students they become."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Any, Literal

import torch
from torch import Tensor

from zoo_attention_to_mamba import generation
from zoo_attention_to_mamba.decoding import Mode
from zoo_attention_to_mamba.network import Network
from zoo_attention_to_mamba.reading.prompts import read_prompts
from zoo_attention_to_mamba.text import Text
from zoo_core import BadInput, Split


class CausalLM(Network):
    """A `Network` that writes text and is measured on it, whether it is a teacher or a student."""

    def predict(
        self,
        *prompts: str | PathLike[str],
        prompt: str | None = None,
        tokens: int = 256,
        temperature: float = 1.0,
        top_k: int = 0,
        seed: int = 0,
        beyond: bool = False,
        mode: Mode = "eager",
    ) -> Iterator[str] | list[dict[str, str]]:
        """Go on writing behind a prompt: yield it and then pieces of text as they are made.

        A prompt is a text, or a file whose text it is (see `reading.prompts.read_prompts`);
        `prompt` is always a text. Several prompts give rows ``{"prompt", "text"}`` instead.
        `temperature` 0 always takes the likeliest token; `top_k` 0 draws from all; `beyond` goes on
        beyond the context, which attention cannot. `mode` "traced" or "compiled" takes time first
        and is faster then. See `generation.write`; raises `BadInput`.
        """
        return generation.write(
            self,
            [*read_prompts(prompts), *([] if prompt is None else [prompt])],
            tokens=tokens,
            temperature=temperature,
            top_k=top_k,
            seed=seed,
            beyond=beyond,
            mode=mode,
        )

    @torch.no_grad()
    def embed(
        self, *prompts: str | PathLike[str], pooling: Literal["mean", "last"] = "mean"
    ) -> Tensor:
        """Return a row (m, d) for each text: the mean of its tokens' last hidden states, normed.

        Texts are those of `predict`; with `pooling` "last" the row is the last token's state, which
        has seen all of them. A split of a `Text` gives a row for each of its documents. Raises
        `BadInput` for no text, one with characters that the tokenizer does not know, and one that
        is longer than the context.
        """
        if pooling not in ("mean", "last"):
            raise BadInput(f"pooling={pooling!r} is unknown; expected mean or last.")
        given: Any = prompts[0] if len(prompts) == 1 else None
        whole = isinstance(given, Split)
        texts = given.data.text(given.name) if whole else read_prompts(prompts)
        if not texts:
            raise BadInput("No text was given to embed; give one or more, or files.")
        rows = []
        for ids in generation.encoded(self, texts):
            if len(ids) > self.context:
                raise BadInput(
                    f"A text is {len(ids)} tokens long, but the model knows {self.context} "
                    "positions; cut it."
                )
            states = self.norm(self.hidden(torch.tensor([ids])))[0]
            rows.append(states.mean(dim=0) if pooling == "mean" else states[-1])
        return torch.stack(rows)

    def example_sources(self, seed: int) -> list[str]:
        """Return three short texts for `embed`, of words that are anywhere."""
        words = ["the", "a", "one", "he", "she", "was", "is", "and", "so", "it"]
        draw = torch.Generator().manual_seed(seed)
        return [
            " ".join(words[i] for i in torch.randint(len(words), (size,), generator=draw).tolist())
            for size in (3, 6, 4)
        ]

    def outputs(self, split: Split, batch_size: int = 16) -> Iterator[dict[str, Tensor]]:
        """Yield logits (B, T, V) and targets, the next tokens (B, T), of consecutive windows.

        `split` is one of a `Text`; windows are of its `window` tokens (fewer if the context is),
        each scored from its own first token. Raises `BadInput` for other data.
        """
        if not isinstance(split.data, Text):
            raise BadInput(
                f"A language model is measured on texts, and this is a "
                f"{type(split.data).__name__}; choose a dataset for text-generation."
            )
        inputs, targets = self.windows(split)
        batches = (torch.split(tokens, batch_size) for tokens in (inputs, targets))
        for batch, wanted in zip(*batches, strict=True):
            logits = self(batch)
            yield {"logits": logits, "target": wanted.to(logits.device)}

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return random token ids (2, 11)."""
        generator = torch.Generator().manual_seed(seed)
        return (torch.randint(self.embedding.num_embeddings, (2, 11), generator=generator),)

    def windows(self, split: Split) -> tuple[Tensor, Tensor]:
        """Return the windows of a text that it is measured on: inputs and next tokens, (n, T)."""
        data: Text = split.data
        return data.windows(self.text_tokenizer, split.name, min(data.window, self.context))

"""The first minute: load a model, predict, measure it, with the card's number beside."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

from zoo_core._loading.models import load
from zoo_core._measuring.evaluation import evaluate, predict
from zoo_core._registry.left_out import advice
from zoo_core._registry.listing import list_models
from zoo_core._registry.registry import registry
from zoo_core._registry.results import stored
from zoo_core.errors import BadInput, DataError


def steps(name: str | None = None) -> Iterator[tuple[str, str]]:
    """Yield what is done and what came of it, step by step.

    Without a name the first model that has weights is taken. Raises `BadInput` when there is none.
    """
    names = list_models()
    if not (name or names):
        raise BadInput(f"No plugin that is read has a model with weights; {advice()}.")
    chosen = name or names[0]
    started = time.perf_counter()
    module = load(chosen)
    size = sum(parameter.numel() for parameter in module.parameters())
    yield "load", f"{chosen}: {size:,} parameters in {time.perf_counter() - started:.2f} s"
    try:
        answer = predict(module)
        rows = answer if isinstance(answer, list) else [answer]
        for row in islice(rows, 3):
            yield "predict", str(row)
        yield "predict", f"{len(rows):,} rows, without any data: what the model carries"
    except BadInput as error:
        yield "predict", f"skipped: {error}"
    card = {row.key: row for row in stored(chosen)}
    try:
        for row in evaluate(module):
            metric = registry().metric(row.metric)
            old = card.get(row.key)
            beside = old.shown(metric) if old else "nothing"
            yield (
                "evaluate",
                (
                    f"{metric.title} on {row.dataset}, {row.split} split: {row.shown(metric)}; "
                    f"the card says {beside}"
                ),
            )
    except DataError as error:
        yield "evaluate", f"skipped, for want of data: {error}"

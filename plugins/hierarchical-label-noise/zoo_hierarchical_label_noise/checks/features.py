"""Claims on frozen, pre-trained features: people's labels, the official tree, induced trees.

What is measured with ``every=40`` looks at each fortieth test image: they come class by class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from zoo_images.cifar import CLASSES
from zoo_images.features import features_of
from zoo_images.probe import choose_regression, standardisation
from zoo_label_noise import transitions
from zoo_label_noise.losses import (
    forward_correction,
    generalised_cross_entropy,
    label_smoothing,
)

from zoo_core import BadInput, Finding, bootstrap, dataset, load
from zoo_hierarchical_label_noise.checks.comparing import mcnemar, percent
from zoo_hierarchical_label_noise.hierarchy import Hierarchy
from zoo_hierarchical_label_noise.induction import class_means, induced_groups
from zoo_hierarchical_label_noise.losses import levels_of, marginal
from zoo_hierarchical_label_noise.specs.models import THINGS
from zoo_hierarchical_label_noise.tree_softmax import TreeSoftmax

PENALTIES = (1e-5, 1e-4, 1e-3, 1e-2)
TWO = (1e-4, 1e-3)
UNTUNED = 1e-3
KINDS = ("clean", "aggre", "random1", "worst")
Loss = Callable[[Tensor, Tensor], Tensor]


def human(limit: int | None = None, every: int = 1) -> Finding:
    """Compare heads fitted to people's labels, each penalty chosen on noisy validation labels.

    All are measured on the same clean test images: a bootstrap over them, and McNemar's test.
    """
    things = _things()
    quantities: dict[str, Any] = {}
    figures: dict[str, Any] = {}
    told = []
    for kind in ("random1", "worst"):
        data = _heads(kind, limit, every)
        answers = {"flat": data.flat(), "product": data.tree(things)}
        if kind == "worst":
            answers["marginal"] = data.flat(marginal(1.0, levels_of(things)))
        right = {name: data.right(found) for name, found in answers.items()}
        for name, hits in right.items():
            figures[f"{kind}: {name}"] = percent(hits)
            if name != "flat":
                quantities[f"{kind}: {name} minus flat"] = _lead(hits, right["flat"])
        pvalue = mcnemar(right["product"], right["flat"])
        figures[f"{kind}: McNemar p, product and flat"] = pvalue
        told.append(
            ", ".join([f"{kind}: McNemar p = {pvalue:.2g}", *(
                f"{name} {percent(hits):.1f} %" for name, hits in right.items()
            )])
        )  # fmt: skip
        if kind == "worst":
            quantities["worst: accuracy of flat"] = bootstrap((100.0 * right["flat"]).tolist())
    return Finding(quantities=quantities, told="; ".join(told), figures=figures)


def against_the_best(limit: int | None = None, every: int = 1) -> Finding:
    """Compare the tree with the flat head that the accuracy on noisy validation labels prefers.

    The flat heads are fitted to cross-entropy, to it with labels smoothed by 0.1, to the
    generalised cross-entropy, and to cross-entropy through the transition matrix that was counted
    over all 50,000 labels, which the tree does not know.
    """
    data = _heads("worst", limit, every)
    forward = forward_correction(data.transition)
    flat = {
        "cross-entropy": data.flat(),
        "label smoothing": data.flat(label_smoothing(0.1)),
        "generalised cross-entropy": data.flat(generalised_cross_entropy(0.7)),
        "forward correction": data.flat(forward, forward),
    }
    given = data.labels["val"]
    preferred = max(flat, key=lambda name: percent(flat[name]["val"].argmax(1) == given))
    tree, best = data.right(data.tree(_things())), data.right(flat[preferred])
    accuracies = {name: percent(data.right(found)) for name, found in flat.items()}
    return Finding(
        quantities={"worst: product minus the best flat head": _lead(tree, best)},
        told=f"preferred: {preferred}; McNemar p = {mcnemar(tree, best):.2g}; product "
        f"{percent(tree):.1f} %, "
        + ", ".join(f"{name} {value:.1f} %" for name, value in accuracies.items()),
        figures={"product": percent(tree), **accuracies},
    )


def beside_hiclass(limit: int | None = None, every: int = 1) -> Finding:
    """Compare the product with hiclass's local classifiers per parent node, on the same features.

    These are logistic regressions that are followed from the top. Their penalty is the one with
    the highest accuracy on noisy validation labels. Raises `BadInput` where hiclass is not
    installed.
    """
    try:
        from hiclass import LocalClassifierPerParentNode
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise BadInput(f"hiclass cannot be imported ({error}); `pip install hiclass`.") from error
    data, tree = _heads("worst", limit, every), _things()
    paths = np.array([[f"group {group}", f"class {i}"] for i, group in enumerate(tree.groups)])
    x = {part: values.numpy() for part, values in data.x.items()}
    best: tuple[float, Tensor] | None = None
    for penalty in PENALTIES:
        count = len(x["train"])
        local = LogisticRegression(C=1 / (count * penalty), max_iter=100, tol=1e-3)
        model = LocalClassifierPerParentNode(local_classifier=local)
        model.fit(x["train"], paths[data.labels["train"].numpy()])
        found = {
            part: torch.tensor([int(str(row[1]).split()[1]) for row in model.predict(x[part])])
            for part in ("val", "test")
        }
        accuracy = percent(found["val"] == data.labels["val"])
        if best is None or accuracy > best[0]:
            best = (accuracy, found["test"])
    assert best is not None
    product, other = data.right(data.tree(tree)), best[1] == data.truth
    return Finding(
        quantities={"worst: product minus hiclass": _lead(product, other)},
        told=f"product {percent(product):.1f} %, hiclass {percent(other):.1f} %",
        figures={"product": percent(product), "hiclass": percent(other)},
    )


def official(seeds: int = 3, limit: int | None = 5_000, every: int = 1) -> Finding:
    """Compare the tree of CIFAR-100's superclasses with a flat head, people's confusions as noise.

    Of 5,000 images, which are 45 of each class to learn from.

    Once with a penalty that nobody chose, 1e-3, and once with the one that noisy validation labels
    prefer, for each head of the tree by itself. Seeds draw the noise.
    """
    rows: dict[str, list[float]] = {}
    for seed in range(seeds):
        data = _Heads("noisy-cifar100", "human", limit, every, seed)
        assert data.official is not None
        for way, penalties in (("untuned", (UNTUNED,)), ("tuned", TWO)):
            answers = {"flat": data.flat(penalties=penalties)}
            answers["product"] = data.tree(data.official, penalties)
            for name, found in answers.items():
                rows.setdefault(f"{way} {name}", []).append(percent(data.right(found)))
    return Finding(
        quantities={
            f"{way} penalty: product minus flat": [
                a - b for a, b in zip(rows[f"{way} product"], rows[f"{way} flat"], strict=True)
            ]
            for way in ("untuned", "tuned")
        },
        told=", ".join(f"{name} {sum(v) / len(v):.1f} %" for name, v in rows.items()),
        figures=rows,
        seeds=tuple(range(seeds)),
    )


def induced(limit: int | None = None) -> Finding:
    """Cluster the classes of CIFAR-10 by their labels, clean and of three kinds from people.

    That symmetric noise only shrinks distances between class means is checked on expected means.
    """
    (x,) = _standardised("noisy-cifar10n", limit, "train").values()
    figures: dict[str, Any] = {}
    for kind in KINDS:
        labels = _given(kind, limit)
        means = class_means(x, labels, 10)
        figures[f"{kind}: two"] = list(induced_groups(means, 2))
        figures[f"{kind}: five"] = list(induced_groups(means, 5))
    means = class_means(x, _given("worst", limit), 10)
    figures["means"] = means @ _leading(means)
    found = [figures[f"{kind}: two"] for kind in KINDS]
    wanted = _things().groups.tolist()
    return Finding(
        quantities={
            "of four kinds of labels, those that give vehicles and animals": sum(
                one == wanted for one in found
            ),
            "largest relative error of distances between class means, c times the clean ones": (
                _shrinking(means)
            ),
        },
        told=f"five superclasses from the worst labels: {figures['worst: five']}",
        figures=figures,
    )


def _leading(means: Any) -> Any:
    """Return a rotation (d, K) that keeps all distances between K points, in fewer numbers."""
    _, _, directions = np.linalg.svd(means, full_matrices=False)
    return directions.T


def _shrinking(means: Any, rate: float = 0.4) -> float:
    """Return how far expected noisy means are from having c times the distances of clean ones."""
    matrix = transitions.symmetric(rate, len(means))
    noisy = matrix.T @ means  # of equally frequent classes: columns of T are rows' weights
    upper = np.triu_indices(len(means), 1)
    before, after = (
        np.linalg.norm(one[:, None] - one[None], axis=2)[upper] for one in (means, noisy)
    )
    signal = transitions.signal(rate, len(means))
    return float(np.abs(after / (signal * before) - 1).max())


def _things() -> Hierarchy:
    return Hierarchy.of_nested(THINGS, CLASSES)


def _lead(first: Tensor, second: Tensor) -> Any:
    return bootstrap((100.0 * (first.double() - second.double())).tolist())


def _given(kind: str, limit: int | None) -> Tensor:
    options = {"rate": 0.0} if kind == "clean" else {"kind": kind}
    found: Tensor = dataset("noisy-cifar10n", limit=limit, **options).targets("train")
    return found


@lru_cache(maxsize=6)
def _features(name: str, limit: int | None, part: str, every: int = 1) -> Tensor:
    """Return the features of a split, or of each so many-th image; they know no labels."""
    data = dataset(name, limit=limit)
    return features_of(load("hierlabel-cifar10n"), data, data.rows[part][::every])


def _standardised(name: str, limit: int | None, *parts: str, every: int = 1) -> dict[str, Tensor]:
    """Return features of some splits, standardised by those of training and divided by sqrt(d)."""
    steps = {"test": every}
    mean, scale = standardisation(_features(name, limit, "train"))
    x = {part: _features(name, limit, part, steps.get(part, 1)) for part in parts}
    return {part: (values - mean) / scale for part, values in x.items()}


@lru_cache(maxsize=4)
def _heads(kind: str, limit: int | None, every: int) -> _Heads:
    return _Heads("noisy-cifar10n", kind, limit, every)


class _Heads:
    """Linear heads on the features of one dataset's images, fitted to one kind of noisy labels."""

    def __init__(self, name: str, kind: str, limit: int | None, every: int, seed: int = 0) -> None:
        self.x = _standardised(name, limit, "train", "val", "test", every=every)
        data = dataset(name, kind=kind, limit=limit, noise_seed=seed)
        self.labels = {part: data.targets(part) for part in ("train", "val")}
        self.truth = data.targets("test")[::every]
        self.transition = data.noise.transition
        self.count = len(data.classes)
        self.official = (
            Hierarchy.of_groups(data.groups, data.classes, data.group_names)
            if getattr(data, "groups", ())
            else None
        )

    def right(self, found: Mapping[str, Tensor]) -> Tensor:
        """Return which test images (n,) are classified rightly."""
        right: Tensor = found["test"].argmax(1) == self.truth
        return right

    def flat(
        self,
        loss: Loss = functional.cross_entropy,
        judge: Loss = functional.cross_entropy,
        penalties: Sequence[float] = PENALTIES,
    ) -> dict[str, Tensor]:
        """Return the logits of a flat head for validation and test images.

        Its penalty is that with the least `judge` on noisy validation labels.
        """
        return self._fitted(self.labels, self.count, penalties, loss, judge)

    def tree(self, tree: Hierarchy, penalties: Sequence[float] = PENALTIES) -> dict[str, Tensor]:
        """Return log P by the product of a tree of heads, each with a penalty of its own."""
        logits: dict[str, list[Tensor]] = {"val": [], "test": []}
        for number in tree.branching:
            branch = torch.from_numpy(tree.branch_of(number))
            local = {part: branch[values] for part, values in self.labels.items()}
            found = self._fitted(local, len(tree.nodes[number].children), penalties)
            for part, parts in logits.items():
                parts.append(found[part])
        softmax = TreeSoftmax(tree)
        return {part: softmax(torch.cat(parts, 1)) for part, parts in logits.items()}

    def _fitted(
        self,
        labels: Mapping[str, Tensor],
        count: int,
        penalties: Sequence[float],
        loss: Loss = functional.cross_entropy,
        judge: Loss = functional.cross_entropy,
    ) -> dict[str, Tensor]:
        """Return the logits of a head that was fitted to the images whose label is not -1."""
        train, val = (
            (self.x[part][labels[part] >= 0], labels[part][labels[part] >= 0])
            for part in ("train", "val")
        )
        _, weight, bias = choose_regression(train, val, count, penalties, loss, judge)
        return {part: self.x[part] @ weight.T + bias for part in ("val", "test")}

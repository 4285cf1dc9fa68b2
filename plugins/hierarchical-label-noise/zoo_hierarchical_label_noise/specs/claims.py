"""What the paper claims, sentence by sentence, and the bounds that each is judged by.

All bounds were written before the figures that they judge were measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo_core import Bound, Claim, exact, gain, value

_TARGET = "this project's target; the paper's tables were not at hand"
_ABSTRACT = "the abstract"
_DERIVED = "what follows from the abstract's setting, as the plugin's README has it"

FLAGSHIP = ("hierlabel-fashion-mnist", "flatlabel-fashion-mnist")
WITHIN = ("hierlabel-fashion-mnist-within40", "flatlabel-fashion-mnist-within40")
SYMMETRIC = ("hierlabel-fashion-mnist-sym40", "flatlabel-fashion-mnist-sym40")
CLOTHES = (*FLAGSHIP, *WITHIN, *SYMMETRIC)

_LEAST = {
    "hierlabel-fashion-mnist": 78.0,
    "hierlabel-fashion-mnist-within40": 78.0,
    "hierlabel-fashion-mnist-sym40": 82.0,
}
"""Clean test accuracy in percent."""


def _claim(
    name: str,
    check: str,
    statement: str,
    bounds: Mapping[str, Bound],
    source: str,
    **more: Any,
) -> Claim:
    return Claim(
        name=name,
        statement=statement,
        check=f"zoo_hierarchical_label_noise.checks.{check}",
        bounds=bounds,
        source=source,
        **more,
    )


def _tuned(kind: str, bound: Bound, severity: Bound) -> dict[str, Bound]:
    return {
        f"{kind}: tuned product minus tuned flat": bound,
        f"{kind}: mistake severity, tuned flat minus tuned product": severity,
    }


CLAIMS = (
    _claim(
        "clean-accuracy",
        "measured:clean_accuracy",
        "Trees of ordinary networks, trained on noisy labels and their noisy superclasses, "
        "classify clean test images.",
        {name: value(at_least=least, unit="%") for name, least in _LEAST.items()},
        _TARGET,
        arguments={"models": list(_LEAST)},
        models=tuple(_LEAST),
        minutes=2,
    ),
    _claim(
        "beside-flat",
        "measured:beside_flat",
        "Of the shipped pairs, each with a learning rate and an epoch that noisy validation labels "
        "chose, the tree is ahead of the flat network on the same 60,000 labels where they are "
        "confused across superclasses, and little behind where they are not.",
        {
            "hierlabel-fashion-mnist minus flatlabel-fashion-mnist": gain(at_least=3.0),
            "hierlabel-fashion-mnist-within40 minus flatlabel-fashion-mnist-within40": value(
                at_least=-1.0, unit="points"
            ),
            "hierlabel-fashion-mnist-sym40 minus flatlabel-fashion-mnist-sym40": value(
                at_least=-2.0, unit="points"
            ),
        },
        _TARGET,
        arguments={"pairs": [list(FLAGSHIP), list(WITHIN), list(SYMMETRIC)]},
        models=CLOTHES,
        minutes=0.5,
    ),
    _claim(
        "across-noise",
        "networks:across",
        "Where labels are confused across superclasses, a tree of networks is ahead of the flat "
        "network and of two flat networks at its cost; it is the soft product that is.",
        {
            "product minus flat": gain(at_least=6.0, unit="points"),
            "product minus two flat networks": gain(at_least=3.0, unit="points"),
            "product minus topdown": gain(at_least=15.0, unit="points"),
            "mistake severity, flat minus product": gain(at_least=0.0, unit=""),
            "largest p-value of McNemar's test": exact(at_most=0.05),
        },
        _TARGET,
        models=FLAGSHIP,
        minutes=1.5,
    ),
    _claim(
        "symmetric-noise",
        "networks:symmetric",
        "Under symmetric noise the product loses little to the flat network; top-down routing, "
        "which superclasses of unequal size mislead, loses more.",
        {
            "product minus flat": value(at_least=-2.0, unit="points"),
            "product minus topdown": gain(at_least=1.0, unit="points"),
        },
        _TARGET,
        models=SYMMETRIC,
        minutes=1.5,
    ),
    _claim(
        "tuned",
        "tuned:both_tuned",
        "The method improves on the regular network under label noise, when learning rate, number "
        "of epochs and smoothing are chosen for either on noisy validation labels.",
        {
            **_tuned("across 0.6", gain(at_least=0.0), gain(at_least=0.0, unit="")),
            **_tuned("within 0.4", gain(at_least=0.0), gain(at_least=0.0, unit="")),
            **_tuned(
                "symmetric 0.4",
                value(at_least=-2.0, unit="points"),
                value(at_least=-0.05, unit=""),
            ),
        },
        _ABSTRACT,
        models=CLOTHES,
        minutes=6,
        slow=True,
    ),
    _claim(
        "laws-of-the-tree",
        "theory:laws",
        "Exact conditionals give back the flat posterior; noise between superclasses is never more "
        "than noise between classes; top-down routing breaks down before the product does where "
        "superclasses differ in size.",
        {
            "largest error of the product of exact conditionals": exact(at_most=1e-9),
            "transition matrices whose coarse rate exceeds the fine one": exact(equal=0),
            "largest error of (1 - coarse rate)(1 - fine rate within) = 1 - rate": (
                exact(at_most=1e-12)
            ),
            "singletons lost by topdown at 0.70, of two": exact(equal=2),
            "singletons lost by topdown at 0.55, of two": exact(equal=0),
            "classes lost by the product at 0.70": exact(equal=0),
        },
        _DERIVED,
        models=CLOTHES,
        minutes=0.2,
    ),
)

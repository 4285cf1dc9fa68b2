"""Symmetry as an input: colours of the ordered pairs of n points, which break the symmetry S_n.

A network that commutes with every permutation of its points, and is given the colours of pairs as
edge features, commutes with those permutations alone that keep the colours (section 3 of the
paper). Coloured by the orbits of a group G, these are the 2-closure of G: the largest group that
has the same orbits on pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
import zoo_symmetry as zs
from torch import Tensor

from zoo_core import BadInput, closest

LARGEST_NOTE = 32
"""Points up to which a group is compared with its 2-closure; beyond, the search takes long."""


def _halves(n: int) -> zs.PermutationGroup:
    if n % 2:
        raise BadInput(f"{n} points have no halves of equal size; give an even number of points.")
    return zs.wreath(zs.symmetric(n // 2), zs.symmetric(2))


NAMED: Mapping[str, Callable[[int], zs.PermutationGroup]] = {
    "trivial": zs.trivial,
    "reversal": zs.reversal,
    "cyclic": zs.cyclic,
    "dihedral": zs.dihedral,
    "halves": _halves,
    "symmetric": zs.symmetric,
}
"""Groups that a name is enough for, given how many points there are.

"halves" permutes the points of each half among themselves, and exchanges the halves.
"""


def as_group(source: Any, n: int) -> zs.PermutationGroup:
    """Return a group of n points: by name (`NAMED`), or by generators as a person writes them.

    Generators are what `zoo_symmetry.read_group` takes: rows of images, cycles, text, a file. An
    empty list is the trivial group. Raises `BadInput` for what is no group of n points.
    """
    if not isinstance(source, str) or not source.strip().isidentifier():
        try:
            return zs.read_group(source, n)
        except BadInput as error:
            # Here nobody can say what the first point is called.
            raise BadInput(str(error).replace("say first=1", "number them from 0")) from None
    name = source.strip()
    if name not in NAMED:
        raise BadInput(
            f"No group is called {name!r}{closest(name, NAMED)} Known are {', '.join(NAMED)}; or "
            "give generators, or a file with one a line."
        )
    return NAMED[name](n)


def pair_colours(group: zs.PermutationGroup) -> Tensor:
    """Return the orbit (n, n) of each ordered pair, numbered in the order in which they come."""
    return torch.from_numpy(zs.orbits(group))


def point_colours(group: zs.PermutationGroup) -> Tensor:
    """Return the orbit (n,) of each point, which the diagonal of the pairs' colours tells too."""
    return torch.from_numpy(zs.orbits(group, 1))


def colour_count(colours: Tensor) -> int:
    """Return how many colours there are."""
    return int(colours.max()) + 1


def merged(fine: Tensor, coarse: Tensor) -> Tensor | None:
    """Return the coarse colour (r,) of each fine one, or None where `coarse` is not coarser.

    It is coarser where pairs of one fine colour have one coarse colour: where all that keeps the
    fine colours keeps the coarse ones.
    """
    found = torch.zeros(colour_count(fine), dtype=coarse.dtype)
    found[fine.flatten()] = coarse.flatten()
    return found if bool((found[fine] == coarse).all()) else None


def tied(features: Tensor, fine: Tensor, coarse: Tensor) -> Tensor:
    """Return features (r', e) of coarse colours: means of those (r, e) of the fine ones, by pairs.

    This is the Reynolds projection of edge features onto the larger group. Features that are equal
    within each coarse colour stay as they are. Raises `BadInput` for colours that are not coarser.
    """
    into = merged(fine, coarse)
    if into is None:
        raise BadInput("Pairs of one colour are to have several; tying makes colours fewer.")
    share = torch.zeros(colour_count(coarse), len(features), dtype=features.dtype)
    share[into, torch.arange(len(features))] = torch.bincount(fine.flatten()).to(features.dtype)
    return (share / share.sum(1, keepdim=True)).to(features.device) @ features


def caps(colours: Tensor, edges: Tensor, *, near: float = 20.0, far: float = 1.0) -> Tensor:
    """Return the largest norm (r,) of each colour's features: a soft preference for a graph.

    Colours with a pair that is among the `edges` (2, E) get `near`, others `far`; 0 leaves the
    pair in the network, without features (weakly sparse, section 5 of the paper).
    """
    found = torch.full((colour_count(colours),), far)
    found[colours[edges[0], edges[1]]] = near
    return found


def capped(features: Tensor, most: Tensor | float) -> Tensor:
    """Return features (r, e) whose norm is at most `most`, a number or one a colour (r,)."""
    norms = features.norm(dim=-1, keepdim=True)
    limit = torch.as_tensor(most, dtype=features.dtype, device=features.device).reshape(-1, 1)
    # Nothing is divided by a norm of zero, also where its gradient is asked for.
    return torch.where(norms > limit, features * (limit / norms.clamp_min(1e-12)), features)


def closure_note(group: zs.PermutationGroup) -> str:
    """Return a sentence on what colours of pairs cannot tell of a group; "" where they tell it all.

    That is the case where the group is its own 2-closure. A_n, for n of 4 and more, has the colours
    of S_n.
    """
    return _closure_note(group)


@cache
def _closure_note(group: zs.PermutationGroup) -> str:
    n = group.degree
    if n > LARGEST_NOTE:
        return ""
    try:
        _, most = zs.two_closure(group)
    except BadInput:
        return ""
    order = _order(group)
    if order == most:
        return ""
    return (
        f"The group has {order:,} elements, and colours of pairs allow {most:,}, its 2-closure: "
        "the network commutes with the larger group."
    )


def _order(group: zs.PermutationGroup) -> int:
    from sympy.combinatorics import Permutation, PermutationGroup

    if not group.generators:
        return 1
    return int(PermutationGroup([Permutation(list(g)) for g in group.generators]).order())


def generators_of(group: zs.PermutationGroup) -> list[list[int]]:
    """Return generators as JSON values."""
    return [list(images) for images in group.generators]

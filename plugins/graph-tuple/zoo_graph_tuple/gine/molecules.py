"""`MoleculeGine`: GINE-Gt on molecules, from their Coulomb matrices alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from zoo_molecules.elements import symbol_of
from zoo_molecules.expansions import Expansion
from zoo_molecules.molecules import Molecules
from zoo_molecules.reading import read_molecules
from zoo_molecules.symmetric import SymmetricMatrices, pairs_of

from zoo_core import BadInput, notice
from zoo_graph_tuple.gine.expanded import Expanded
from zoo_graph_tuple.gine.network import GineNetwork
from zoo_graph_tuple.views import View, check_thresholds, view_of

THRESHOLD = 2.0
"""Between strong and weak pairs, in atomic units: about the range of a covalent bond or two."""


class MoleculeGine(nn.Module):
    """Coulomb matrices of molecules to numbers (M, targets), in the targets' units.

    The views have the pairs with |C_ij| >= t_1, t_1 > |C_ij| >= t_2, …, in both directions, and the
    last one also a loop at each atom. With no threshold there is one view: the dense graph. Nodes
    have the expansion of C_ii, edges that of C_ij; `expansion` and `width` are those of
    `zoo_molecules.expansions.Expansion`. `words`, `tied`, `plain` and the sizes are those of
    `GineNetwork`; words "first" leaves the first view alone.

    `targets` are names, `units` theirs, and `mean` and `spread` what the network's numbers are
    scaled by. `elements` are the atomic numbers that were trained on: others are refused. `sizes`
    are the fewest and the most atoms of a molecule that was trained on: a notice tells of fewer
    and of more. Raises `BadInput` for what does not fit.
    """

    def __init__(
        self,
        targets: Sequence[str] = ("ae_pbe0",),
        units: Sequence[str] = ("kcal/mol",),
        mean: Sequence[float] = (0.0,),
        spread: Sequence[float] = (1.0,),
        elements: Sequence[int] = (),
        sizes: Sequence[int] = (),
        thresholds: Sequence[float] = (THRESHOLD,),
        words: str | Sequence[Sequence[int]] = "crossed",
        tied: bool = False,
        plain: bool = False,
        hidden: int = 64,
        layers: int = 2,
        expansion: str = "fitted",
        width: int = 64,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        if len({len(targets), len(units), len(mean), len(spread)}) > 1 or not targets:
            raise BadInput(
                f"There are {len(targets)} targets, {len(units)} units, {len(mean)} means and "
                f"{len(spread)} spreads; expected as many of each, one or more."
            )
        self.thresholds = check_thresholds(thresholds)
        self.targets, self.units = tuple(targets), tuple(units)
        self.mean, self.spread = tuple(mean), tuple(spread)
        self.elements, self.sizes = tuple(elements), tuple(sizes)
        self.of_atoms = Expansion(expansion, width)
        self.of_pairs = Expanded(Expansion(expansion, width))
        self.network = GineNetwork(
            features=self.of_atoms.width,
            edge_features=self.of_pairs.expansion.width,
            outputs=len(targets),
            hidden=hidden,
            layers=layers,
            views=len(self.thresholds) + 1,
            words=words,
            tied=tied,
            plain=plain,
            batch_norm=batch_norm,
        )

    def fit_expansions(self, matrices: SymmetricMatrices) -> None:
        """Lay the expansions over the entries of matrices."""
        self.of_atoms.fit(matrices.diagonal)
        self.of_pairs.expansion.fit(torch.cat([matrices.diagonal, matrices.entries]))

    def forward(
        self, diagonal: Tensor, offsets: Tensor, views: Sequence[tuple[Tensor, Tensor]]
    ) -> Tensor:
        """Return numbers (M, targets) of a batch of molecules.

        Molecule m has the atoms offsets[m] to offsets[m + 1] of `diagonal` (A,), the C_ii; each
        view is its edges (2, E) and their C_ij (E,).
        """
        found = self.network(*self._inputs(diagonal, offsets, views), self.of_pairs)
        scaled: Tensor = found * found.new_tensor(self.spread) + found.new_tensor(self.mean)
        return scaled

    def _inputs(
        self, diagonal: Tensor, offsets: Tensor, views: Sequence[tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, Tensor, list[tuple[Tensor, Any]]]:
        spots = [(edges, self.of_pairs.spots(entries)) for edges, entries in views]
        return self.of_atoms(diagonal), offsets, spots

    def batch(self, matrices: SymmetricMatrices) -> tuple[Tensor, Tensor, list[View]]:
        """Return the inputs of `forward` of matrices, where the parameters are."""
        like = self.of_atoms.theta
        views = [
            View(edges.to(like.device), entries.to(like))
            for edges, entries in coulomb_views(matrices, self.thresholds)
        ]
        return matrices.diagonal.to(like), matrices.offsets.to(like.device), views

    def example_inputs(self, seed: int) -> tuple[Any, ...]:
        """Return a batch of three random symmetric matrices."""
        generator = torch.Generator().manual_seed(seed)
        sizes = torch.tensor([3, 1, 5])
        offsets = torch.cat([torch.zeros(1, dtype=torch.long), sizes.cumsum(0)])
        pairs = pairs_of(offsets)
        matrices = SymmetricMatrices(
            diagonal=1 + 30 * torch.rand(9, generator=generator, dtype=torch.float64),
            entries=6 * torch.rand(pairs.shape[1], generator=generator, dtype=torch.float64),
            pairs=pairs,
            offsets=offsets,
        )
        diagonal, places, views = self.batch(matrices)
        return diagonal, places, [tuple(view) for view in views]

    def example_sources(self, seed: int) -> list[Any]:
        """Return a molecule of hydrogen, a little longer for each seed."""
        return [([1, 1], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.74 + 0.001 * seed]])]

    def outputs(self, split: Any, batch_size: int = 256) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets (m, targets), and those of each target by its name.

        Raises `BadInput` for what are no molecules, and for molecules without the targets.
        """
        data = split.data
        if not isinstance(data, Molecules):
            raise BadInput("The network reads molecules; give such as qm7, or a file of them.")
        self.check(data)
        columns = data.columns(self.targets)
        for rows in split.indices.split(batch_size):
            found = self(*self.batch(data.matrices.take(rows)))
            true = data.targets[rows][:, columns].to(found)
            named = {
                f"{kind} {name}": each[:, place]
                for kind, each in (("predicted", found), ("true", true))
                for place, name in enumerate(self.targets)
            }
            yield {"prediction": found, "target": true, **named}

    def predict(self, molecules: Any = None, *, length: str | None = None) -> list[dict[str, Any]]:
        """Return the numbers of each molecule, with their units.

        `molecules` is an xyz or SDF file, atomic numbers and positions, or what else
        `zoo_molecules.reading.read_molecules` takes; `length` is the unit of positions (angstrom).
        Energies of atomisation are negative. Raises `BadInput` for what is no molecule, and for
        elements that the model never saw.
        """
        given = self._read(molecules, length)
        found = self(*self.batch(given.matrices)).double().cpu()
        return [
            {
                "molecule": name,
                "formula": formula,
                "property": target,
                "value": float(found[row, place]),
                "unit": unit,
            }
            for row, (name, formula) in enumerate(zip(given.names, given.formulas(), strict=True))
            for place, (target, unit) in enumerate(zip(self.targets, self.units, strict=True))
        ]

    def embed(self, molecules: Any, *, length: str | None = None) -> Tensor:
        """Return the mean state of each molecule's atoms before the head, as rows (M, hidden).

        The sources are those of `predict`, or a view of a split.
        """
        rows = getattr(molecules, "indices", None)
        if rows is None:
            matrices = self._read(molecules, length).matrices
        else:
            self.check(molecules.data)
            matrices = molecules.data.matrices.take(rows)
        return self.network.pooled(*self._inputs(*self.batch(matrices)), self.of_pairs)

    def _read(self, source: Any, length: str | None) -> Molecules:
        if source is None:
            raise BadInput("Give a molecule: an xyz file, or atomic numbers and positions.")
        given = source if isinstance(source, Molecules) else read_molecules(source, length=length)
        self.check(given)
        self._tell(given)
        return given

    def _tell(self, data: Molecules) -> None:
        if not self.sizes:
            return
        fewest, most = self.sizes
        sizes = data.matrices.sizes
        beyond = int(((sizes < fewest) | (sizes > most)).sum())
        if beyond:
            notice(
                f"The model learnt from molecules of {fewest} to {most} atoms; what it says of "
                f"smaller and larger ones, {beyond} of {len(data)} here, may be far off."
            )

    def check(self, data: Molecules) -> None:
        """Raise `BadInput` for elements that were not trained on."""
        unknown = sorted(set(data.elements) - set(self.elements)) if self.elements else []
        if unknown:
            raise BadInput(
                f"The model never saw {', '.join(map(symbol_of, unknown))}; it knows "
                f"{', '.join(map(symbol_of, self.elements))}."
            )

    def fusion(self) -> list[Mapping[str, float]]:
        """Return for each layer the learned weight of each word."""
        return list(self.network.fusion())


def coulomb_views(matrices: SymmetricMatrices, thresholds: Sequence[float]) -> list[View]:
    """Return the views of Coulomb matrices: pairs in both directions, strong to weak.

    The last view has a loop at each row too, whose value is C_ii (as published: the diagonal is
    not asked for its size).
    """
    place = torch.from_numpy(
        view_of(matrices.entries.abs().double().numpy(), thresholds, distances=False)
    )
    atoms = torch.arange(len(matrices.diagonal)).expand(2, -1)
    views = []
    for view in range(len(thresholds) + 1):
        rows = torch.nonzero(place == view)[:, 0]
        pairs, entries = matrices.pairs[:, rows], matrices.entries[rows]
        edges, values = [pairs, pairs.flip(0)], [entries, entries]
        if view == len(thresholds):
            edges, values = [*edges, atoms], [*values, matrices.diagonal]
        views.append(View(torch.cat(edges, 1), torch.cat(values)))
    return views

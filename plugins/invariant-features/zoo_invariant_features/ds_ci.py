"""`DSCI`: invariant functions of symmetric matrices, by DeepSets on three kinds of invariants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from zoo_molecules.elements import RADII
from zoo_molecules.molecules import Molecules
from zoo_molecules.symmetric import SymmetricMatrices, as_symmetric, joined

from zoo_core import BadInput, Split
from zoo_invariant_features.fitting import check_fits, converted
from zoo_invariant_features.reading import read_matrices, read_sources
from zoo_invariant_features.univariate import Table, Univariate, tabulated
from zoo_invariant_features.weighted import WeightedGraphs

SAME_ATOM = 0.05
"""How far a diagonal entry may be from 0.5 Z^2.4; those of neighbouring elements are 2 apart."""
TABLE_ERROR = 1e-7
"""Of a table against its curve, over the curve's largest value."""


class DSCI(nn.Module):
    """DS-CI and DS-CI+: symmetric matrices X, under P X P^T, to numbers (M, T).

    u_d = rho_d(sum_i phi_d(X_ii)), u_o = rho_o(sum_{i<j} phi_o(X_ij)), u_* = mu(f_*), and a network
    on all three (Blum-Smith, Huang, Cuturi and Villar 2024, arXiv:2405.08097; the widths are those
    of its code: phi has `hidden` and 2 `hidden` channels, rho is linear). Batch normalisation is of
    the sums alone, over matrices: an affine map once training is over. Of molecules the network
    tells what is left when each atom of an element counts the same: `reference` (E, T), by least
    squares, is added to its outputs.

    `expansion` is how scalars are given to networks, see `zoo_molecules.expansions.Expansion`:
    "none" is DS-CI, "paper" and "fitted" are DS-CI+. With `glue` false f_* is left out, and so
    matrices that it alone tells apart have equal outputs.

    With `pool` "mean" sums are divided by each matrix's own number of scalars, and f_* by
    n (n - 1), so that matrices of any size are told alike.

    `targets` and `units` name the T outputs. `elements` are the atomic numbers that a network of
    molecules has seen, None one of other matrices; `sizes` are the least and the most rows that its
    training matrices had. Raises `BadInput` for what does not fit.
    """

    mean: Tensor
    spread: Tensor
    atoms: Tensor
    reference: Tensor

    def __init__(
        self,
        expansion: str = "fitted",
        hidden: int = 64,
        centres: int = 64,
        targets: Sequence[str] | None = None,
        units: Sequence[str] | None = None,
        elements: Sequence[int] | None = None,
        sizes: Sequence[int] | None = None,
        glue: bool = True,
        pool: str = "sum",
    ) -> None:
        super().__init__()
        self.targets = tuple(targets or ("prediction",))
        self.units = tuple(units or [""] * len(self.targets))
        if len(self.units) != len(self.targets):
            raise BadInput(f"There are {len(self.units)} units for {len(self.targets)} targets.")
        if hidden < 1:
            raise BadInput(f"hidden={hidden}; expected 1 or more.")
        self.elements = None if elements is None else tuple(elements)
        self.sizes = None if sizes is None else tuple(sizes)
        if pool not in ("sum", "mean"):
            raise BadInput(f"pool={pool!r}; expected sum or mean.")
        self.glued, self.pool = glue, pool
        self.phi_d = Univariate(expansion, centres, hidden, 2 * hidden)
        self.phi_o = Univariate(expansion, centres, hidden, 2 * hidden)
        self.rho_d = nn.Linear(2 * hidden, hidden)
        self.rho_o = nn.Linear(2 * hidden, hidden)
        self.norm_d = nn.BatchNorm1d(2 * hidden)
        self.norm_o = nn.BatchNorm1d(2 * hidden)
        self.mu = Univariate(expansion, centres, hidden, hidden)
        self.out = nn.Sequential(
            nn.Linear(3 * hidden, hidden), nn.ReLU(), nn.Linear(hidden, len(self.targets))
        )
        self.register_buffer("mean", torch.zeros(len(self.targets)))
        self.register_buffer("spread", torch.ones(len(self.targets)))
        charges = torch.tensor(self.elements or (), dtype=torch.float32)
        self.register_buffer("atoms", 0.5 * charges**2.4)
        self.register_buffer("reference", torch.zeros(len(charges), len(self.targets)))

    def forward(
        self, diagonal: Tensor, entries: Tensor, glue: Tensor, of_row: Tensor, of_pair: Tensor
    ) -> Tensor:
        """Return (M, T), in the targets' units, of M matrices.

        `diagonal` (A,) and `entries` (P,) are the X_ii and the X_ij, i < j, of all matrices in
        turn, `of_row` (A,) and `of_pair` (P,) say which matrix each is of, and `glue` (M,) is f_*.
        """
        sums = self.sums(diagonal, entries, glue, of_row, of_pair)
        return self.read_out(*sums, glue) + self.references(diagonal, of_row, len(glue))

    def sums(
        self, diagonal: Tensor, entries: Tensor, glue: Tensor, of_row: Tensor, of_pair: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the sums (or means) of phi_d and phi_o over each matrix, (M, 2 hidden) both."""
        rows = _sums(self.phi_d(diagonal), of_row, len(glue))
        pairs = _sums(self.phi_o(entries), of_pair, len(glue))
        if self.pool == "sum":
            return rows, pairs
        counts = (
            _sums(torch.ones_like(one)[:, None], owner, len(glue))
            for one, owner in ((diagonal, of_row), (entries, of_pair))
        )
        n, p = (one.clamp(min=1) for one in counts)
        return rows / n, pairs / p

    def joint(self, rows: Tensor, pairs: Tensor, glue: Tensor) -> Tensor:
        """Return [u_d, u_o, u_*] (M, 3 hidden) of the sums and f_*."""
        u_d = self.rho_d(self.norm_d(rows))
        u_o = self.rho_o(self.norm_o(pairs))
        u_s = self.mu(glue) if self.glued else torch.zeros_like(u_d)
        return torch.cat([u_d, u_o, u_s], 1)

    def read_out(self, rows: Tensor, pairs: Tensor, glue: Tensor) -> Tensor:
        """Return (M, T) without the atoms' references, of the sums and f_*."""
        found: Tensor = self.out(self.joint(rows, pairs, glue)) * self.spread + self.mean
        return found

    def references(self, diagonal: Tensor, of_row: Tensor, count: int) -> Tensor:
        """Return the sum of `reference` over the atoms of each of `count` matrices (count, T)."""
        known = (diagonal[:, None] - self.atoms).abs() < SAME_ATOM
        return _sums(known.to(self.reference) @ self.reference, of_row, count)

    def tabulated(self, error: float = TABLE_ERROR) -> TabulatedDSCI:
        """Return the same function with phi_d and phi_o as tables; see `univariate.tabulated`."""
        return TabulatedDSCI(self, error)

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return the invariants of three random matrices."""
        generator = torch.Generator().manual_seed(seed)
        parts = []
        for size in (3, 5, 4):
            raw = torch.rand(size, size, generator=generator).double() + 0.1
            found = (raw + raw.T) / 2 + torch.diag(36 * torch.rand(size, generator=generator))
            parts.append(as_symmetric(found))
        return self.inputs_of(joined(parts))

    def inputs_of(self, matrices: SymmetricMatrices) -> tuple[Tensor, ...]:
        """Return the inputs of `forward` for matrices, where the parameters are."""
        scalars = (matrices.diagonal, matrices.entries, self.glue_of(matrices))
        owners = (matrices.matrix_of_row, matrices.matrix_of_pair)
        return (
            *(one.to(self.mean) for one in scalars),
            *(one.to(self.mean.device) for one in owners),
        )

    def glue_of(self, matrices: SymmetricMatrices) -> Tensor:
        """Return f_* of matrices (M,), in float64, as the network takes it."""
        glue, n = matrices.glue(), matrices.sizes
        return glue if self.pool == "sum" else glue / (n * (n - 1)).clamp(min=1)

    def outputs(self, split: Any, batch_size: int = 256) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets (B, T), and each target under its name, in its unit.

        Energies of data that have them in another unit are converted. Raises `BadInput` for data of
        another kind, elements that were never seen, and targets that are not there.
        """
        data = split.data
        check_fits(data, self.elements)
        columns, factors = data.columns(self.targets), converted(data.units, self)
        for rows in torch.split(torch.as_tensor(split.indices), batch_size):
            found = self(*self.inputs_of(data.matrices.take(rows)))
            true = (data.targets[rows][:, columns] * factors).to(found)
            yield {
                "prediction": found,
                "target": true,
                **{f"predicted {name}": found[:, k] for k, name in enumerate(self.targets)},
                **{f"true {name}": true[:, k] for k, name in enumerate(self.targets)},
            }

    def predict(
        self, source: Any = None, *, length: str | None = None, table: bool = False
    ) -> list[dict[str, Any]]:
        """Return a row for each molecule (or matrix): its targets, with their units.

        A network of molecules takes what `zoo_molecules.reading.read_molecules` takes: an xyz or
        SDF file, atomic numbers with positions, objects of ase, RDKit and PyG; `length` is the unit
        of positions (angstrom). Another takes symmetric matrices, see `reading.read_matrices`.
        `table` true computes by tables of phi, much faster for many, equal to about 1e-5. Raises
        `BadInput` for what is none, for elements that the network never saw, and for another unit
        of length that bonds tell.
        """
        data = self._read(source, length)
        network = self.tabulated() if table else self
        found = network(*self.inputs_of(data.matrices)).double().cpu()
        heads = [f"{name} ({unit})" if unit else name for name, unit in self._named()]
        formulas = data.formulas() if isinstance(data, Molecules) else None
        return [
            {
                "name": name,
                **({"formula": formulas[row]} if formulas else {}),
                **dict(zip(heads, found[row].tolist(), strict=True)),
            }
            for row, name in enumerate(data.names)
        ]

    def embed(self, source: Any = None, *, length: str | None = None) -> Tensor:
        """Return [u_d, u_o, u_*] of each molecule (or matrix), (m, 3 hidden).

        `source` and `length` are as `predict` takes them, or a view of a split.
        """
        if isinstance(source, Split):
            check_fits(source.data, self.elements)
            matrices = source.data.matrices.take(torch.as_tensor(source.indices))
        else:
            matrices = self._read(source, length).matrices
        inputs = self.inputs_of(matrices)
        return self.joint(*self.sums(*inputs), inputs[2])

    def example_sources(self, seed: int) -> Sequence[Any]:
        """Return three molecules (methane, where it is known), or three matrices, as one source."""
        if self.elements is None:
            generator = torch.Generator().manual_seed(seed)
            raw = torch.rand(3, 4, 4, generator=generator)
            return [(raw + raw.mT).numpy()]
        if {1, 6} <= set(self.elements):
            corners = torch.tensor([[0, 0, 0], [1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
            return [[([6, 1, 1, 1, 1], ((0.62 + 0.01 * k) * corners).numpy()) for k in range(3)]]
        length = 2 * RADII[self.elements[0] - 1]
        pair = [self.elements[0]] * 2
        return [[(pair, [[0, 0, 0], [0, 0, length + 0.02 * k]]) for k in range(3)]]

    def _named(self) -> list[tuple[str, str]]:
        return list(zip(self.targets, self.units, strict=True))

    def _read(self, source: Any, length: str | None) -> Molecules | WeightedGraphs:
        if source is None:
            kind = "matrix" if self.elements is None else "molecule"
            raise BadInput(f"Give a {kind}: a file, or what is in memory.")
        if self.elements is None:
            return read_matrices(source)
        data = read_sources(source, length)
        check_fits(data, self.elements, self.sizes)
        return data


class TabulatedDSCI(nn.Module):
    """A `DSCI` whose sums over scalars are read from tables.

    Normalisation, rho and the first layer of the last network are linear: they go into the tables.
    The inputs of `forward` are those of `DSCI`, matrix by matrix.
    """

    rows: Table
    pairs: Table
    shift: Tensor

    @torch.no_grad()
    def __init__(self, network: DSCI, error: float) -> None:
        super().__init__()
        if network.pool != "sum":
            raise BadInput("Tables are of networks that add up; this one takes means.")
        self.network = network
        layers: list[Any] = list(network.out)
        first, self.rest = layers[0], layers[1:]
        weights = first.weight.chunk(3, 1)
        self.register_buffer("shift", first.bias.detach().clone())
        tables = []
        for curve, norm, rho, weight in (
            (network.phi_d, network.norm_d, network.rho_d, weights[0]),
            (network.phi_o, network.norm_o, network.rho_o, weights[1]),
        ):
            factor, moved = affine(norm)
            matrix = weight @ rho.weight
            rest = matrix @ moved + weight @ rho.bias
            self.shift += rest.detach()
            tables.append(tabulated(_Linear(curve, matrix * factor), curve.expansion, error))
        self.rows, self.pairs = tables
        self.glue = weights[2]

    @torch.no_grad()
    def forward(
        self, diagonal: Tensor, entries: Tensor, glue: Tensor, of_row: Tensor, of_pair: Tensor
    ) -> Tensor:
        """Return (M, T), in the targets' units."""
        network, count = self.network, len(glue)
        hidden = self.rows.sums(diagonal, of_row, count) + self.pairs.sums(entries, of_pair, count)
        if network.glued:
            hidden = hidden + network.mu(glue) @ self.glue.T
        found = hidden + self.shift
        for layer in self.rest:
            found = layer(found)
        return found * network.spread + network.mean + network.references(diagonal, of_row, count)


def affine(norm: nn.BatchNorm1d) -> tuple[Tensor, Tensor]:
    """Return by what a batch normalisation multiplies in eval mode, and what it adds then."""
    mean, var = (norm.get_buffer(f"running_{name}") for name in ("mean", "var"))
    factor = norm.weight / (var + norm.eps).sqrt()
    return factor, norm.bias - mean * factor


class _Linear(nn.Module):
    """A curve, and a linear map of it."""

    def __init__(self, curve: Univariate, matrix: Tensor) -> None:
        super().__init__()
        self.curve, self.matrix = curve, matrix

    def forward(self, scalars: Tensor) -> Tensor:
        """Return what the linear map makes of the curve at each scalar."""
        found: Tensor = self.curve(scalars)
        return found @ self.matrix.T


def _sums(values: Tensor, owner: Tensor, count: int) -> Tensor:
    return values.new_zeros(count, values.shape[1]).index_add(0, owner, values)

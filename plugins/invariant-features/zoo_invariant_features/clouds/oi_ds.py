"""`OIDS`: DeepSets on invariants of point clouds, and distances between what they embed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from einops import einsum, rearrange
from numpy.typing import NDArray
from torch import Tensor, nn
from zoo_molecules.symmetric import as_symmetric, joined

from zoo_core import BadInput, Split
from zoo_invariant_features.clouds.centroids import CENTROIDS, count_of, polar
from zoo_invariant_features.clouds.pairs import CloudPairs, normalised, tell_flat
from zoo_invariant_features.clouds.reading import read_cloud
from zoo_invariant_features.ds_ci import DSCI

Array = NDArray[np.float64]
FEATURES = ("gram", *CENTROIDS)


class OIDS(nn.Module):
    """Point clouds (n, d) to vectors (out,), the same under O(d) and permutations of the points.

    `features` are what is made of a cloud V:

    - "gram": G = V V^T, to which `DSCI` is applied; O(n^2) numbers;
    - "radial" and "kmeans": C C^T and the rows of V Q^T, with k centroids C (k, d) and their polar
      factor Q of `clouds.centroids`; O(n) numbers. C C^T goes to a network k^2 -> 2 k^2 -> hidden,
      the rows to a DeepSet k -> hidden -> 2 hidden -> hidden.

    Means stand for sums over points, so that any number of points will do. Means and C C^T are
    batch-normalised over clouds, an affine map once training is over. The vectors are those
    of a Siamese network: s |M e - M e'| + t is the distance between two clouds, with a linear M and
    numbers s and t that are learnt (Blum-Smith, Huang, Cuturi and Villar 2024, arXiv:2405.08097).
    Raises `BadInput` for other features and dimensions.
    """

    inner_spread: Tensor

    def __init__(
        self, features: str = "radial", dimension: int = 2, hidden: int = 16, out: int = 8
    ) -> None:
        super().__init__()
        if features not in FEATURES:
            raise BadInput(f"features={features!r}; expected {', '.join(FEATURES)}.")
        if not 1 <= dimension <= 8 or hidden < 1 or out < 1:
            raise BadInput(
                f"dimension={dimension}, hidden={hidden}, out={out}; expected 1 to 8, and positive "
                "numbers."
            )
        self.features, self.dimension = features, dimension
        vectors = count_of(features, dimension)
        square = vectors * vectors
        if features == "gram":
            self.matrices = DSCI("none", hidden, targets=list(map(str, range(out))), pool="mean")
        else:
            self.phi = nn.Sequential(
                nn.Linear(vectors, hidden), nn.ReLU(), nn.Linear(hidden, 2 * hidden)
            )
            self.rho = nn.Linear(2 * hidden, hidden)
            self.outer = nn.Sequential(
                nn.Linear(square, 2 * square), nn.ReLU(), nn.Linear(2 * square, hidden)
            )
            self.joint = nn.Sequential(
                nn.Linear(2 * hidden, hidden), nn.ReLU(), nn.Linear(hidden, out)
            )
            self.norm_inner = nn.BatchNorm1d(2 * hidden)
            self.norm_outer = nn.BatchNorm1d(square)
            self.register_buffer("inner_spread", torch.ones(vectors))
        self.metric = nn.Linear(out, out, bias=False)
        self.scale = nn.Parameter(torch.ones(()))
        self.shift = nn.Parameter(torch.zeros(()))

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the vectors M e (m, out) of m clouds, of the inputs that `inputs_of` makes.

        For "gram" these are the inputs of `DSCI.forward`; else the rows V Q^T of all clouds in turn
        (N, k), C C^T of each (m, k, k), and which cloud each row is of (N,).
        """
        if self.features == "gram":
            return self.projected(self.matrices(*inputs))
        rows, outer, owner = inputs
        hidden = self.phi(rows / self.inner_spread)
        zero = hidden.new_zeros(len(outer), hidden.shape[1])
        ones = hidden.new_zeros(len(outer)).index_add(0, owner, hidden.new_ones(len(owner)))
        mean = zero.index_add(0, owner, hidden) / rearrange(ones, "m -> m 1")
        flat = self.norm_outer(rearrange(outer, "m a b -> m (a b)"))
        both = torch.cat([self.outer(flat), self.rho(self.norm_inner(mean))], 1)
        return self.projected(self.joint(both))

    def projected(self, embedded: Tensor) -> Tensor:
        """Return M e of e (m, out)."""
        found: Tensor = self.metric(embedded)
        return found

    def between(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the distances (a, b) between vectors (a, out) and (b, out)."""
        gaps = rearrange(first, "a o -> a 1 o") - rearrange(second, "b o -> 1 b o")
        # The root of 0 has no derivative, and two clouds may well be congruent.
        return self.scale * (einsum(gaps, gaps, "a b o, a b o -> a b") + 1e-12).sqrt() + self.shift

    def inputs_of(self, clouds: Sequence[Array]) -> tuple[Tensor, ...]:
        """Return the inputs of `forward` for clouds, where the parameters are.

        Raises `BadInput` for other dimensions than the network's, which "gram" does not mind.
        """
        if self.features == "gram":
            return self.matrices.inputs_of(joined([as_symmetric(one @ one.T) for one in clouds]))
        for cloud in clouds:
            if cloud.shape[1] != self.dimension:
                raise BadInput(
                    f"A cloud has {cloud.shape[1]} dimensions; this network takes {self.dimension}."
                )
        centroids = [CENTROIDS[self.features](cloud) for cloud in clouds]
        rows = np.concatenate([v @ polar(c).T for v, c in zip(clouds, centroids, strict=True)])
        outer = np.stack([c @ c.T for c in centroids])
        owner = np.repeat(np.arange(len(clouds)), [len(cloud) for cloud in clouds])
        like = self.scale
        return (
            torch.from_numpy(rows).to(like),
            torch.from_numpy(outer).to(like),
            torch.from_numpy(owner).to(like.device),
        )

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return the invariants of three random clouds."""
        return self.inputs_of(_random(seed, self.dimension))

    def outputs(self, split: Any) -> Iterator[dict[str, Tensor]]:
        """Yield predicted and true distances of all pairs across the classes (a b,), once.

        Raises `BadInput` for data of another kind.
        """
        data = split.data
        if not isinstance(data, CloudPairs):
            raise BadInput("The network takes clouds of two classes, such as cell-outlines.")
        vectors = [
            self(*self.inputs_of([data.clouds[k] for k in side.tolist()]))
            for side in data.sides(split.name)
        ]
        found = self.between(*vectors).flatten()
        yield {"prediction": found, "target": data.distances(split.name).flatten().to(found)}

    def predict(self, first: Any = None, second: Any = None) -> dict[str, Any]:
        """Return the distance of two clouds, which are centred and scaled to radius 1 before.

        Each is a table of coordinates (CSV, .npy), or an array (n, d); both may have different
        numbers of points. `distance` estimates the root of the third lower bound of the
        Gromov-Wasserstein distance of squared distances. Raises `BadInput` for what is no cloud.
        """
        if first is None or second is None:
            raise BadInput("Give two clouds of points: tables of coordinates, or arrays (n, d).")
        clouds = self._clouds(first, second)
        one, other = (self(*self.inputs_of([cloud])) for cloud in clouds)
        return {
            "distance": float(self.between(one, other).detach()),
            "points": [len(cloud) for cloud in clouds],
        }

    def embed(self, first: Any = None, second: Any = None) -> Tensor:
        """Return the vector of each cloud (m, out), whose distances are those of `predict`.

        One cloud or two, as `predict` takes them, or a view of a split.
        """
        if first is None:
            raise BadInput("Give one cloud of points or two.")
        if isinstance(first, Split):
            if not isinstance(first.data, CloudPairs):
                raise BadInput("The network takes clouds of two classes, such as cell-outlines.")
            clouds = [first.data.clouds[k] for k in torch.as_tensor(first.indices).tolist()]
        else:
            clouds = self._clouds(first, second)
        found: Tensor = self(*self.inputs_of(clouds))
        return found

    def example_sources(self, seed: int) -> Sequence[Any]:
        """Return two random clouds."""
        return _random(seed, self.dimension)[:2]

    def _clouds(self, *sources: Any) -> list[Array]:
        given = zip(sources, ("first", "second"), strict=True)
        return [self._cloud(one, label) for one, label in given if one is not None]

    def _cloud(self, source: Any, label: str) -> Array:
        cloud = read_cloud(source, f"The {label} cloud")
        if self.features != "gram":
            tell_flat(cloud, label)
        return cloud


def _random(seed: int, dimension: int) -> list[Array]:
    rng = np.random.default_rng(seed)
    return [
        normalised(rng.standard_normal((count, dimension)) ** 3, "a random cloud")
        for count in (7, 12, 9)
    ]

"""What every model of places does alike: it describes images, and answers queries."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zoo_4dral.data import Places, Session
from zoo_4dral.networks.sources import Asked, Seen, images_of
from zoo_4dral.networks.turning import SENSOR, turned
from zoo_4dral.retrieval.closing import as_g2o, candidates, closure_curve
from zoo_4dral.retrieval.curves import check_share
from zoo_4dral.retrieval.index import FILE, PlaceIndex
from zoo_4dral.retrieval.ranking import answers
from zoo_core import BadInput, Media, Split, device_of_module, notice

SENSORS = ("radar", "lidar")
TURN = 10.0
"""Degrees between the turned versions of a query."""
PRECISION = 0.95
"""Of loop closures, where nothing else is asked for."""


class Recognition(nn.Module):
    """Images of `size` x `size` pixels to descriptors; a subclass has the `forward` for it.

    `query` is the sensor of the images that are looked for, `database` that of those in the map.
    """

    def __init__(self, query: str = "radar", database: str = "radar", size: int = 64) -> None:
        super().__init__()
        if query not in SENSORS or database not in SENSORS:
            raise BadInput(f"query={query!r}, database={database!r}; expected radar or lidar.")
        if size < 16:
            raise BadInput(f"size={size}; expected the side of an image in pixels, 16 or more.")
        self.query, self.database, self.size = query, database, size

    def describe(self, images: NDArray[np.uint8], batch_size: int = 256) -> Tensor:
        """Return the descriptors (n, d) of images (n, s, s), 255 for white.

        Raises `BadInput` for images of another size than the network was trained on.
        """
        if images.shape[1:] != (self.size, self.size):
            shape = " x ".join(map(str, images.shape[1:]))
            raise BadInput(
                f"The images have {shape} pixels, and this model takes {self.size} x {self.size}."
            )
        return torch.cat([self(self._prepared(one)) for one in _batches(images, batch_size)])

    def _prepared(self, images: Tensor) -> Tensor:
        device = device_of_module(self)
        dtype = next((one.dtype for one in self.parameters()), torch.float32)
        return images[:, None].to(device, dtype) / 255

    def outputs(self, split: Any, batch_size: int = 256) -> Iterator[Mapping[str, Tensor]]:
        """Yield what the map of each world in a split answers to its queries, some at a time.

        It is what `zoo_4dral.retrieval.ranking.answers` tells. Raises `BadInput` for other data,
        and for a world without images of the model's sensors.
        """
        if not isinstance(split.data, Places):
            raise BadInput("This model recognises places, such as those of streetsim.")
        for world in split.data.worlds(split.name):
            asked, known = (
                self.describe(images_of(session, sensor, world.name), batch_size)
                for session, sensor in ((world.query, self.query), (world.database, self.database))
            )
            yield from answers(world, asked, known)

    @torch.no_grad()
    def embed(
        self,
        source: Any,
        *,
        sensor: str = "",
        columns: str = "",
        scans: int = 1,
        frame: str = "camera",
    ) -> Tensor:
        """Return the descriptor of a scan or an image (1, d), or those of a drive (n, d).

        The sources are those of `predict`, and the options are its own. Descriptors have unit norm,
        so that their order by distance is that by cosine.
        """
        asked = Asked(self._sensor(sensor or self.query), self.size, columns, scans, frame)
        return self.describe(asked.read(source).images)

    @torch.no_grad()
    def build_index(
        self,
        source: Any,
        *,
        dtype: str = "float32",
        columns: str = "",
        scans: int = 1,
        frame: str = "camera",
    ) -> PlaceIndex:
        """Return the map that a drive makes: its descriptors, with poses and names.

        `source`, `columns`, `scans` and `frame` are those of `predict`; `dtype` is that of the
        stored descriptors.
        """
        asked = Asked(self.database, self.size, columns, scans, frame, session="database")
        return self._index(asked.read(source), dtype)

    def _index(self, seen: Seen, dtype: str = "float32") -> PlaceIndex:
        index = PlaceIndex(dtype, self._label())
        index.add(self.describe(seen.images), seen.poses, seen.names)
        return index

    @torch.no_grad()
    def predict(
        self,
        source: Any = None,
        *,
        index: Any = None,
        count: int = 5,
        rotations: int = 0,
        sensor: str = "",
        columns: str = "",
        scans: int = 1,
        frame: str = "camera",
        precision: float = PRECISION,
    ) -> Any:
        """Return the `count` places of a map that are nearest to a scan, with their distances.

        `source` is a scan or a bird's-eye view, or a drive: a folder as
        `zoo_4dral.reading.read_session` takes it, with `columns` for .bin files, `scans` that are
        gathered into an image and the `frame` of its poses. `index` is the map: an index, its file,
        or a drive's folder. A query may be held against the map at 10, 20, … degrees too,
        `rotations` to either side; the nearest counts. `sensor` is that of the source, by default
        the one that the model looks for.

        Without `index`, a drive becomes a file: the map that it makes, by the sensor of maps
        (``--output map.safetensors``), or a pose graph with its loop closures (``--output
        drive.g2o``), those up to the distance at which `precision` of them are right by its poses.
        Raises `BadInput` for anything unusable.
        """
        if source is None:
            raise BadInput("Give a scan and the map to find it in: index=FILE, or a folder.")
        alone = index is None
        usual = self.database if alone else self.query
        session = "database" if alone else "query"
        asked = Asked(self._sensor(sensor or usual), self.size, columns, scans, frame, session)
        seen = asked.read(source)
        if alone:
            if not seen.drive:
                raise BadInput("One scan has no map to be found in; give index=FILE, or a folder.")
            check_share(precision)
            return self._media(seen, precision)
        rows = self._turned(seen.images, rotations)
        known = self._opened(index, columns, scans, frame)
        return [
            {**({"scan": name} if seen.drive else {}), "rank": rank + 1, **place}
            for name, each in zip(seen.names, _found(known, rows, count), strict=True)
            for rank, place in enumerate(each)
        ]

    def _opened(self, index: Any, columns: str, scans: int, frame: str) -> PlaceIndex:
        path = Path(index).expanduser() if isinstance(index, str | Path) else None
        drive = path is not None and path.is_dir() and not (path / FILE).is_file()
        if path is not None and not drive:
            index = PlaceIndex.load(path)
        if not isinstance(index, PlaceIndex | Session | Split | Places | str | Path):
            raise BadInput(
                f"The index is of the type {type(index).__name__}; expected an index, its file, or "
                "a drive."
            )
        if not isinstance(index, PlaceIndex):
            return self.build_index(index, columns=columns, scans=scans, frame=frame)
        if index.model not in ("", self._label()):
            raise BadInput(
                f"The index was made by {index.model}, whose descriptors are not those of "
                f"{self._label()}; make one with the latter."
            )
        return index

    def _turned(self, images: NDArray[np.uint8], rotations: int) -> Tensor:
        """Return the descriptors (n, 2 k + 1, d) of images at all angles."""
        if not isinstance(rotations, int) or not 0 <= rotations <= 18:
            raise BadInput(f"rotations={rotations!r}; expected how many to either side, 0 to 18.")
        rows = []
        for step in range(-rotations, rotations + 1):
            whole = torch.from_numpy(np.ascontiguousarray(images))
            if step:
                angles = torch.full((len(images),), math.radians(step * TURN))
                moved = turned(whole[:, None].float(), angles, about=SENSOR)[:, 0]
                whole = moved.round().to(torch.uint8)
            rows.append(self.describe(whole.numpy()))
        return torch.stack(rows, 1)

    def _media(self, seen: Seen, precision: float) -> Media:
        index = self._index(seen)
        return Media(
            {
                ".safetensors": partial(_bytes_of, index),
                ".g2o": partial(_closures, index, precision),
            },
            told=f"{len(index):,} places",
        )

    def _sensor(self, sensor: str) -> str:
        if sensor not in SENSORS:
            raise BadInput(f"sensor={sensor!r}; expected radar or lidar.")
        if sensor not in (self.query, self.database):
            raise BadInput(f"This model does not take {sensor}; it was trained on {self.query}.")
        return sensor

    def _label(self) -> str:
        return str(getattr(vars(self).get("zoo_source"), "label", type(self).__name__))

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return two images of random pixels."""
        generator = torch.Generator().manual_seed(seed)
        return (torch.rand(2, 1, self.size, self.size, generator=generator),)

    def example_sources(self, seed: int) -> list[Any]:
        """Return an image of random pixels."""
        generator = torch.Generator().manual_seed(seed)
        return [torch.rand(1, self.size, self.size, generator=generator)]


def _batches(images: NDArray[np.uint8], size: int) -> Sequence[Tensor]:
    return torch.split(torch.from_numpy(np.ascontiguousarray(images)), size)


def _found(index: PlaceIndex, rows: Tensor, count: int) -> list[list[dict[str, Any]]]:
    """Return the places of each query (n, t, d), by the nearest of its t turned versions."""
    each = index.query_all(rows.flatten(0, 1), count)
    found = []
    for first in range(0, len(each), rows.shape[1]):
        best: dict[int, dict[str, Any]] = {}
        for place in itertools.chain.from_iterable(each[first : first + rows.shape[1]]):
            known = best.setdefault(place["place"], place)
            if place["distance"] < known["distance"]:
                best[place["place"]] = place
        found.append(sorted(best.values(), key=lambda place: place["distance"])[:count])
    return found


def _bytes_of(index: PlaceIndex) -> bytes:
    with TemporaryDirectory() as folder:
        return index.save(folder).read_bytes()


def _closures(index: PlaceIndex, precision: float) -> bytes:
    """Return the pose graph of a drive, with its closures up to the distance that `precision` has.

    Poses tell which of them are right. Raises `BadInput` for a drive without poses.
    """
    if index.poses is None:
        raise BadInput("The drive has no poses, and a pose graph is made of them.")
    found = candidates(index.descriptors.float(), index.poses)
    curve = closure_curve(found, index.poses)
    limit = curve.threshold(precision)
    believed = [one for one in found if one.distance <= limit]
    at = np.searchsorted(curve.thresholds, limit)
    notice(
        f"{len(believed):,} loop closures, up to a distance of descriptors of {limit:.3g}: "
        f"{100 * curve.precision[at]:.3g} % of them are right by the poses, and "
        f"{100 * curve.recall[at]:.3g} % of the places that were passed before are among them."
    )
    return as_g2o(index.poses, believed).encode()

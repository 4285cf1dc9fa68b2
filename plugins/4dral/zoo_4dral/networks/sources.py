"""What a person asks with: one scan or one image, or a drive, as images of a sensor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_4dral.bev import front, image
from zoo_4dral.data import Place, Places, Session
from zoo_4dral.reading.places import CAPS, PICTURES, read_image, read_session
from zoo_4dral.reading.scans import MOST_COLUMNS, read_scan
from zoo_4dral.streetsim.sensors import SCANS
from zoo_core import BadInput, Split, notice


@dataclass(frozen=True)
class Seen:
    """Images (n, s, s), 255 for white, and where they were taken (n, 3) if that is known.

    `drive` says that they are those of a drive, in its order.
    """

    images: NDArray[np.uint8]
    names: list[str]
    poses: NDArray[np.float64] | None = None
    drive: bool = False


@dataclass(frozen=True)
class Asked:
    """How sources are read: which sensor, the side of images, columns of .bin files, scans.

    `session` is the one that is taken of a world, "query" or "database".
    """

    sensor: str
    size: int
    columns: str = ""
    scans: int = 1
    frame: str = "camera"
    session: str = "query"

    def read(self, source: Any) -> Seen:
        """Return what is seen in a source.

        A source is a scan or an image (a file, an array, a tensor, a `Place`), or a drive: a folder
        (see `zoo_4dral.reading.read_session`), a `Session`, a view of a split, or `Places`, whose
        first world of the test is taken. Raises `BadInput` for anything else, and where nothing is
        in view; images of a drive that are black are told.
        """
        seen = self._seen(source)
        black = int((~seen.images.any((1, 2))).sum())
        if black == len(seen.images):
            raise BadInput(
                f"{seen.names[0]} has nothing in view; expected returns within 64 m ahead and 32 m "
                "to either side."
            )
        if black:
            notice(f"{black:,} of {len(seen.images):,} images are black: nothing was in view.")
        return seen

    def _seen(self, source: Any) -> Seen:
        if isinstance(source, Places):
            return self._drive(getattr(source.worlds("test")[0], self.session), "test")
        if isinstance(source, Split):
            return self._split(source)
        if isinstance(source, Session):
            return self._drive(source, source.name)
        if isinstance(source, str | Path) and Path(source).expanduser().is_dir():
            folder = Path(source).expanduser()
            drive = read_session(
                folder,
                name=folder.name,
                frame=self.frame,
                columns=self.columns,
                scans=self.scans,
                size=self.size,
            )
            return self._drive(drive, folder.name)
        found = self._image(source)
        name = Path(source).name if isinstance(source, str | Path) else "0"
        return Seen(found[None], [name])

    def _drive(self, session: Session, label: str) -> Seen:
        images = images_of(session, self.sensor, label)
        names = list(session.files.get(self.sensor, map(str, range(len(images)))))
        known = bool(np.isfinite(session.poses).all())
        return Seen(images, names, session.poses if known else None, drive=True)

    def _split(self, split: Split) -> Seen:
        if not isinstance(split.data, Places):
            raise BadInput("This model describes places, such as those of streetsim.")
        worlds = split.data.worlds(split.name)
        images = [images_of(getattr(one, self.session), self.sensor, one.name) for one in worlds]
        rows = np.concatenate(images)
        return Seen(rows, [str(number) for number in range(len(rows))], drive=True)

    def _image(self, source: Any) -> NDArray[np.uint8]:
        if isinstance(source, Place):
            source = source.radar if self.sensor == "radar" else source.lidar
            if source is None:
                raise BadInput(f"This place has no image of the {self.sensor}.")
        if isinstance(source, str | Path) and Path(source).suffix.lower() in PICTURES:
            path = Path(source).expanduser()
            if not path.is_file():
                raise BadInput(f"There is no file {path}; expected a scan or an image.")
            return read_image(path)
        if hasattr(source, "detach"):
            source = source.detach().cpu().numpy()
        if isinstance(source, np.ndarray) and _is_image(source):
            return _as_bytes(source)
        points = read_scan(source, self.sensor, self.columns or None)
        if self.sensor == "radar":
            notice(
                f"A scan by itself is thinner than what networks are trained on, {SCANS} radar "
                f"scans gathered; give a drive with its poses and scans={SCANS} where you can."
            )
        return image(points, CAPS[self.sensor], front(self.size))


def images_of(session: Session, sensor: str, world: str) -> NDArray[np.uint8]:
    """Return the images (n, s, s) of a sensor; raises `BadInput` for a session without any."""
    found = session.radar if sensor == "radar" else session.lidar
    if found is None:
        raise BadInput(f"The {session.name} of {world} has no images of the {sensor}.")
    return found


def _is_image(array: NDArray[Any]) -> bool:
    shape = array.shape[1:] if array.ndim == 3 and len(array) == 1 else array.shape
    return len(shape) == 2 and shape[0] == shape[1] > MOST_COLUMNS


def _as_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    flat = array[0] if array.ndim == 3 else array
    if flat.dtype == np.uint8:
        return np.asarray(flat)
    if not (np.isfinite(flat).all() and flat.min() >= 0 and flat.max() <= 1):
        raise BadInput("The image has pixels outside of 0 to 1; expected these, or bytes.")
    return np.asarray((255 * flat).round(), np.uint8)

"""Arrays of objects in .npz files, by an unpickler that makes arrays and nothing else."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import BadInput

# NumPy 1 and 2 keep these functions in different modules; this finds them in either.
_RECONSTRUCT: Any = np.empty(0).__reduce__()[0]
_FROM_BUFFER: Any = np.empty(1).__reduce_ex__(5)[0]
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "dtype"): np.dtype,
    ("numpy", "ndarray"): np.ndarray,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _RECONSTRUCT for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _FROM_BUFFER for core in ("core", "_core")},
}


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("_codecs", "encode"):
            # Protocol 2 writes bytes as text in latin-1.
            return lambda text, encoding: text.encode("latin1")
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise BadInput(
                f"A pickle asks for {module}.{name}, which poses have no need of and which could "
                "run code; the file was refused."
            ) from None


def read_objects(path: str | Path, name: str) -> Any:
    """Return the one object (a dictionary, say) that an .npz keeps under a name.

    It may hold dictionaries, lists, texts, numbers and NumPy arrays. Raises `BadInput` for what is
    no such file, and for a pickle that asks for anything else.
    """
    label = Path(path).name
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as stream:
            version = np.lib.format.read_magic(stream)
            header = getattr(np.lib.format, f"read_array_header_{version[0]}_{version[1]}")
            shape, _, kind = header(stream)
            if not kind.hasobject:
                raise BadInput(f"{label} has plain numbers under {name!r}; expected a dictionary.")
            found = _Restricted(stream, encoding="latin1").load()
    except BadInput:
        raise
    except KeyError:
        raise BadInput(f"{label} has nothing under {name!r}.") from None
    except (
        OSError,
        ValueError,
        EOFError,
        AttributeError,
        IndexError,
        TypeError,
        zipfile.BadZipFile,
        pickle.UnpicklingError,
    ) as error:
        raise BadInput(
            f"{label} is no .npz with a dictionary under {name!r}, or is damaged "
            f"({type(error).__name__})."
        ) from error
    if not isinstance(found, np.ndarray) or found.shape != shape or found.size != 1:
        raise BadInput(f"{label} has no single dictionary under {name!r}.")
    return found.item()

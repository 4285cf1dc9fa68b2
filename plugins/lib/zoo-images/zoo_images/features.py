"""Features of a frozen backbone: computed once, kept on disk while a training runs."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo_core import whole_file


@torch.no_grad()
def features_of(
    module: Any, data: Any, rows: Tensor, folder: Path | None = None, name: str = "features",
    batch_size: int = 100,
) -> Tensor:  # fmt: skip
    """Return features (n, d) of some images of an `ImageSet`, from `folder` if they are there.

    `module` is an `ImageClassifier`: its backbone and preprocessing are part of what features are
    known by, with the images' indices; images of another dataset belong into another folder.
    """
    path = None
    if folder is not None:
        path = folder / f"{name}-{_identity(module, rows)}.safetensors"
        if path.is_file():
            from safetensors.torch import load_file

            return load_file(path)["features"]
    device = next(module.parameters()).device
    parts = [
        module.features(data.tensors(part, module.preprocessing).to(device))
        for part in torch.split(rows, batch_size)
    ]
    found = torch.cat(parts)
    if path is not None:
        from safetensors.torch import save

        with whole_file(path) as part_file:
            part_file.write_bytes(save({"features": found.cpu()}))
    return found


def _identity(module: Any, rows: Tensor) -> str:
    digest = sha256(json.dumps(module.preprocessing.as_json()).encode())
    digest.update(rows.numpy().tobytes())
    for tensor in module.backbone.state_dict().values():
        digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy())
    return digest.hexdigest()[:16]

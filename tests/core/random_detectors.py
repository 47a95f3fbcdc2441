"""Files of torchvision's detectors with seeded random weights: no training, but boxes enough to compare two ways."""

from pathlib import Path

import pytest
import torch

from core.networks import DETECTORS, store
from core.two_stage.building import skeleton

BY = {"cls_logits": 2.0, "cls_score": 2.0, "bbox_pred": 0.3, "classification_head": 2.0}
PYRAMID = {"fasterrcnn_mobilenet_v3_large_fpn": 1 / 130, "fasterrcnn_resnet50_fpn": 1 / 1600}
"""Of the pyramid's last kernels: maps of about 1."""


def tensors(name: str, seed: int = 0) -> dict[str, torch.Tensor]:
    """Values for every tensor: He's for kernels, and for the heads so that some scores are high."""
    dice = torch.Generator().manual_seed(seed)
    found = {}
    for key, value in skeleton(name).state_dict().items():
        shape = tuple(value.shape)
        if key.endswith("num_batches_tracked"):
            found[key] = torch.zeros(shape, dtype=torch.long)
        elif key.endswith("running_var") or (key.endswith("weight") and len(shape) == 1):
            found[key] = torch.ones(shape)
        elif len(shape) < 2:
            found[key] = torch.zeros(shape)
        else:
            by = {**BY, "fpn.layer_blocks": PYRAMID.get(name, 1.0)}
            spread = (2 / value[0].numel()) ** 0.5 * next((by[part] for part in by if part in key), 1.0)
            found[key] = torch.randn(shape, generator=dice) * spread
    return found


def place(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int = 0) -> dict[str, torch.Tensor]:
    """Put such a file where the store looks; its hash is not the published one, so it is not asked for."""
    values = tensors(name, seed)
    folder.mkdir(exist_ok=True)
    torch.save(values, folder / DETECTORS[name].weights.file_name)
    monkeypatch.setenv(store.FOLDER, str(folder))
    monkeypatch.setattr(store, "checked", lambda _, path: path)
    return values

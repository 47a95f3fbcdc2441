"""Random weights for torchvision's detectors, drawn from a seed, scaled so that there are boxes to be found."""

from pathlib import Path

import pytest
import torch

from core.networks import DETECTORS
from core.receptive_field.replay import drawn
from core.two_stage import faster

_SCALES = {
    "rpn.head.cls_logits.weight": 0.05,
    "rpn.head.bbox_pred.weight": 0.01,
    "roi_heads.box_predictor.cls_score.weight": 0.3,
    "roi_heads.box_predictor.bbox_pred.weight": 0.5,
}
_SHRUNK = 0.2  # of every block of a residual network: their sum would grow from block to block


def random_tensors(name: str, seed: int = 0) -> dict[str, torch.Tensor]:
    """Tensors of the network's shapes: He initialisation, the last layers of each stage scaled."""
    shapes = {key: tuple(value.shape) for key, value in faster.empty(name).state_dict().items()}
    return {
        key: drawn(key, shape, seed) * (_SHRUNK if key.endswith("bn3.weight") else _SCALES.get(key, 1.0))
        for key, shape in shapes.items()
        if not key.endswith("num_batches_tracked")  # published files have none
    }


def written(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int = 0) -> Path:
    """The file of `name` with random weights in a folder that the store looks into; its hash is not asked for."""
    path = folder / DETECTORS[name].weights.file_name
    torch.save(random_tensors(name, seed), path)
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(folder))
    monkeypatch.setattr(faster, "checked", lambda _, found: found)
    faster._loaded.cache_clear()
    return path

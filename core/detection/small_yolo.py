"""A YOLO small enough to train while one watches: one grid, no anchors, about 80 thousand numbers to learn.

Three convolutions of stride 2 bring a scene of 96 pixels down to a grid of 12 x 12 cells (a fourth one to 6 x 6), three
more with a shortcut around each let a cell see as far as objects are large, and one of 1 x 1 says 5 + classes numbers
for each cell, laid out as in `core.detection.layout`, but all of them before sigmoid and softmax:

    cx = (column + x) stride,  cy = (row + y) stride,  w = exp(w') stride,  h = exp(h') stride
    score of a class = sigmoid(objectness) x softmax(classes)

Sources: Redmon and Farhadi, "YOLO9000", 2017, section 2 (one grid, softmax over the classes); Ge et al., "YOLOX", 2021,
section 2.1 (no anchors); He et al. 2016 (shortcuts).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt8

from core.detection.evaluation import Detections
from core.detection.grid import Grid
from core.detection.scenes import SIDE
from core.detection.suppression import keep

STRIDES = (8, 16)
WIDTHS = (16, 32, 48)
BLOCKS = 3
LOG_MOST = 3.0  # e^3 strides: 161 pixels at stride 8, more than any scene
FAINTEST = 0.01  # score from which a cell's box counts in the evaluation
_PRIOR = 0.02  # objectness of every cell before any training: most cells are empty
Weights = Mapping[str, np.ndarray]
Raw = Float32[np.ndarray, "scenes cells numbers"]


def grid_of(stride: int) -> Grid:
    """The grid of cells over a scene.

    Raises: ValueError for another stride than 8 or 16.
    """
    if stride not in STRIDES:
        raise ValueError(f"The stride is one of {', '.join(map(str, STRIDES))}, got {stride}.")
    return Grid(SIDE // stride, SIDE // stride, (SIDE, SIDE))


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What the cells of one scene say, row by row.

    Args:
        boxes: left, top, right, bottom in pixels; may reach beyond the scene.
        objectness: 0 to 1.
        classes: shares that add up to 1.
    """

    boxes: Float64[np.ndarray, "cells 4"]
    objectness: Float64[np.ndarray, " cells"]
    classes: Float64[np.ndarray, "cells classes"]

    @property
    def labels(self) -> Int64[np.ndarray, " cells"]:
        """The class that each cell finds most probable."""
        return self.classes.argmax(axis=1)

    @property
    def scores(self) -> Float64[np.ndarray, " cells"]:
        """Objectness times the share of that class."""
        return self.objectness * self.classes.max(axis=1)


def network(classes: int, stride: int, seed: int) -> Any:
    """An untrained network (a torch module): batch of pictures [n, 3, 96, 96], 0 to 1 -> [n, cells, 5 + classes].

    He initialisation with a generator of its own (He et al. 2015, equation 10).
    """
    import torch
    from torch import nn

    grid_of(stride)
    widths = (*WIDTHS, *([WIDTHS[-1]] if stride == STRIDES[1] else []))

    def step(before: int, after: int, by: int) -> Any:
        return nn.Sequential(nn.Conv2d(before, after, 3, by, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU())

    class SmallYolo(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            steps = [step(before, after, 2) for before, after in zip((3, *widths), widths, strict=False)]
            self.down = nn.Sequential(*steps)
            self.blocks = nn.ModuleList([step(widths[-1], widths[-1], 1) for _ in range(BLOCKS)])
            self.head = nn.Conv2d(widths[-1], 5 + classes, 1)

        def forward(self, pictures: Any) -> Any:
            seen = self.down(pictures * 2 - 1)
            for block in self.blocks:
                seen = seen + block(seen)
            return self.head(seen).flatten(2).transpose(1, 2)  # [n, cells, 5 + classes]

    with torch.device("meta"):  # the usual initialisation would draw from the process-wide generator
        made = SmallYolo()
    made.to_empty(device="cpu")
    dice = torch.Generator().manual_seed(seed)
    for each in made.modules():
        if isinstance(each, nn.BatchNorm2d):
            each.reset_parameters()
        elif isinstance(each, nn.Conv2d):
            nn.init.kaiming_normal_(each.weight, nonlinearity="relu", generator=dice)
    with torch.no_grad():
        made.head.weight.mul_(0.1)
        made.head.bias.zero_()
        made.head.bias[4] = float(np.log(_PRIOR / (1 - _PRIOR)))
        made.head.bias[2:4] = float(np.log(28 / stride))  # the size of a usual object
    return made.to(memory_format=torch.channels_last)


def as_input(pixels: Sequence[UInt8[np.ndarray, "96 96 3"]]) -> Any:
    """Pictures as a tensor [n, 3, 96, 96], 0 to 1, channels last in memory."""
    import torch

    batch = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2)
    return batch.float().div_(255)


def weights_of(trained: Any) -> dict[str, np.ndarray]:
    """A copy of all that the network has learned, by name."""
    return {name: each.detach().numpy().copy() for name, each in trained.state_dict().items()}


def raw_of(weights: Weights, pixels: Sequence[UInt8[np.ndarray, "96 96 3"]]) -> Raw:
    """What a network with these weights says of pictures: numbers before sigmoid and softmax."""
    import torch

    stride = STRIDES[1] if f"down.{len(WIDTHS)}.0.weight" in weights else STRIDES[0]
    made = network(len(weights["head.bias"]) - 5, stride, 0)
    made.load_state_dict({name: torch.from_numpy(np.array(each)) for name, each in weights.items()})
    return raw_by(made, pixels)


def raw_by(made: Any, pixels: Sequence[UInt8[np.ndarray, "96 96 3"]]) -> Raw:
    """The same of a network that is at hand; it is left in training mode if it was in it."""
    import torch

    training = made.training
    made.eval()
    with torch.inference_mode():
        found = [made(as_input(pixels[first : first + 64])).numpy() for first in range(0, len(pixels), 64)]
    made.train(training)
    return np.concatenate(found)


def said(raw: Float32[np.ndarray, "cells numbers"]) -> Said:
    """Decode one scene's numbers, as in the formulas above.

    Raises: ValueError for numbers that are not finite, or not one row for each cell of a grid.
    """
    side = round(len(raw) ** 0.5)
    if raw.ndim != 2 or raw.shape[1] < 6 or side * side != len(raw) or SIDE % side:
        raise ValueError(
            f"A scene has 6 numbers or more for each cell of a square grid, got shape {raw.shape}."
        )
    if not np.isfinite(raw).all():
        raise ValueError("The numbers of the cells must be finite, and some are not.")
    numbers, stride = raw.astype(np.float64), SIDE / side
    rows, columns = np.divmod(np.arange(len(raw)), side)
    centre = (np.stack([columns, rows], axis=1) + numbers[:, :2]) * stride
    half = np.exp(np.minimum(numbers[:, 2:4], LOG_MOST)) * stride / 2
    shares = np.exp(numbers[:, 5:] - numbers[:, 5:].max(axis=1, keepdims=True))
    return Said(
        np.concatenate([centre - half, centre + half], axis=1),
        1 / (1 + np.exp(-np.clip(numbers[:, 4], -60, 60))),
        shares / shares.sum(axis=1, keepdims=True),
    )


def suppressed(one: Said, threshold: float, iou_threshold: float = 0.5) -> Int64[np.ndarray, " kept"]:
    """The cells whose boxes are left: score of at least the threshold, then greedy suppression within each class."""
    loud = np.flatnonzero(one.scores >= threshold)
    return loud[keep(one.boxes[loud], one.scores[loud], iou_threshold, one.labels[loud])]


def detections(raw: Raw, threshold: float = FAINTEST) -> Detections:
    """The boxes that are left of all scenes, with the scene's place as the picture's number."""
    all_ = [said(each) for each in raw]
    kept = [suppressed(each, threshold) for each in all_]
    return Detections(
        np.repeat(np.arange(len(raw)), [len(each) for each in kept]),
        np.concatenate(
            [np.zeros((0, 4)), *(one.boxes[cells] for one, cells in zip(all_, kept, strict=True))]
        ),
        np.concatenate(
            [np.zeros(0, np.int64), *(one.labels[cells] for one, cells in zip(all_, kept, strict=True))]
        ),
        np.concatenate([np.zeros(0), *(one.scores[cells] for one, cells in zip(all_, kept, strict=True))]),
    )

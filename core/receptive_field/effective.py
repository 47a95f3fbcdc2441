"""How strongly each pixel of a photo really moves a unit: the effective receptive field, and the poke test.

Source: Luo, Li, Urtasun and Zemel, "Understanding the Effective Receptive Field in Deep Convolutional Neural
Networks" (NeurIPS 2016): the gradient of a unit with respect to the picture fades from the middle of its field
like a Gaussian.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from jaxtyping import Float, UInt8

from core.receptive_field.boxes import Box, unit_box
from core.receptive_field.layer import StackLayer
from core.receptive_field.network import LayerField, network_fields
from core.receptive_field.stack import Row, trace_stack

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Model = str | Sequence[StackLayer]
Weights = Literal["random", "packaged"]
DOUBLE_MOST = 2_500_000_000
"""Multiply-adds up to which the poke test computes in float64."""


@dataclass(frozen=True, slots=True)
class EffectiveField:
    """The gradient of a unit with respect to the picture.

    Args:
        share: per pixel, the part of the whole gradient (absolute values, summed over the colours) that falls on
            it; sums to 1, or is 0 everywhere if the unit is switched off.
        value: the unit's value.
        box: the closed-form field in pixels, not clipped; without what gates see.
        inside: part of the gradient within the box: 1 unless gates see the whole image.
        central: part of the gradient within the middle half (a quarter of the area) of the box.
        side_95: side in pixels of the smallest square around the box's centre that holds 95 % of the gradient.
        whole_image: a gate below sees the whole picture.
    """

    share: Float[np.ndarray, "height width"]
    value: float
    box: Box
    inside: float
    central: float
    side_95: int
    whole_image: bool


@dataclass(frozen=True, slots=True)
class Poke:
    """A unit before and after one pixel was changed.

    Args:
        before, after, difference: the unit's value; outside the box the difference is exactly 0.
        old_rgb, new_rgb: the pixel's colour.
        inside: whether the pixel lies in the box, or a gate sees the whole picture.
        box: the closed-form field in pixels, not clipped.
        precision: "float64" or, for networks that would take too long, "float32".
    """

    before: float
    after: float
    difference: float
    old_rgb: tuple[int, int, int]
    new_rgb: tuple[int, int, int]
    inside: bool
    box: Box
    precision: str


def square_crop(pixels: UInt8[np.ndarray, "height width 3"], side: int) -> UInt8[np.ndarray, "side side 3"]:
    """The largest square in the middle of a photo, resized to side x side: what a network is shown."""
    from PIL import Image

    height, width = pixels.shape[:2]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    square = Image.fromarray(np.ascontiguousarray(pixels[top : top + short, left : left + short]))
    return np.asarray(square.resize((side, side), Image.Resampling.BICUBIC))


def effective_field(
    model: Model,
    layer: str | int,
    unit: tuple[int, int],
    pixels: UInt8[np.ndarray, "height width 3"],
    *,
    channel: int | None = None,
    weights: Weights = "random",
    seed: int = 0,
) -> EffectiveField:
    """|d unit / d pixel| by one pass of automatic differentiation.

    Args:
        model: a name of `NETWORKS`, or the layers of a stack (a ReLU follows each convolution).
        layer: a network's layer name as in `network_fields`, or the number of a stack's layer from 1 on.
        unit: row and column in that map; `channel` picks one of its channels, else their sum is the unit.
        pixels: the picture as the network gets it (see `square_crop`).
        weights: "random" draws filters from `seed` (He initialisation); "packaged" takes trained ones.

    Raises: ValueError for an unknown model, layer, unit or channel, or a network that takes too long.
    """
    import torch

    row = _row(model, layer, pixels.shape[:2])
    box = unit_box(row, unit)
    picture = _tensor(pixels, torch.float32).requires_grad_()
    value = _value(_function(model, layer, pixels.shape[:2], weights, seed)(picture), unit, channel)
    (gradient,) = torch.autograd.grad(value, picture)
    magnitude = gradient[0].abs().sum(dim=0).double().numpy()  # [height, width]
    share = magnitude / (magnitude.sum() or 1.0)
    return EffectiveField(
        share=share,
        value=float(value.detach()),
        box=box,
        inside=_share_within(share, box),
        central=_share_within(share, _middle(box)),
        side_95=_side_holding(share, box, 0.95),
        whole_image=isinstance(row, LayerField) and row.whole_image,
    )


def poke(
    model: Model,
    layer: str | int,
    unit: tuple[int, int],
    pixels: UInt8[np.ndarray, "height width 3"],
    pixel: tuple[int, int],
    *,
    channel: int | None = None,
    weights: Weights = "random",
    seed: int = 0,
) -> Poke:
    """Change one pixel to the far end of each colour and see whether the unit moves; arguments as above.

    Outside the box the difference is exactly 0, bit for bit. Inside it is another number in general; it can be 0
    where a max pool or a ReLU blocks every path, or in the gaps of dilated layers.

    Raises: ValueError as `effective_field`, and if the picture has no such pixel (row, column).
    """
    input_hw = pixels.shape[:2]
    if not all(0 <= i < n for i, n in zip(pixel, input_hw, strict=True)):
        raise ValueError(f"The pixel lies in the {input_hw[0]} x {input_hw[1]} picture, got {pixel}.")
    row = _row(model, layer, input_hw)
    box = unit_box(row, unit)
    poked = pixels.copy()
    poked[pixel] = np.where(pixels[pixel] < 128, 255, 0)
    question = _Question(
        model if isinstance(model, str) else tuple(model), layer, unit, channel, weights, seed
    )
    before, after = (_answer(question, input_hw, each.tobytes()) for each in (pixels, poked))
    whole_image = isinstance(row, LayerField) and row.whole_image
    return Poke(
        before,
        after,
        after - before,
        _rgb(pixels[pixel]),
        _rgb(poked[pixel]),
        whole_image or _holds(box, pixel),
        box,
        _precision(question, input_hw),
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """Which unit of which model is asked for its value."""

    model: str | tuple[StackLayer, ...]
    layer: str | int
    unit: tuple[int, int]
    channel: int | None
    weights: Weights
    seed: int


@lru_cache(maxsize=64)
def _answer(question: _Question, input_hw: tuple[int, int], pixels: bytes) -> float:
    """The unit's value; kept, since many pokes share the picture before."""
    import torch

    picture = np.frombuffer(pixels, dtype=np.uint8).reshape(*input_hw, 3)
    dtype = getattr(torch, _precision(question, input_hw))
    function = _function(question.model, question.layer, input_hw, question.weights, question.seed)
    with torch.no_grad():
        return float(_value(function(_tensor(picture, dtype)), question.unit, question.channel))


def _precision(question: _Question, input_hw: tuple[int, int]) -> Literal["float64", "float32"]:
    macs = _macs_below(question.model, question.layer, input_hw)
    return "float64" if macs <= DOUBLE_MOST else "float32"


def _row(model: Model, layer: str | int, input_hw: tuple[int, int]) -> Row | LayerField:
    if isinstance(model, str):
        found = [field for field in network_fields(model, input_hw) if field.name == layer]
        if not found:
            raise ValueError(f"The layer is one of network_fields({model!r}), got {layer!r}.")
        return found[0]
    if not isinstance(layer, int) or not 1 <= layer <= len(model):
        raise ValueError(f"The layer is a number from 1 to {len(model)}, got {layer!r}.")
    return trace_stack(model, input_hw)[layer]


def _macs_below(model: Model, layer: str | int, input_hw: tuple[int, int]) -> int:
    if isinstance(model, str):
        fields = network_fields(model, input_hw)
        stop = next(i for i, field in enumerate(fields) if field.name == layer)
        return sum(field.macs for field in fields[: stop + 1])
    return sum(row.macs for row in trace_stack(model, input_hw)[: int(layer) + 1])


def _function(
    model: Model, layer: str | int, input_hw: tuple[int, int], weights: Weights, seed: int
) -> "Callable[[Tensor], Tensor]":
    from core.receptive_field import replay

    if isinstance(model, str):
        return replay.network_function(model, str(layer), input_hw, weights, seed)
    return replay.stack_function(tuple(model[: int(layer)]), input_hw, seed)


def _tensor(pixels: np.ndarray, dtype: "torch.dtype") -> "Tensor":
    """The picture as [1, 3, h, w], (p - 127) / 128, which is what EfficientNet-Lite was trained on."""
    import torch

    scaled = torch.tensor(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].to(dtype)
    return ((scaled - 127) / 128).contiguous()


def _value(maps: "Tensor", unit: tuple[int, int], channel: int | None) -> "Tensor":
    if channel is None:
        return maps[0, :, unit[0], unit[1]].sum()
    if not 0 <= channel < maps.shape[1]:
        raise ValueError(f"The channel is a number from 0 to {maps.shape[1] - 1}, got {channel}.")
    return maps[0, channel, unit[0], unit[1]]


def _share_within(share: np.ndarray, box: Box) -> float:
    x1, y1, x2, y2 = (max(0, round(edge)) for edge in box)
    return float(share[y1:y2, x1:x2].sum())


def _middle(box: Box) -> Box:
    x1, y1, x2, y2 = box
    quarter_x, quarter_y = (x2 - x1) / 4, (y2 - y1) / 4
    return x1 + quarter_x, y1 + quarter_y, x2 - quarter_x, y2 - quarter_y


def _side_holding(share: np.ndarray, box: Box, part: float) -> int:
    """Side of the smallest square of whole pixels around the box's centre with at least `part` of the total."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    rows, columns = np.indices(share.shape) + 0.5
    distance = np.maximum(abs(rows - y), abs(columns - x)).ravel()
    order = np.argsort(distance, kind="stable")
    held = np.cumsum(share.ravel()[order])
    if held[-1] == 0:
        return 0
    reached = distance[order][np.searchsorted(held, part * held[-1])]
    return int(np.ceil(2 * reached + 1 - 1e-9))


def _holds(box: Box, pixel: tuple[int, int]) -> bool:
    x1, y1, x2, y2 = box
    if (
        x1 >= x2 or y1 >= y2
    ):  # a unit that reads nothing: its empty box lies amid a pixel and does not hold it
        return False
    return y1 < pixel[0] + 1 and pixel[0] < y2 and x1 < pixel[1] + 1 and pixel[1] < x2


def _rgb(values: np.ndarray) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in values)
    return red, green, blue

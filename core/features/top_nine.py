"""The places in some photos that a channel answers to most, each cut to what the unit sees.

Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (ECCV 2014), figure 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Int, UInt8

from core.receptive_field import LayerField, network_fields, unit_box
from core.receptive_field.network import recording

if TYPE_CHECKING:
    from torch import Tensor

MOST = 9


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """Where each channel of a layer answers most, and least, in one picture.

    Args:
        values: [2, channels]: the largest and the smallest value.
        units: [2, channels, 2]: row and column of each.
    """

    values: Float[np.ndarray, "2 channels"]
    units: Int[np.ndarray, "2 channels 2"]


@dataclass(frozen=True, slots=True)
class Hit:
    """One photo's strongest place for a channel.

    Args:
        photo: its number in the list.
        value: of the unit.
        unit: channel, row, column.
    """

    photo: int
    value: float
    unit: tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """What a unit sees of a picture.

    Args:
        pixels: RGB, the part of the field that lies in the picture.
        box: left, top, right, bottom of `pixels` in the picture, half-open.
        padding: share of the field that lies outside the picture, where the unit sees only padding.
    """

    pixels: UInt8[np.ndarray, "height width 3"]
    box: tuple[int, int, int, int]
    padding: float


def peaks(network: Any, tensor: "Tensor", layer: str) -> Peaks:
    """One forward pass: the largest and smallest value of every channel and where they are."""
    import torch

    from core.networks import activations

    with torch.no_grad():
        maps = activations(network, tensor, [layer])[layer][0].numpy()  # [channels, h, w]
    flat = maps.reshape(len(maps), -1)
    places = np.stack([flat.argmax(axis=1), flat.argmin(axis=1)])  # [2, channels]
    values = np.stack([flat[range(len(flat)), row] for row in places])
    return Peaks(values, np.stack(np.divmod(places, maps.shape[2]), axis=-1))


def strongest(found: Sequence[Peaks], channel: int, *, negative: bool = False) -> tuple[Hit, ...]:
    """The (at most) nine photos with the strongest places, strongest first; at most one place per photo.

    Args:
        found: the peaks of every photo.
        negative: the smallest values instead.
    """
    end = int(negative)
    hits = [
        Hit(i, float(each.values[end, channel]), (channel, *map(int, each.units[end, channel])))
        for i, each in enumerate(found)
    ]
    return tuple(sorted(hits, key=lambda hit: hit.value, reverse=not negative)[:MOST])


def patch(pixels: UInt8[np.ndarray, "height width 3"], field: LayerField, unit: tuple[int, int]) -> Patch:
    """The field of a unit (row, column), cut out of the picture; a field ends on whole pixels."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = (round(edge) for edge in unit_box(field, unit))
    area = (right - left) * (bottom - top)
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    return Patch(
        pixels[top:bottom, left:right],
        (left, top, right, bottom),
        1 - (right - left) * (bottom - top) / area,
    )


def answers(architecture: str, layer: str, input_px: int) -> LayerField:
    """The map in which a convolution's filters are heard: before the ReLU, after batch normalisation if one follows.

    Args:
        architecture: one of `core.receptive_field.NETWORKS`.
        layer: name of a convolution.
        input_px: side of the picture.

    Raises: ValueError if the architecture has no such layer.
    """
    steps = recording(architecture, (input_px, input_px)).steps
    places = [i for i, step in enumerate(steps) if step.name == layer and step.kind == "conv"]
    if not places:
        raise ValueError(f"The layer is one of {architecture}'s convolutions, got {layer!r}.")
    (place,) = places
    after = steps[place + 1] if place + 1 < len(steps) else steps[place]
    normed = after.function.__name__ == "batch_norm" and place in after.inputs
    name = after.name if normed else layer
    return next(field for field in network_fields(architecture, input_px) if field.name == name)

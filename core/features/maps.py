"""The maps of a network's layers for one picture: which tensors there are, and their channels in some order.

Say which tensor it is: before or after batch normalisation, before or after the activation (Yosinski et al. 2015, arXiv
1506.06579, show activations after it; gradients and sums are easier to read before it).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Float

from core.features.circuit import PICTURE, Circuit, evaluate, readers

if TYPE_CHECKING:
    from torch import Tensor

    from core.receptive_field.tape import Step

Order = Literal["mean", "max", "index"]
_SHOWN = ("conv", "norm", "activation", "max_pool", "avg_pool", "add", "cat", "scale")
_ACTIVATIONS = {
    "relu": "ReLU",
    "hardtanh": "ReLU6",
    "relu6": "ReLU6",
    "silu": "SiLU",
    "hardswish": "hard swish",
    "hardsigmoid": "hard sigmoid",
    "sigmoid": "sigmoid",
    "gelu": "GELU",
}
_RECTIFYING = ("relu", "relu6", "hardtanh")


@dataclass(frozen=True, slots=True)
class Layer:
    """One map of a network that can be looked at.

    Args:
        index: number of the operation in the circuit.
        name: as in `core.receptive_field.network_fields`.
        kind: "conv", "norm", "activation", "max_pool", "avg_pool", "add", "cat" or "scale".
        channels, hw: shape of the map.
        tensor: which tensor it is, in words.
        rectified: no value can be below 0.
        stage: number of the stage, from 0: stages differ in the size of their maps.
    """

    index: int
    name: str
    kind: str
    channels: int
    hw: tuple[int, int]
    tensor: str
    rectified: bool
    stage: int


@dataclass(frozen=True, slots=True)
class Stage:
    """Layers in a row whose maps have one size."""

    number: int
    hw: tuple[int, int]
    layers: tuple[Layer, ...]

    @property
    def face(self) -> Layer:
        """The layer to look at first: the last one after an activation, else the last one."""
        return next((layer for layer in reversed(self.layers) if layer.rectified), self.layers[-1])


@dataclass(frozen=True, slots=True, eq=False)
class ChannelTable:
    """What can be said of every channel of a map [channels, height, width].

    Args:
        mean, largest, smallest: per channel.
        spread: per channel, the standard deviation of its values.
        silent: per channel, all its values are equal (0 after a ReLU): it says nothing about this picture.
    """

    mean: Float[np.ndarray, " channels"]
    largest: Float[np.ndarray, " channels"]
    smallest: Float[np.ndarray, " channels"]
    spread: Float[np.ndarray, " channels"]
    silent: Any

    def order(self, by: Order) -> np.ndarray:
        """The channels' numbers, strongest first, or as they come; equal ones as they come."""
        if by == "index":
            return np.arange(len(self.mean))
        values = {"mean": self.mean, "max": self.largest}[by]
        return np.argsort(-values, kind="stable")


def stages_of(circuit: Circuit) -> tuple[Stage, ...]:
    """The maps of a circuit in stages: a new one begins wherever the maps' size changes for good."""
    found: list[list[Layer]] = []
    for index, step in enumerate(circuit.steps):
        if step.kind not in _SHOWN or step.signal.dims != ("n", "c", "h", "w") or step.signal.sight is None:
            continue
        hw = step.signal.output_hw
        if not found or found[-1][-1].hw != hw:
            found.append([])
        found[-1].append(_layer(circuit, index, hw, len(found) - 1))
    return tuple(Stage(number, layers[0].hw, tuple(layers)) for number, layers in enumerate(found))


def layers_of(circuit: Circuit) -> dict[str, Layer]:
    """All maps by name, in execution order."""
    return {layer.name: layer for stage in stages_of(circuit) for layer in stage.layers}


def _layer(circuit: Circuit, index: int, hw: tuple[int, int], stage: int) -> Layer:
    step = circuit.steps[index]
    channels, words = step.signal.channels, _words(circuit, index)
    return Layer(index, step.name, step.kind, channels, hw, words, _rectified(circuit, index), stage)


def _words(circuit: Circuit, index: int) -> str:
    step = circuit.steps[index]
    match step.kind:
        case "activation":
            return f"after {activation_name(step)}"
        case "conv":
            return f"convolution, {_next(circuit, index)}"
        case "norm":
            return f"after batch norm, {_next(circuit, index)}"
        case "add":
            return f"shortcut + branch, {_next(circuit, index)}"
        case "cat":
            return "branches side by side"
        case "scale":
            return "scaled by a gate"
        case kind:
            return "after max pooling" if kind == "max_pool" else "after average pooling"


def _next(circuit: Circuit, index: int) -> str:
    """What happens to the map next, in words."""
    for step in (circuit.steps[i] for i in readers(circuit, index)):
        if step.kind == "norm":
            return "before batch norm"
        if step.kind == "activation":
            return f"before {activation_name(step)}"
    return "no activation follows"


def activation_name(step: "Step") -> str:
    """The activation as people write it."""
    return _ACTIVATIONS.get(base_name(step), base_name(step))


def base_name(step: "Step") -> str:
    """Name of the function that an operation calls, without underscores around it."""
    return step.function.__name__.strip("_")


def _rectified(circuit: Circuit, index: int) -> bool:
    step = circuit.steps[index]
    if step.kind == "activation":
        return base_name(step) in _RECTIFYING
    passing = step.kind in ("max_pool", "avg_pool", "cat")
    return passing and all(i != PICTURE and _rectified(circuit, i) for i in step.inputs)


def look(circuit: Circuit, picture: "Tensor", layers: "tuple[int, ...]") -> "dict[int, Tensor]":
    """The results of some operations for a picture, without gradients."""
    import torch

    with torch.no_grad():
        return evaluate(circuit, {PICTURE: picture}, layers)


def as_maps(tensor: "Tensor") -> Float[np.ndarray, "channels height width"]:
    """The first picture's maps as a contiguous float32 array."""
    return np.ascontiguousarray(tensor[0].detach().numpy(), dtype=np.float32)


def channel_table(maps: Float[np.ndarray, "channels height width"]) -> ChannelTable:
    """Mean, largest and smallest value of each channel, and which are silent."""
    flat = maps.reshape(len(maps), -1)
    largest, smallest = flat.max(axis=1), flat.min(axis=1)
    return ChannelTable(flat.mean(axis=1), largest, smallest, flat.std(axis=1), largest == smallest)


def strongest_place(plane: Float[np.ndarray, "height width"]) -> tuple[int, int]:
    """Row and column of the largest value; of several, the one nearest to the middle."""
    rows, columns = np.nonzero(plane == plane.max())
    height, width = plane.shape
    middle = np.square(rows - (height - 1) / 2) + np.square(columns - (width - 1) / 2)
    first = int(middle.argmin())
    return int(rows[first]), int(columns[first])

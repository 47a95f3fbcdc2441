"""What is explained: one output of a network, before the softmax, for one picture, seen from one of its layers.

The logit, not the probability: a probability also rises when another category falls (Olah et al. 2017, Distill).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from core.features.circuit import PICTURE, Circuit, circuit_of, evaluate, frontier
from core.features.maps import Layer, layers_of, stages_of

if TYPE_CHECKING:
    from torch import Tensor

_POOLS = ("max_pool", "avg_pool")


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One category of one network for one picture.

    Args:
        circuit: the network taken apart.
        tensor: the normalised picture [1, 3, height, width].
        layer: name of the map from which class activation maps are made; "" if the network has none with places.
        category: number of the output.

    Raises: ValueError for another shape of picture, a network without classifier, or a category that it has not.
    """

    circuit: Circuit
    tensor: "Tensor"
    layer: str
    category: int

    def __post_init__(self) -> None:
        if self.tensor.ndim != 4 or self.tensor.shape[0] != 1:
            raise ValueError(f"The picture is [1, 3, height, width], got {tuple(self.tensor.shape)}.")
        ends_in = self.circuit.steps[-1].signal.shape
        if len(ends_in) != 2:
            raise ValueError(
                f"Only a network that classifies can be asked why, got one that ends in {ends_in}."
            )
        if not 0 <= self.category < ends_in[1]:
            raise ValueError(f"A category is a number from 0 to {ends_in[1] - 1}, got {self.category}.")

    @property
    def hw(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return int(self.tensor.shape[2]), int(self.tensor.shape[3])


def subject_of(network: Any, tensor: "Tensor", category: int, layer: str = "") -> Subject:
    """What is to be explained about a network from `core.networks`.

    Args:
        network: from `core.networks.load`, or introduced; it is read and never touched.
        tensor: the normalised picture [1, 3, height, width].
        category: number of the output, from 0.
        layer: whose maps class activation maps are made of; "" for the last one with places.

    Raises: ValueError as `Subject` does, and for a layer that is no map of the network.
    """
    circuit = circuit_of(network, (int(tensor.shape[2]), int(tensor.shape[3])))
    return subject_in(circuit, tensor, category, layer)


def subject_in(circuit: Circuit, tensor: "Tensor", category: int, layer: str = "") -> Subject:
    """As `subject_of`, for a circuit at hand, as `core.features.scene.Scene` holds one."""
    if layer and layer not in layers_of(circuit):
        raise ValueError(f"The layer is one of {', '.join(layers_of(circuit))}, got {layer!r}.")
    offered = layers_to_explain(circuit)
    return Subject(circuit, tensor, layer or (offered[-1].name if offered else ""), category)


@dataclass(frozen=True, slots=True, eq=False)
class Captured:
    """A layer's maps and the slope of the output there.

    Args:
        maps: A [channels, height, width].
        slopes: dz / dA, the same shape.
        output: z, the category's output before the softmax.
    """

    maps: Float[np.ndarray, "channels height width"]
    slopes: Float[np.ndarray, "channels height width"]
    output: float


def capture(subject: Subject) -> Captured:
    """The maps of the layer, and the gradient of the output there: back from the output to the layer, no further.

    Raises: ValueError if no layer has places.
    """
    import torch

    circuit, index = subject.circuit, layer_index(subject)
    beside = frontier(circuit, index) - {PICTURE}
    with torch.no_grad():
        held = evaluate(circuit, {PICTURE: subject.tensor}, (*beside, index))
    maps = held[index].detach().requires_grad_()
    with torch.enable_grad():
        given = {PICTURE: subject.tensor, **held, index: maps}
        output = evaluate(circuit, given, (circuit.last,))[circuit.last][0, subject.category]
        (slopes,) = torch.autograd.grad(output, maps)
    return Captured(maps.detach()[0].numpy(), slopes[0].numpy(), float(output.detach()))


def layer_index(subject: Subject) -> int:
    """Number of the operation whose maps are weighed.

    Raises: ValueError if there is none.
    """
    if not subject.layer:
        raise ValueError(
            "Class activation maps need a layer with places, and here every map is a single place."
        )
    return subject.circuit.named(subject.layer)


def outputs(circuit: Circuit, pictures: "Tensor") -> "Tensor":
    """The outputs before the softmax of several pictures [n, 3, height, width]: [n, categories].

    Gradients flow if `pictures` asks for them.
    """
    from torch import channels_last

    several = for_pictures(circuit, pictures.shape[0])
    pictures = pictures.contiguous(
        memory_format=channels_last
    )  # masks leave them in another order, which is slow
    return evaluate(several, {PICTURE: pictures}, (several.last,))[several.last]


def for_pictures(circuit: Circuit, count: int) -> Circuit:
    """The circuit for `count` pictures at once: reshapings were written down for one picture."""
    if count == 1:
        return circuit
    from torch import Tensor

    steps = tuple(
        replace(step, arguments=(step.arguments[0], count, *step.arguments[2:]))
        if step.function is Tensor.view
        else step
        for step in circuit.steps
    )
    return Circuit(steps, circuit.tensors)


def in_batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The items in order, `size` at a time."""
    for first in range(0, len(items), size):
        yield items[first : first + size]


def layers_to_explain(circuit: Circuit) -> tuple[Layer, ...]:
    """For each size of maps the last one through which everything passes, the coarsest last.

    The last of them is where class activation maps are usually made: the last map with places before pooling.
    """
    found: dict[tuple[int, int], Layer] = {}
    for stage in stages_of(circuit):
        if min(stage.hw) < 2:
            continue
        for layer in reversed(stage.layers):
            if layer.kind not in _POOLS and not frontier(circuit, layer.index):
                found[stage.hw] = layer
                break
    return tuple(sorted(found.values(), key=lambda layer: layer.index))

"""A network in front of a photo: what the page asks, by words and numbers alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, UInt8

from core import networks
from core.features.circuit import PICTURE, Circuit, circuit_of, evaluate, frontier
from core.features.contributions import UnitSum, explain, needed_for
from core.features.maps import Layer, Stage, as_maps, layers_of, stages_of
from core.features.similarity import Likeness, likeness
from core.features.wire import channel_effects, outputs
from core.networks.softmax import softmax
from core.photo import Photo


@dataclass(frozen=True, slots=True)
class Look:
    """Through which network a photo is looked at.

    Args:
        network: one of `core.networks.NAMES`.
        weights: "trained", or "untrained" ones drawn from `seed`.
        seed: of the untrained weights.
    """

    network: str
    weights: Literal["trained", "untrained"] = "trained"
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A network and what it was shown; shared and never changed.

    Args:
        look: which network.
        circuit: the network taken apart.
        tensor: the normalised picture [1, 3, side, side].
        pixels: the square of the photo that the network saw, RGB.
        categories: what its outputs mean; empty for a network without classifier.
    """

    look: Look
    circuit: Circuit
    tensor: Any
    pixels: UInt8[np.ndarray, "side side 3"]
    categories: tuple[str, ...]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Its maps, in stages of one size."""
        return stages_of(self.circuit)

    def layer(self, name: str) -> Layer:
        """One of its maps."""
        return layers_of(self.circuit)[name]


def scene(look: Look, photo: Photo) -> Scene:
    """Load the network and prepare the photo.

    Raises: WeightsMissing, WeightsDamaged of `core.networks`, whose text is one sentence for a person.
    """
    record = networks.record(look.network)
    network = networks.load(look.network, look.weights, seed=look.seed)
    shown = networks.prepare(record, photo)
    side = shown.pixels.shape[0]
    circuit = circuit_of(network, (side, side))
    return Scene(look, circuit, shown.tensor, shown.pixels, record.categories)


def predictions(seen: Scene, count: int = 5) -> tuple[tuple[str, float], ...]:
    """The `count` most probable categories, best first; none for a network without classifier."""
    if not seen.categories:
        return ()
    shares = softmax(all_outputs(seen))
    best = np.argsort(-shares, kind="stable")[:count]
    return tuple((seen.categories[i], float(shares[i])) for i in best)


def all_outputs(seen: Scene) -> Float[np.ndarray, " outputs"]:
    """The outputs before the softmax."""
    return _results(seen, (seen.circuit.last,))[seen.circuit.last][0].double().numpy()


def layer_maps(seen: Scene, layer: str) -> Float[np.ndarray, "channels height width"]:
    """All channels of one layer."""
    index = seen.circuit.named(layer)
    return as_maps(_results(seen, (index,))[index])


def stage_faces(seen: Scene) -> tuple[Float[np.ndarray, "height width"], ...]:
    """Per stage, how much goes on where: f(i, j) = 1/C sum over c of |a(c, i, j)|, the channels of its face."""
    wanted = tuple(stage.face.index for stage in seen.stages)
    found = _results(seen, wanted)
    return tuple(np.abs(as_maps(found[index])).mean(axis=0) for index in wanted)


def unit_sum(seen: Scene, layer: str, unit: tuple[int, int, int]) -> UnitSum:
    """One unit (channel, row, column) as the sum it is."""
    index = seen.circuit.named(layer)
    return explain(seen.circuit, unit_values(seen, layer), index, unit)


def unit_values(seen: Scene, layer: str) -> Mapping[int, Any]:
    """The results that sums of this layer's units are made of."""
    found = _results(seen, tuple(needed_for(seen.circuit, seen.circuit.named(layer))))
    return found | {PICTURE: seen.tensor}


def cut_values(seen: Scene, layer: str) -> Mapping[int, Any]:
    """The results from which the rest of the network can be run again."""
    index = seen.circuit.named(layer)
    return _results(seen, (*(frontier(seen.circuit, index) - {PICTURE}), index)) | {PICTURE: seen.tensor}


def cut_outputs(seen: Scene, values: Mapping[int, Any], layer: str, channel: int, factor: float) -> Any:
    """The outputs once a channel was scaled; see `core.features.wire.outputs`."""
    return outputs(seen.circuit, values, seen.circuit.named(layer), channel, factor)


def cut_effects(seen: Scene, values: Mapping[int, Any], layer: str, categories: tuple[int, ...]) -> Any:
    """Activation x gradient [categories, channels]; see `core.features.wire.channel_effects`."""
    return channel_effects(seen.circuit, values, seen.circuit.named(layer), categories)


def likenesses(first: Scene, second: Scene) -> tuple[tuple[Layer, Likeness], ...]:
    """How alike two photos are to one network, after each activation; tensors of one kind, so that they compare."""
    layers = [layer for layer in layers_of(first.circuit).values() if layer.kind == "activation"]
    wanted = tuple(layer.index for layer in layers)
    one, other = _results(first, wanted), _results(second, wanted)
    return tuple(
        (layer, likeness(as_maps(one[layer.index]), as_maps(other[layer.index]))) for layer in layers
    )


def _results(seen: Scene, wanted: tuple[int, ...]) -> dict[int, Any]:
    import torch

    with torch.no_grad():
        return evaluate(seen.circuit, {PICTURE: seen.tensor}, wanted)

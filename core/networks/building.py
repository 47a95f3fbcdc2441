"""A network from tensors: built with shapes alone, then given values; no shared random generator is touched.

Constructors of torchvision and timm draw their first weights from the generator that all threads share; building
weightlessly and filling afterwards leaves it alone.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from core.networks.record import NetworkRecord
from core.receptive_field.catalogue import build
from core.receptive_field.replay import drawn
from core.receptive_field.weightless import Weightless


class Trunk(nn.Module):
    """The convolutional part of a VGG network; its layers keep their names ("features.0", ...)."""

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.features = features

    def forward(self, x: Tensor) -> Tensor:
        """The last map [batch, channels, height / 32, width / 32]."""
        return self.features(x)


def skeleton(architecture: str, *, trunk: bool = False, classes: int | None = None) -> nn.Module:
    """The network with shapes and no values, its last layer with `classes` outputs."""
    network = build(architecture)
    if trunk:
        return Trunk(network.features).eval()
    if classes is not None:
        path, layer = classifier_of(network)
        owner = network.get_submodule(path.rpartition(".")[0])
        with Weightless():
            setattr(owner, path.rpartition(".")[2], _with_outputs(layer, classes))
    return network


def classifier_name(architecture: str) -> str:
    """Dotted path of the layer whose outputs are the classes."""
    return classifier_of(build(architecture))[0]


def classifier_of(network: nn.Module) -> tuple[str, nn.Module]:
    """Dotted path of the last linear layer or convolution, and that layer."""
    kinds = (nn.Linear, nn.Conv2d)
    return [(path, module) for path, module in network.named_modules() if isinstance(module, kinds)][-1]


def _with_outputs(layer: nn.Module, classes: int) -> nn.Module:
    bias = layer.bias is not None
    if isinstance(layer, nn.Conv2d):
        return nn.Conv2d(layer.in_channels, classes, layer.kernel_size, bias=bias)  # type: ignore[arg-type]
    assert isinstance(layer, nn.Linear)
    return nn.Linear(layer.in_features, classes, bias=bias)


def filled(network: nn.Module, tensors: Mapping[str, Tensor]) -> nn.Module:
    """The network with these values, ready to be shared: evaluation, no gradients, channels last in memory.

    Counters of batch normalisation may be missing: older files lack them, and evaluation does not use them.

    Raises: ValueError naming the tensors that are missing, too many or of another shape.
    """
    fresh = network.state_dict()
    differing = mismatches({key: tuple(value.shape) for key, value in fresh.items()}, shapes_of(tensors))
    if differing:
        raise ValueError(f"The weights do not fit the network: {differing[0]} ({len(differing)} in all).")
    values = OrderedDict(
        (key, tensors[key] if key in tensors else torch.zeros((), dtype=torch.long)) for key in fresh
    )
    values._metadata = fresh._metadata  # type: ignore[attr-defined]  versions of the layers
    network.load_state_dict(values, assign=True)
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def shapes_of(tensors: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor."""
    return {key: tuple(value.shape) for key, value in tensors.items()}


def mismatches(wanted: Mapping[str, tuple[int, ...]], found: Mapping[str, tuple[int, ...]]) -> list[str]:
    """What is missing, too many or of another shape, in words; counters of batch normalisation may be missing."""
    missing = [f"{key} is missing" for key in wanted if key not in found and not is_counter(key)]
    extra = [f"{key} is not part of it" for key in found if key not in wanted]
    shaped = [
        f"{key} is {list(found[key])} and not {list(shape)}"
        for key, shape in wanted.items()
        if key in found and found[key] != shape
    ]
    return shaped + missing + extra


def is_counter(key: str) -> bool:
    """Batch normalisation counts its training batches in a tensor of this name."""
    return key.endswith("num_batches_tracked")


def untrained(record: NetworkRecord, seed: int) -> nn.Module:
    """The network before any training: He initialisation, normal(0, sqrt(2 / fan in)) (He et al. 2015, equation 10).

    Each tensor is drawn from a generator of its own, seeded with the network's seed and the tensor's name. Biases are
    0; batch normalisation passes values on as they are.
    """
    classes = len(record.categories) if record.weights.kind == "own" else None
    network = skeleton(record.architecture, trunk=record.trunk, classes=classes)
    shapes = shapes_of(network.state_dict())
    return filled(network, {key: untrained_tensor(key, shape, seed) for key, shape in shapes.items()})


def untrained_tensor(name: str, shape: tuple[int, ...], seed: int) -> Tensor:
    """One tensor of an `untrained` network, by its name."""
    if is_counter(name):
        return torch.zeros(shape, dtype=torch.long)
    return drawn(name, shape, seed)

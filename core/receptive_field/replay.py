"""Evaluate a written-down network up to one map, with weights drawn from a seed or read from a package.

Only the steps that the map depends on run, and only their weights are made, so an early layer costs little. The
network is never built: nothing here is shared, hooked or changed, so any number of sessions may do it at once.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from core.receptive_field.catalogue import PACKAGED
from core.receptive_field.layer import StackLayer
from core.receptive_field.network import recording
from core.receptive_field.stack import trace_stack
from core.receptive_field.tape import PICTURE, Ref, Step, Tape, Weight, swapped

MACS_MOST = 20_000_000_000
PARAMETERS_MOST = 100_000_000


def network_function(
    name: str, layer: str, input_hw: tuple[int, int], weights: str = "random", seed: int = 0
) -> Callable[[Tensor], Tensor]:
    """The function from a picture [1, 3, h, w] to the map of `layer` [1, channels, height, width].

    It computes in the precision of the picture it gets.

    Args:
        weights: "random" (He initialisation from `seed`, batch normalisation as initialised) or "packaged".

    Raises: ValueError if the network has no such layer or no packaged weights, or if running it takes too long.
    """
    tape = recording(name, input_hw)
    needed = sorted(ancestors(tape.steps, _step_of(tape, name, layer)))
    steps = [tape.steps[i] for i in needed]
    _check_cost(name, sum(step.macs for step in steps), sum(step.parameters for step in steps))
    tensors = _tensors(name, layer, input_hw, weights, seed)

    def function(picture: Tensor) -> Tensor:
        cast = {each: tensor.to(picture.dtype) for each, tensor in tensors.items()}
        return _replayed(tape.steps, needed, cast, picture)

    return function


def _check_cost(name: str, macs: int, parameters: int) -> None:
    if macs > MACS_MOST or parameters > PARAMETERS_MOST:
        raise ValueError(
            f"Measuring takes at most {MACS_MOST / 1e9:g} billion multiply-adds and {PARAMETERS_MOST / 1e6:g} million"
            f" parameters, got {macs / 1e9:.1f} and {parameters / 1e6:.1f} up to this layer of {name}."
        )


@lru_cache(maxsize=2)
def _tensors(name: str, layer: str, input_hw: tuple[int, int], weights: str, seed: int) -> dict[str, Tensor]:
    """Parameters and buffers that `layer` depends on; read them, never change them."""
    tape = recording(name, input_hw)
    needed = ancestors(tape.steps, _step_of(tape, name, layer))
    names = {each.name for i in needed for each in _weights_of(tape.steps[i])}
    return {each: _tensor(name, each, tape.shapes[each], weights, seed) for each in sorted(names)}


def ancestors(steps: list[Step], target: int) -> set[int]:
    """The steps that step `target` depends on, itself included."""
    found, waiting = set(), [target]
    while waiting:
        index = waiting.pop()
        if index != PICTURE and index not in found:
            found.add(index)
            waiting.extend(steps[index].inputs)
    return found


def _step_of(tape: Tape, name: str, layer: str) -> int:
    for index, step in enumerate(tape.steps):
        if step.name == layer:
            return index
    raise ValueError(f"The layer is one of {name}'s ({tape.steps[0].name}, ...), got {layer!r}.")


def _weights_of(step: Step) -> list[Weight]:
    found: list[Weight] = []
    swapped(
        (step.arguments, step.keywords), lambda leaf: found.append(leaf) if isinstance(leaf, Weight) else None
    )
    return found


def _replayed(steps: list[Step], needed: list[int], tensors: Mapping[str, Tensor], picture: Tensor) -> Tensor:
    values: dict[int, Any] = {PICTURE: picture}

    def filled(leaf: Any) -> Any:
        if isinstance(leaf, Ref):
            return values[leaf.step] if leaf.item is None else values[leaf.step][leaf.item]
        return tensors[leaf.name] if isinstance(leaf, Weight) else leaf

    for index in needed:
        step = steps[index]
        values[index] = step.function(*swapped(step.arguments, filled), **swapped(step.keywords, filled))
    return values[needed[-1]]


def _tensor(network: str, name: str, shape: tuple[int, ...], weights: str, seed: int) -> Tensor:
    if weights == "packaged":
        return _packaged(network)[name]
    if weights != "random":
        raise ValueError(f'The weights are "random" or "packaged", got {weights!r}.')
    return drawn(name, shape, seed)


def drawn(name: str, shape: tuple[int, ...], seed: int) -> Tensor:
    """He initialisation of filters, normal(0, sqrt(2 / fan in)) (He et al. 2015, equation 10); else 0 or 1.

    Each tensor has a generator of its own, so that it does not matter which others are made, and in which order.
    """
    if name.endswith(("bias", "running_mean")):
        return torch.zeros(shape)
    if len(shape) < 2 or not name.endswith("weight"):
        return torch.ones(shape)
    digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))
    return torch.randn(shape, generator=generator) * math.sqrt(2 / math.prod(shape[1:]))


def _packaged(network: str) -> Mapping[str, Tensor]:
    if network not in PACKAGED:
        raise ValueError(f"Packaged weights exist for {', '.join(PACKAGED)}, got {network!r}.")
    from core import networks  # it needs this package's catalogue itself

    return networks.load(network).state_dict()


def stack_function(
    layers: tuple[StackLayer, ...], input_hw: tuple[int, int], seed: int
) -> Callable[[Tensor], Tensor]:
    """The function from a picture to the map above `layers`, a ReLU after each convolution, filters from `seed`.

    Raises: ValueError if a map vanishes or running the stack takes too long.
    """
    rows = trace_stack(layers, input_hw)
    _check_cost("this stack", sum(row.macs for row in rows), sum(row.parameters for row in rows))
    filters = [
        _filters(layer, before.channels, before.index + 1, seed)
        for before, layer in zip(rows[:-1], layers, strict=True)
    ]

    def function(picture: Tensor) -> Tensor:
        for layer, weight in zip(layers, filters, strict=True):
            picture = _layer(layer, picture, weight)
        return picture

    return function


def _filters(layer: StackLayer, input_channels: int, index: int, seed: int) -> Tensor | None:
    if not layer.has_weights:
        return None
    shape = (layer.channels, input_channels, layer.kernel, layer.kernel)
    made = drawn(f"{index}.weight", shape, seed)
    return made.transpose(0, 1).contiguous() if layer.kind == "transposed" else made


def _layer(layer: StackLayer, x: Tensor, weight: Tensor | None) -> Tensor:
    stride, padding, dilation = layer.stride, layer.padding, layer.dilation
    if layer.kind == "max_pool":
        return functional.max_pool2d(x, layer.kernel, stride, padding, dilation)
    if layer.kind == "avg_pool":
        return functional.avg_pool2d(x, layer.kernel, stride, padding)
    assert weight is not None
    weight = weight.to(x.dtype)
    if layer.kind == "conv":
        return functional.conv2d(x, weight, None, stride, padding, dilation).relu()
    extra = layer.output_padding
    return functional.conv_transpose2d(x, weight, None, stride, padding, extra, 1, dilation).relu()

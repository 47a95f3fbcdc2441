"""What the layers of a shared network compute for a picture, without a hook on it.

The operations of the architecture are written down once (`core.receptive_field.tape`); here they are carried out on
the tensors of the network, and the wanted results are kept. The module itself is not even called, so any number of
threads may ask at once. (torch.fx, on which torchvision's feature extraction builds, patches `torch.nn.Module` for
all threads while it traces; hooks see every thread's forward.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from torch import Tensor

from core.networks.shelf import Known, known
from core.receptive_field.network import recording
from core.receptive_field.tape import PICTURE, Ref, Step, Weight, swapped

_FRESH = ("conv", "norm", "linear", "add", "cat", "scale", "max_pool", "avg_pool")
"""Operations whose result is memory of its own, which a following one may overwrite."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One operation with what it may do: results that nobody needs afterwards are let go."""

    step: int
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    done_with: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    start: int
    calls: tuple[_Call, ...]
    wanted: tuple[tuple[str, int], ...]


def layer_names(network: Any, input_hw: tuple[int, int] = (224, 224)) -> tuple[str, ...]:
    """The names of all layers in execution order: those of `core.receptive_field.network_fields`, and the rest."""
    found = known(network)
    steps = recording(found.architecture, input_hw).steps
    return tuple(steps[i].name for i in _runnable(steps, found))


def activations(
    network: Any,
    tensor: Tensor,
    layers: Sequence[str],
    *,
    after: str = "",
    input_hw: tuple[int, int] = (224, 224),
) -> dict[str, Tensor]:
    """The results of `layers` for one or several pictures, by name.

    A result is the layer's own: a convolution's before its batch normalisation and ReLU, never overwritten by what
    follows. Gradients flow if `tensor` asks for them: torch.autograd.grad then gives those of any result.

    Args:
        network: from `core.networks.load`.
        tensor: [pictures, 3, height, width], normalised; with `after`, the result of that layer instead.
        layers: names as in `layer_names`; the name of a block ("layer4") stands for its last layer.
        after: go on from this layer, for Grad-CAM and for changed maps.
        input_hw: with `after`, height and width of the picture that the map is of.

    Raises: ValueError for a foreign network, an unknown layer, or layers that need more than `after` gives.
    """
    found = known(network)
    picture_hw = input_hw if after else (int(tensor.shape[2]), int(tensor.shape[3]))
    plan = _plan(found.architecture, picture_hw, tuple(layers), after, tensor.requires_grad, _trunk(found))
    return _carried_out(plan, found, tensor)


def _trunk(found: Known) -> bool:
    return all(name.startswith("features.") for name in found.tensors) and "vgg" in found.architecture


def _runnable(steps: list[Step], found: Known) -> list[int]:
    trunk = _trunk(found)
    return [i for i, step in enumerate(steps) if not trunk or step.name.startswith("features.")]


@lru_cache(maxsize=128)
def _plan(
    architecture: str,
    input_hw: tuple[int, int],
    layers: tuple[str, ...],
    after: str,
    gradients: bool,
    trunk: bool,
) -> _Plan:
    steps = recording(architecture, input_hw).steps
    last = max(i for i, step in enumerate(steps) if not trunk or step.name.startswith("features."))
    wanted = tuple((name, _index(steps[: last + 1], name, architecture)) for name in layers)
    start = _index(steps, after, architecture) if after else PICTURE
    needed = sorted(_needed(steps, {index for _, index in wanted}, start, after))
    readers: dict[int, list[int]] = {}
    for i in needed:
        for source in set(steps[i].inputs):
            readers.setdefault(source, []).append(i)
    kept = {index for _, index in wanted} | {start}
    calls = tuple(_call(steps, i, readers, kept, gradients) for i in needed)
    return _Plan(start, calls, wanted)


def _index(steps: Sequence[Step], name: str, architecture: str) -> int:
    for i, step in enumerate(steps):
        if step.name == name:
            return i
    inside = [i for i, step in enumerate(steps) if step.name.startswith(f"{name}.")]
    if not name or not inside:
        raise ValueError(f"The layer is one of {architecture}'s ({steps[0].name}, ...), got {name!r}.")
    return inside[-1]


def _needed(steps: list[Step], wanted: set[int], start: int, after: str) -> set[int]:
    found, waiting = set(), list(wanted)
    while waiting:
        i = waiting.pop()
        if i == start or i in found:
            continue
        if i == PICTURE:
            raise ValueError(f"The layers depend on {after} alone, got one that sees past it.")
        found.add(i)
        waiting.extend(steps[i].inputs)
    return found


def _call(steps: list[Step], i: int, readers: dict[int, list[int]], kept: set[int], gradients: bool) -> _Call:
    step = steps[i]
    first = next((leaf.step for leaf in step.arguments if isinstance(leaf, Ref)), PICTURE)
    may_overwrite = (
        not gradients
        and first not in (PICTURE, *kept)
        and readers[first] == [i]
        and steps[first].kind in _FRESH
    )
    keywords, function = dict(step.keywords), step.function
    if "inplace" in keywords:
        keywords["inplace"] = bool(keywords["inplace"]) and may_overwrite
    elif function is Tensor.add and may_overwrite:
        function = Tensor.add_
    done = tuple(s for s in set(step.inputs) if s not in kept and readers[s][-1] == i)
    return _Call(i, function, step.arguments, keywords, done)


def _carried_out(plan: _Plan, found: Known, tensor: Tensor) -> dict[str, Tensor]:
    values: dict[int, Any] = {plan.start: tensor}
    tensors, pictures = found.tensors, tensor.shape[0]

    def filled(leaf: Any) -> Any:
        if isinstance(leaf, Ref):
            return values[leaf.step] if leaf.item is None else values[leaf.step][leaf.item]
        return tensors[leaf.name] if isinstance(leaf, Weight) else leaf

    for call in plan.calls:
        arguments = swapped(call.arguments, filled)
        if call.function is Tensor.view:  # written down for one picture
            arguments = (arguments[0], pictures, *arguments[2:])
        values[call.step] = call.function(*arguments, **swapped(call.keywords, filled))
        for step in call.done_with:
            values.pop(step, None)
    return {name: values[index] for name, index in plan.wanted}

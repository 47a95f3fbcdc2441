"""The network in training: a trunk whose front is frozen, and a new head.

`requires_grad=False` stops gradients and nothing else: batch normalisation in training mode still moves its running
statistics. So frozen parts stand in evaluation mode throughout; what trains keeps ImageNet's statistics too, unless the
recipe asks for those of each batch. Dropout and stochastic depth inside a trunk are off: they would draw from the
process's generator; the head's dropout has one of its own.
"""

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core import networks
from core.networks.building import classifier_of, filled, is_counter, shapes_of, skeleton, untrained_tensor
from core.transfer.recipe import Recipe
from core.transfer.stages import Stage, stages_of, trunk_parts


@dataclass(slots=True)
class Student:
    """Everything that a training changes.

    Args:
        trunk: the network, with a layer that passes its input on in the place of its last.
        head: the new last layer, whose place is `head_name`.
        stages: of the trunk. trained: so many of them train, counted from the end.
        dropout: of the head's inputs. generator: of the dropout.
        norms_move: batch normalisation in what trains uses each batch's statistics.
    """

    trunk: nn.Module
    head: nn.Linear
    head_name: str
    stages: tuple[Stage, ...]
    trained: int
    dropout: float
    generator: torch.Generator
    norms_move: bool

    @property
    def frozen_modules(self) -> tuple[str, ...]:
        """Paths of the modules that do not train."""
        return tuple(
            path for stage in self.stages[: len(self.stages) - self.trained] for path in stage.modules
        )

    @property
    def trained_modules(self) -> tuple[str, ...]:
        """Paths of the trunk's modules that train."""
        return tuple(
            path for stage in self.stages[len(self.stages) - self.trained :] for path in stage.modules
        )

    def parameters(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Those of the trunk that train, and the head's."""
        trunk = [
            each for path in self.trained_modules for each in self.trunk.get_submodule(path).parameters()
        ]
        return trunk, list(self.head.parameters())

    def set_mode(self, body: nn.Module, *, training: bool) -> None:
        """Put the trunk, or the part of it that is used, in training mode: only batch normalisation knows it."""
        body.eval()
        if not (training and self.norms_move):
            return
        for path in self.trained_modules:
            for module in body.get_submodule(path).modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.train()

    def logits(self, features: Tensor, *, dropping: bool) -> Tensor:
        """What the head says [photos, classes] of its inputs [photos, channels]; inverted dropout in training."""
        if dropping and self.dropout:
            kept = torch.rand(features.shape, generator=self.generator) >= self.dropout
            features = features * kept.to(features.device) / (1 - self.dropout)
        return self.head(features)

    def state(self) -> dict[str, Tensor]:
        """Copies of all tensors by name, as the whole network names them."""
        return {key: value.detach().cpu().clone() for key, value in _whole(self).items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Put copies from `state` back."""
        for key, value in _whole(self).items():
            value.copy_(tensors[key])


def student(recipe: Recipe, classes: int, own: tuple[str, bytes] | None = None) -> Student:
    """A network ready to be trained by a recipe.

    Args:
        own: (architecture, a `.safetensors` file) to begin with instead of the recipe's published weights.

    Raises: WeightsMissing, ValueError: sentences for a person.
    """
    architecture = own[0] if own else networks.record(recipe.network).architecture
    network = skeleton(architecture, classes=classes)
    name, _ = classifier_of(network)
    wanted = shapes_of(network.state_dict())
    given = {} if recipe.approach == "scratch" else _given(recipe.network, own)
    generator = torch.Generator().manual_seed(recipe.seed)
    tensors = {
        key: _head_tensor(shape, wanted[f"{name}.weight"], generator)
        if key.startswith(f"{name}.")
        else given[key].clone()
        if given
        else untrained_tensor(key, shape, recipe.seed)
        for key, shape in wanted.items()
    }
    network = filled(network, tensors)
    stages = stages_of(architecture, recipe.size_px)
    trained = {"scratch": len(stages), "features": 0}.get(recipe.approach, min(recipe.stages, len(stages)))
    moves = recipe.approach == "scratch" or recipe.batch_norm == "batch"
    return _divided(network, name, stages, trained, recipe.dropout, generator, moves)


def _divided(
    network: nn.Module,
    name: str,
    stages: tuple[Stage, ...],
    trained: int,
    dropout: float,
    generator: torch.Generator,
    moves: bool,
) -> Student:
    """The head taken out of its place, and gradients where something trains."""
    head = network.get_submodule(name)
    if not isinstance(head, nn.Linear):
        raise ValueError(
            f"The last layer of a network that is trained here is linear, got {type(head).__name__}."
        )
    owner = network.get_submodule(name.rpartition(".")[0])
    setattr(owner, name.rpartition(".")[2], nn.Identity())
    found = Student(network, head, name, stages, trained, dropout, generator, moves)
    for group in found.parameters():
        for each in group:
            each.requires_grad_(True)
    return found


def _given(network: str, own: tuple[str, bytes] | None) -> dict[str, Tensor]:
    if own is None:
        return dict(networks.load(network).state_dict())
    from core.networks.checkpoint import read_checkpoint

    return read_checkpoint(own[1]).tensors


def _head_tensor(shape: tuple[int, ...], weight: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """uniform(-1, 1) / sqrt(inputs), for weights and biases: what `nn.Linear` starts from."""
    limit = 1 / math.sqrt(weight[1])
    return (2 * torch.rand(shape, generator=generator) - 1) * limit


def _whole(given: Student) -> dict[str, Tensor]:
    """All tensors by name, the head's in its place; those of the module, not copies."""
    held: dict[str, Any] = {key: value.data for key, value in given.trunk.state_dict(keep_vars=True).items()}
    held |= {
        f"{given.head_name}.{key}": value.data for key, value in given.head.state_dict(keep_vars=True).items()
    }
    return held


def moving(given: Student, key: str) -> bool:
    """Whether training may change a tensor of this name."""
    if key.startswith(f"{given.head_name}."):
        return True
    inside = any(key.startswith(f"{path}.") for path in given.trained_modules)
    statistic = is_counter(key) or key.endswith(("running_mean", "running_var"))
    return inside and (given.norms_move or not statistic)


def front_output(given: Student, pictures: Tensor) -> Tensor:
    """What reaches the first stage that trains; nothing behind it is computed.

    A hook may see it, for this network belongs to one training alone.
    """
    first = given.trunk.get_submodule(given.trained_modules[0])
    handle = first.register_forward_pre_hook(_stop_there)
    try:
        given.trunk(pictures)
    except _ReachedError as reached:
        return reached.value
    finally:
        handle.remove()
    raise ValueError(f"A stage is met by every photo, got {given.trained_modules[0]}, which is not.")


class _ReachedError(Exception):
    def __init__(self, value: Tensor) -> None:
        super().__init__()
        self.value = value


def _stop_there(_module: nn.Module, inputs: tuple[Any, ...]) -> None:
    raise _ReachedError(inputs[0])


def without_front(given: Student) -> nn.Module:
    """The trunk with its frozen front taken out: fed with the front's output it gives what the whole gives.

    Whoever uses it compares both first: a network may do more between its modules than call them in turn.
    """
    first = given.trained_modules[0]
    memo = {id(each): each for each in (*given.trunk.parameters(), *given.trunk.buffers())}
    short = copy.deepcopy(given.trunk, memo)  # other modules around the very same tensors
    for path, _ in trunk_parts(_with_head(given)):
        if path == first:
            break
        setattr(short.get_submodule(path.rpartition(".")[0]), path.rpartition(".")[2], nn.Identity())
    return short


def _with_head(given: Student) -> nn.Module:
    """The whole network, for reading: the trunk's modules and a last layer in its place."""
    whole = copy.copy(given.trunk)
    whole._modules = dict(whole._modules)
    owner, path = whole, given.head_name.split(".")
    for name in path[:-1]:
        inner = copy.copy(owner._modules[name])
        assert inner is not None
        inner._modules = dict(inner._modules)
        owner._modules[name] = inner
        owner = inner
    owner._modules[path[-1]] = given.head
    return whole

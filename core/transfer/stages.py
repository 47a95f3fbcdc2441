"""The parts of a network that freeze or train together, in the order in which a photo meets them.

They are read off the modules: the children of the network, and instead of its one large `nn.Sequential` (`features`,
`blocks`) that one's children. A normalisation belongs to what it normalises, so that the two never part. The last
layer is no stage: it is replaced by a new head.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class Stage:
    """One part.

    Args:
        name: dotted path of its first module.
        modules: dotted paths of its modules; every tensor of the network outside the head begins with one of all.
        parameters: weights and biases in it.
        out_shape: (channels, height, width) of its map, or (channels,) behind the pooling.
    """

    name: str
    modules: tuple[str, ...]
    parameters: int
    out_shape: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """The name as a person reads it."""
        return self.name.replace("_", " ").replace("features.", "block ").replace("blocks.", "block ")

    def holds(self, tensor: str) -> bool:
        """Whether a tensor of this name is in it."""
        return any(tensor.startswith(f"{module}.") for module in self.modules)


@lru_cache(maxsize=64)
def stages_of(architecture: str, side_px: int = 224) -> tuple[Stage, ...]:
    """The stages of an architecture's trunk for squares of `side_px`.

    Raises: ValueError for an architecture that is none of `core.receptive_field.NETWORKS`, or a square too small.
    """
    from core.networks.building import skeleton
    from core.receptive_field.network import recording

    shapes = {step.name: step.signal.shape for step in recording(architecture, (side_px, side_px)).steps}
    return tuple(
        Stage(modules[0], modules, size, _last_shape(modules, shapes))
        for modules, size in _grouped(skeleton(architecture))
    )


def head_size(architecture: str, classes: int) -> int:
    """Parameters of the new head: (inputs + 1) x classes.

    Raises: ValueError as `stages_of`.
    """
    from core.networks.building import classifier_of, skeleton

    _, head = classifier_of(skeleton(architecture))
    return (head.in_features + 1) * classes  # type: ignore[operator]


def trunk_parts(network: "nn.Module") -> "tuple[tuple[str, nn.Module], ...]":
    """The modules of the trunk in order, one level under the network or under its one large sequence.

    Those without parameters are among them: a photo goes through all of them.
    """
    from torch import nn

    from core.networks.building import classifier_of

    head, _ = classifier_of(network)
    top = [(name, child) for name, child in network.named_children() if name != head]
    sequences = [
        (name, child)
        for name, child in top
        if type(child) is nn.Sequential and not head.startswith(f"{name}.")
    ]
    single = sequences[0][0] if len(sequences) == 1 else ""
    return tuple(_opened(top, single, head))


def _opened(top: "list[tuple[str, nn.Module]]", single: str, head: str) -> "Iterator[tuple[str, nn.Module]]":
    for name, child in top:
        if name == single or head.startswith(f"{name}."):
            for inner, module in child.named_children():
                if f"{name}.{inner}" != head:
                    yield f"{name}.{inner}", module
        else:
            yield name, child


def _grouped(network: "nn.Module") -> list[tuple[tuple[str, ...], int]]:
    """Paths and parameters of the stages: what only normalises joins the part before it."""
    from torch import nn

    norms = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm)
    found: list[tuple[tuple[str, ...], int]] = []
    for name, module in trunk_parts(network):
        size = sum(each.numel() for each in module.parameters())
        if not size:
            continue
        if found and isinstance(module, norms):
            paths, before = found[-1]
            found[-1] = ((*paths, name), before + size)
        else:
            found.append(((name,), size))
    return found


def _last_shape(modules: tuple[str, ...], shapes: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    """The shape of the last map that these modules make."""
    own = [
        shape for name, shape in shapes.items() if any(f"{name}.".startswith(f"{each}.") for each in modules)
    ]
    return tuple(own[-1][1:]) if own else ()

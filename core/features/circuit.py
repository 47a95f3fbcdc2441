"""A network as a list of operations that can be stopped, looked at and taken up again anywhere.

The operations are those that `core.receptive_field.tape` writes down; the tensors are a network's own. Nothing of the
network itself is called, hooked or changed, so any number of threads may look at one network at once.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

    from core.receptive_field.tape import Step

PICTURE = -1
_TO_CLASSIFIER = ("global_pool", "reshape")
_FRESH = (
    "conv",
    "norm",
    "linear",
    "add",
    "cat",
    "scale",
    "max_pool",
    "avg_pool",
)  # results with memory of their own


@dataclass(frozen=True, slots=True, eq=False)
class Circuit:
    """A network taken apart.

    Args:
        steps: every operation in execution order; the last one gives the output.
        tensors: its parameters and buffers by name; read, never changed.
    """

    steps: "tuple[Step, ...]"
    tensors: "Mapping[str, Tensor]"

    @property
    def last(self) -> int:
        """Number of the operation that gives the output."""
        return len(self.steps) - 1

    def named(self, name: str) -> int:
        """Number of the operation called `name`.

        Raises: ValueError if there is none.
        """
        for index, step in enumerate(self.steps):
            if step.name == name:
                return index
        raise ValueError(f"The layer is one of {self.steps[0].name}, ..., got {name!r}.")


def circuit_of(network: "nn.Module", input_hw: tuple[int, int]) -> Circuit:
    """The circuit of a network that `core.networks` handed out or was introduced to."""
    from core.networks.shelf import known
    from core.receptive_field.network import recording

    found = known(network)
    steps = recording(found.architecture, input_hw).steps
    names = set(found.tensors)
    end = next((i for i, step in enumerate(steps) if not _holds(step, names)), len(steps))
    while end < len(steps) and steps[end - 1].kind in _TO_CLASSIFIER:
        end -= 1
    return Circuit(tuple(steps[:end]), found.tensors)  # a trunk ends before the classifier, in its last map


def circuit_from(network: "nn.Module", input_hw: tuple[int, int], channels: int = 3) -> Circuit:
    """The circuit of any module with operations the tape knows; it is traced on a copy."""
    from copy import deepcopy

    from core.receptive_field.tape import record

    tensors = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    steps = record(deepcopy(network), input_hw, channels).steps
    return Circuit(tuple(steps), {name: tensor.detach() for name, tensor in tensors.items()})


def evaluate(circuit: Circuit, given: Mapping[int, Any], wanted: Collection[int]) -> dict[int, Any]:
    """The results of some operations from the results of others.

    No result that is given or wanted is overwritten by what follows it; what nobody needs any more is let go, or
    written over by an activation or a sum unless a gradient is asked for. Gradients flow if a given result asks for
    them.

    Args:
        given: results by number of the operation; `PICTURE` for the normalised picture [1, 3, height, width].
        wanted: numbers of the operations asked for.
    """
    values = dict(given)
    sparing = not any(getattr(each, "requires_grad", False) for each in given.values())
    for index, finished in _plan(circuit.steps, frozenset(given), frozenset(wanted)):
        free = _first_input(circuit.steps[index])
        spare = sparing and free in finished and free not in given and circuit.steps[free].kind in _FRESH
        values[index] = _carried_out(circuit, index, values, overwrite=spare)
        for each in finished:
            values.pop(each, None)
    return {index: values[index] for index in wanted}


def frontier(circuit: Circuit, index: int) -> frozenset[int]:
    """Which earlier results the rest of the network needs beside that of `index`: shortcuts and parallel branches."""
    later = [i for i in _needed(circuit.steps, {circuit.last}, frozenset({index, PICTURE})) if i > index]
    return frozenset(source for i in later for source in circuit.steps[i].inputs if source < index)


def readers(circuit: Circuit, index: int) -> tuple[int, ...]:
    """The operations that read the result of `index`."""
    return tuple(i for i, step in enumerate(circuit.steps) if index in step.inputs)


def _plan(
    steps: "tuple[Step, ...]", given: frozenset[int], wanted: frozenset[int]
) -> list[tuple[int, list[int]]]:
    """The operations to carry out in order, each with the results that nobody needs after it."""
    needed = _needed(steps, wanted - given, given)
    last_use = {source: index for index in needed for source in steps[index].inputs}
    over: dict[int, list[int]] = {}
    for source, index in last_use.items():
        if source not in wanted:
            over.setdefault(index, []).append(source)
    return [(index, over.get(index, [])) for index in needed]


def _needed(steps: "tuple[Step, ...]", wanted: Collection[int], given: frozenset[int]) -> list[int]:
    found, waiting = set(), list(wanted)
    while waiting:
        index = waiting.pop()
        if index not in found and index not in given:
            if index == PICTURE:
                raise ValueError("The picture is among what is given, or nothing needs it.")
            found.add(index)
            waiting.extend(steps[index].inputs)
    return sorted(found)


def _carried_out(circuit: Circuit, index: int, values: Mapping[int, Any], *, overwrite: bool) -> Any:
    """The result of one operation; with `overwrite` it may take the memory of its first input."""
    from core.receptive_field.tape import swapped

    step = circuit.steps[index]
    arguments = swapped(step.arguments, _filler(circuit, values))
    keywords = swapped(step.keywords, _filler(circuit, values))
    if "inplace" in keywords:
        keywords["inplace"] = overwrite and bool(keywords["inplace"])
    if overwrite and step.kind == "add" and arguments[0].shape == getattr(arguments[1], "shape", None):
        return arguments[0].add_(arguments[1])
    return step.function(*arguments, **keywords)


def _first_input(step: "Step") -> int:
    from core.receptive_field.tape import Ref

    return next(
        (leaf.step for leaf in step.arguments if isinstance(leaf, Ref) and leaf.item is None), PICTURE
    )


def _filler(circuit: Circuit, values: Mapping[int, Any]) -> Callable[[Any], Any]:
    from core.receptive_field.tape import Ref, Weight

    def filled(leaf: Any) -> Any:
        if isinstance(leaf, Ref):
            return values[leaf.step] if leaf.item is None else values[leaf.step][leaf.item]
        return circuit.tensors[leaf.name] if isinstance(leaf, Weight) else leaf

    return filled


def weight_names(step: "Step") -> list[str]:
    """The names of the tensors among an operation's arguments."""
    from core.receptive_field.tape import Weight, swapped

    found: list[str] = []
    swapped(
        (step.arguments, step.keywords),
        lambda leaf: found.append(leaf.name) if isinstance(leaf, Weight) else None,
    )
    return found


def _holds(step: "Step", names: set[str]) -> bool:
    return names.issuperset(weight_names(step))

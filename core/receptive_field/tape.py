"""Run a network once on a stand-in for the picture and write down every operation it makes.

The stand-in knows only its shape and what its units see; PyTorch hands every function it meets to it
(`__torch_function__`), so branches, functions and repeated modules are followed as they are executed. No weights
are needed and nothing global is touched: symbolic tracing with torch.fx patches `nn.Module` for all threads while
it runs, which breaks networks that other sessions use at that moment.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from core.receptive_field import rules
from core.receptive_field.rules import Outcome, Signal

PICTURE = -1
_NAMED_BY_WEIGHT = ("conv", "norm", "linear")


@dataclass(frozen=True, slots=True)
class Ref:
    """An argument that an earlier step makes (-1: the picture); `item` counts in a tuple of results."""

    step: int
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """An argument that is a parameter or buffer of the network."""

    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: what was called with which arguments, and the map it makes.

    Args:
        name: dotted path of the module, or of the module that calls a function with that function's name; used
            again it gets _1, _2, ... (the names of torchvision's feature extraction, one level finer).
        kind: "conv", "max_pool", "avg_pool", "activation", "norm", "add", "cat", "scale", ...
        inputs: the steps it reads (-1: the picture).
        signal: the map, or the first one of a tuple.
        parameters, macs: of this step alone, for one picture.
    """

    name: str
    kind: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    inputs: tuple[int, ...]
    signal: Signal
    parameters: int
    macs: int


@dataclass(slots=True)
class Tape:
    """All steps of one run in execution order, and the shapes of the parameters and buffers by name."""

    steps: list[Step] = field(default_factory=list)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)
    _path: list[tuple[str, bool]] = field(default_factory=lambda: [("", False)])
    _used: dict[str, int] = field(default_factory=dict)

    def record(self, function: Callable[..., Any], arguments: tuple, keywords: dict) -> Any:
        """Write down one call; returns the stand-in for its result (a tuple of them for a split)."""
        base = function.__name__.strip("_")
        outcome = rules.apply(base, swapped(arguments, _signal), swapped(keywords, _signal))
        leaves = list(_leaves((arguments, keywords)))
        stand_ins = [leaf for leaf in leaves if isinstance(leaf, StandIn)]
        if outcome.kind == "identity":
            return stand_ins[0]
        tensors = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]
        self.steps.append(
            Step(
                self._name(base, outcome.kind, tensors),
                outcome.kind,
                function,
                swapped(arguments, self._stored),
                swapped(keywords, self._stored),
                tuple(each.ref.step for each in stand_ins),
                outcome.signals[0],
                sum(each.numel() for each in tensors if isinstance(each, nn.Parameter)),
                outcome.macs,
            )
        )
        return self._results(outcome)

    def _results(self, outcome: Outcome) -> Any:
        index = len(self.steps) - 1
        if not outcome.is_tuple:
            return StandIn(self, Ref(index), outcome.signals[0])
        return tuple(StandIn(self, Ref(index, i), signal) for i, signal in enumerate(outcome.signals))

    def _name(self, base: str, kind: str, tensors: list[torch.Tensor]) -> str:
        path, is_leaf = self._path[-1]
        if tensors and kind in _NAMED_BY_WEIGHT:
            path, is_leaf = self._names[id(tensors[0])].rpartition(".")[0], True
        name = path if is_leaf else f"{path}.{base}".lstrip(".")
        times = self._used[name] = self._used.get(name, -1) + 1
        return f"{name}_{times}" if times else name

    def _stored(self, leaf: Any) -> Any:
        if isinstance(leaf, StandIn):
            return leaf.ref
        return Weight(self._names[id(leaf)]) if isinstance(leaf, torch.Tensor) else leaf


class StandIn:
    """Takes the place of the picture or a map while the network runs; every call on it goes to the tape."""

    device = torch.device("meta")
    dtype = torch.float32
    requires_grad = False

    def __init__(self, tape: Tape, ref: Ref, signal: Signal) -> None:
        self.tape, self.ref, self.signal = tape, ref, signal

    @classmethod
    def __torch_function__(
        cls, function: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        tape = next(leaf.tape for leaf in _leaves((args, kwargs)) if isinstance(leaf, StandIn))
        return tape.record(function, args, kwargs or {})

    @property
    def shape(self) -> torch.Size:
        return torch.Size(self.signal.shape)

    @property
    def ndim(self) -> int:
        return len(self.signal.shape)

    def dim(self) -> int:
        return self.ndim

    def size(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self.shape[dim]

    def __add__(self, other: Any) -> Any:
        return self.tape.record(torch.Tensor.add, (self, other), {})

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        return self.tape.record(torch.Tensor.mul, (self, other), {})

    __rmul__ = __mul__

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in rules.RULES:
            raise AttributeError(f"A stand-in for a map has no {name}.")
        method = getattr(torch.Tensor, name)
        return lambda *arguments, **keywords: self.tape.record(method, (self, *arguments), keywords)


def record(network: nn.Module, input_hw: tuple[int, int], channels: int = 3) -> Tape:
    """Write down one evaluation of `network` on a picture of `input_hw`.

    The network is used up: its modules are given recording forwards. Hand over one that nobody else uses.

    Raises: ValueError if a map would vanish; NotImplementedError for a function without a rule.
    """
    tape = Tape()
    tensors = [*network.named_parameters(), *network.named_buffers()]
    tape._names = {id(tensor): name for name, tensor in tensors}
    tape.shapes = {name: tuple(tensor.shape) for name, tensor in tensors}
    for path, module in network.named_modules():
        is_leaf = type(module).__module__.startswith("torch.nn.") and not list(module.children())
        module.forward = functools.partial(_inside, tape._path, (path, is_leaf), module.forward)
    network.eval()(StandIn(tape, Ref(PICTURE), Signal((1, channels, *input_hw))))
    return tape


def _inside(path: list, here: tuple[str, bool], forward: Callable, *arguments: Any, **keywords: Any) -> Any:
    path.append(here)
    try:
        return forward(*arguments, **keywords)
    finally:
        path.pop()


def _signal(leaf: Any) -> Any:
    return leaf.signal if isinstance(leaf, StandIn) else leaf


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def swapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """`value` with every leaf of its tuples, lists and dicts replaced by `change(leaf)`."""
    if isinstance(value, dict):
        return {key: swapped(each, change) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(swapped(each, change) for each in value)
    return change(value)
